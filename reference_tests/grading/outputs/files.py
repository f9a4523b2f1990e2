"""Output files: one set per submission as it finishes, class files at the end."""

import hashlib
import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from ...files import write_atomically
from ...i18n import speaking
from ...reports.environment import describe_environment
from ..result import GRADED, Result
from ..run import STUDENTS, GradingRun
from . import class_page, gradebooks, gradescope, pages
from .overview import Overview, format_class_csv, summarize

SCHEMA = 1
# names like those that are made here, and those that Windows keeps for devices
MADE = re.compile(r"-[0-9a-f]{8}$|\.gradescope$|^(con|prn|aux|nul|com\d|lpt\d)(\.|$)")


def slug(name: str) -> str:
    """Return a file name for a submission: valid on every system, and different for different submissions."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", name).strip(".")[:80]
    if plain == name and plain == plain.lower() and not MADE.search(plain):
        return plain
    return f"{plain}-{hashlib.sha256(name.encode(errors='surrogateescape')).hexdigest()[:8]}"


def as_json(result: Result, machine: dict[str, object]) -> dict[str, Any]:
    """Return verify's JSON with points: what a student may see. machine: the environment of the run."""
    public = result.for_student()
    for component in public["components"].values():
        del component["shown"]  # for the page
    ok = result.outcome == GRADED and all(c.status in ("pass", "partial", "absent") for c in result.components.values())
    return {"schema": SCHEMA, "target": result.submission, "ok": ok, "environment": machine, **public}


def student_writer(run: GradingRun) -> Callable[[Result], None]:
    """Return a function that writes one submission's JSON, page and Gradescope results."""
    render_page = pages.student_page_renderer(run.settings.rubric)
    machine = describe_environment(("cpu",))

    def write(result: Result) -> None:
        folder, name = run.out / STUDENTS, slug(result.submission)
        with speaking(run.settings.rubric.language):
            public = as_json(result, machine)
            write_text(folder / f"{name}.json", json.dumps(public, ensure_ascii=False) + "\n")
            write_text(folder / f"{name}.html", render_page(result))
            if result.score is not None:
                for_gradescope = json.dumps(gradescope.as_results(result), indent=1, ensure_ascii=False) + "\n"
                write_text(folder / f"{name}.gradescope.json", for_gradescope)

    return write


def write_text(path: Path, text: str) -> None:
    """Write a text that may hold a submission's broken characters."""
    write_atomically(path, text.encode("utf-8", "backslashreplace"))


def write_class(run: GradingRun, books: Iterable[gradebooks.Template] = ()) -> Overview:
    """Write class.csv and class.html. Return what they show. books: gradebooks: they know names, and who is missing."""
    with speaking(run.settings.rubric.language):
        results = gradebooks.add_names(summarize(run.results()), books)
        write_text(run.out / "class.csv", format_class_csv(results))
        write_text(run.out / "class.html", class_page.render_class_page(results, run.settings, slug))
    return results
