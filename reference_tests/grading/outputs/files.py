"""Who writes what: a submission's own files as it is done, the class's when all are."""

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ...reports.environment import environment
from ...reports.json_report import write_whole
from ..result import GRADED, Result
from ..run import STUDENTS, GradingRun
from . import gradescope, pages
from .overview import Overview, class_csv, overview

SCHEMA = 1


def slug(name: str) -> str:
    """A file's name that is one everywhere, different for different submissions."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", name).strip(".")[:80]
    if plain == name and plain == plain.lower():
        return plain
    return f"{plain}-{hashlib.sha256(name.encode(errors='surrogateescape')).hexdigest()[:8]}"


def as_json(result: Result, about: dict[str, object]) -> dict[str, Any]:
    """As verify's, with points: what a student may see."""
    seen = result.as_seen()
    ok = result.outcome == GRADED and all(c.status in ("pass", "partial", "absent") for c in result.components.values())
    first = {"schema": SCHEMA, "target": result.submission, "ok": ok, "environment": about}
    return {**first, **seen}


def of_student(run: GradingRun) -> Callable[[Result], None]:
    """-> what writes one submission's JSON, page and Gradescope results."""
    page = pages.student_page(run.setting.rubric)
    about = environment(("cpu",))

    def write(result: Result) -> None:
        path = run.out / STUDENTS / slug(result.submission)
        said = as_json(result, about)
        write_text(with_suffix(path, ".json"), json.dumps(said, ensure_ascii=False) + "\n")
        write_text(with_suffix(path, ".html"), page(result, said))
        if result.outcome != "grader error":
            for_gradescope = json.dumps(gradescope.as_results(result), indent=1, ensure_ascii=False) + "\n"
            write_text(with_suffix(path, ".gradescope.json"), for_gradescope)

    return write


def with_suffix(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def write_text(path: Path, text: str) -> None:
    write_whole(path, text.encode("utf-8", "backslashreplace"))


def of_class(run: GradingRun) -> Overview:
    """Writes class.csv and class.html."""
    found = overview(run.results())
    write_text(run.out / "class.csv", class_csv(found))
    write_text(run.out / "class.html", pages.class_page(found, run.setting, slug))
    return found
