"""The answers measured at the pinned versions: `python -m reference_tests.frameworks.recorded [NAME=PYTHON ...]` anew.

measured.json holds versions and what each cell said, no column for impl, and no answer that depends on the processor.
"""

import json
import sys
from pathlib import Path
from typing import Any

from .language import english
from .questions import QUESTIONS
from .registry import COLUMNS, DEFAULT
from .report import build
from .runner import measure_all

FILE = Path(__file__).with_name("measured.json")
COMPARABLE = [q for q in QUESTIONS if not q.varies]


def condensed(report: dict[str, Any]) -> dict[str, Any]:
    """{framework: {version, answers: {id: shown}}} of every framework that is there."""
    return {
        name: {
            "version": framework["version"],
            "answers": {q["id"]: q["answers"][name]["shown"] for q in report["questions"]},
        }
        for name, framework in report["frameworks"].items()
        if framework["status"] != "missing"
    }


def live(names: list[str], pythons: dict[str, str], keep: bool = False) -> dict[str, Any]:
    columns = [COLUMNS[name] for name in names]
    return condensed(build(columns, COMPARABLE, measure_all(columns, COMPARABLE, pythons, keep), english))


def kept() -> dict[str, Any]:
    return json.loads(FILE.read_text(encoding="utf-8"))


def main() -> None:
    """Writes what is installed; a framework that is not keeps what was measured before."""
    pythons = dict(pair.split("=", 1) for pair in sys.argv[1:])
    found = {**(kept() if FILE.exists() else {}), **live([n for n in DEFAULT if n != "impl"], pythons)}
    FILE.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
