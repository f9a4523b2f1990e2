"""The answers recorded at the pinned versions: `python -m reference_tests.frameworks.recorded [NAME=PYTHON ...]`.

The command measures again. recorded.json holds each framework's version and the text of each cell, no column for impl,
and no answer that depends on the processor.
"""

import json
import sys
from pathlib import Path
from typing import Any

from ..i18n import english
from .questions import QUESTIONS
from .registry import DEFAULT, FRAMEWORKS, expand_groups
from .report import build_report
from .runner import measure_all

FILE = Path(__file__).with_name("recorded.json")
COMPARABLE = [q for q in QUESTIONS if not q.varies]


def condense(report: dict[str, Any]) -> dict[str, Any]:
    """Reduce a report to {framework: {version, answers: {id: shown}}}, without the frameworks that are missing."""
    return {
        name: {
            "version": framework["version"],
            "answers": {q["id"]: q["answers"][name]["shown"] for q in report["questions"]},
        }
        for name, framework in report["frameworks"].items()
        if framework["status"] != "missing"
    }


def measure_now(names: list[str], pythons: dict[str, str], keep: bool = False) -> dict[str, Any]:
    """Measure these frameworks and return the result in the form of the record."""
    frameworks = [FRAMEWORKS[name] for name in names]
    measured = measure_all(frameworks, COMPARABLE, pythons, keep)
    return condense(build_report(frameworks, COMPARABLE, measured, english))


def load() -> dict[str, Any]:
    """Return the recorded answers."""
    return json.loads(FILE.read_text(encoding="utf-8"))


def main() -> None:
    """Record the frameworks that are installed; the others keep their recorded answers."""
    pythons = expand_groups(dict(pair.split("=", 1) for pair in sys.argv[1:]))
    now = measure_now([n for n in DEFAULT if n != "impl"], pythons, keep=True)
    answers = {name: now.get(name) or before for name, before in {**load(), **now}.items() if name in FRAMEWORKS}
    FILE.write_text(json.dumps(answers, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
