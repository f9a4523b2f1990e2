"""The answers recorded at the pinned versions: `python -m reference_tests.frameworks.recorded [--check] [NAME ...]`.

The command measures again, or compares with the record. recorded.json holds each framework's version and the text of
each cell, and no answer that depends on the processor.
"""

import json
import sys
from pathlib import Path
from typing import Any

from ..i18n import english
from .columns import select_columns
from .environments import installed_pythons
from .interpret import ABOUT_SHAPES
from .questions import QUESTIONS
from .registry import FRAMEWORKS, expand_groups
from .report import build_report
from .runner import measure_all

FILE = Path(__file__).with_name("recorded.json")
VARIED = "varied between two runs"
COMPARABLE = [q for q in QUESTIONS if not q.varies]


def condense(report: dict[str, Any]) -> dict[str, Any]:
    """Reduce a report to {framework: {version, answers: {id: shown}}}, without the frameworks that are missing."""
    return {
        name: {
            "version": framework["version"],
            "answers": {q["id"]: recorded_text(q["answers"][name], q["how"]) for q in report["questions"]},
        }
        for name, framework in report["frameworks"].items()
        if framework["status"] != "missing"
    }


def recorded_text(answer: dict[str, Any], how: str) -> str:
    """Return what is recorded of a cell: its words, unless they may differ from run to run.

    how: how the answer is read; of one that is read by its shape the numbers may be whatever stood in memory.
    """
    return VARIED if answer["unstable"] and how not in ABOUT_SHAPES else answer["shown"]


def measure_now(names: list[str], pythons: dict[str, str], keep: bool = False) -> dict[str, Any]:
    """Measure these frameworks and return the result in the form of the record."""
    frameworks = [FRAMEWORKS[name] for name in names]
    measured = measure_all(frameworks, COMPARABLE, pythons, keep)
    return condense(build_report(frameworks, COMPARABLE, measured, english))


def load() -> dict[str, Any]:
    """Return the recorded answers."""
    return json.loads(FILE.read_text(encoding="utf-8"))


def changes(now: dict[str, Any]) -> list[str]:
    """Return a line for each cell that is no longer as recorded: column, question, before, now."""
    before = load()
    return [
        f"{name} {now[name]['version']} (recorded: {before.get(name, {}).get('version')}) {id}: {old} -> {new}"
        for name in now
        for id, new in now[name]["answers"].items()
        if (old := before.get(name, {}).get("answers", {}).get(id)) != new and VARIED not in (old, new)
    ]


def main() -> None:
    """Record the columns that are installed, the others keep their answers; with --check compare with the record.

    Columns: those named, else those asked by default. NAME=PYTHON names an interpreter; environments of `--install`
    are found.
    """
    words = [word for word in sys.argv[1:] if word != "--check"]
    given = expand_groups(dict(word.split("=", 1) for word in words if "=" in word))
    names = [f.name for f in select_columns(",".join(word for word in words if "=" not in word) or None)[0]]
    now = measure_now(names, {**installed_pythons(), **given})
    if "--check" in sys.argv:
        found = changes(now)
        print("\n".join(found) or f"as recorded: {', '.join(now)}")
        sys.exit(bool(found))
    answers = {name: now.get(name) or before for name, before in {**load(), **now}.items() if name in FRAMEWORKS}
    FILE.write_text(json.dumps(answers, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
