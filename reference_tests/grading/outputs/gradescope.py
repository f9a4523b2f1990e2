"""Gradescope: results.json with the fields that its documentation has, and an autograder zip that grades just so."""

import json
import os
import sys
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from ...errors import UsageError
from ...reports.json_report import write_whole
from .. import messages as words
from ..result import UNLOADABLE, ComponentResult, Result

OUTPUT = 60_000  # characters of one test's output
ROOT = Path(__file__).parents[3]
PACKAGES = ("impl", "reference_tests", "golden")
LEFT_OUT = ("tests", "corpus", "quality", "benchmarks", "frameworks", "__pycache__")
SETUP = """#!/usr/bin/env bash
set -euo pipefail
apt-get update
apt-get install -y python3 python3-pip python3-venv
python3 -m venv /opt/convcheck
/opt/convcheck/bin/pip install --no-cache-dir numpy scipy
/opt/convcheck/bin/pip install --no-cache-dir {index} torch
/opt/convcheck/bin/pip install --no-cache-dir '/autograder/source/convcheck[report]'
"""
RUN = """#!/usr/bin/env bash
# Exit status 3: the grader is at fault; then there is no results.json, and nobody gets a zero for it.
set -euo pipefail
cd /
exec /opt/convcheck/bin/convcheck gradescope run /autograder {options}
"""


def as_results(result: Result, seconds: bool = True) -> dict[str, Any]:
    """What Gradescope shows. One test a component and kind; the hidden ones say points and one fixed sentence."""
    tests = [test for name, about in result.components.items() for test in of_component(name, about)]
    said = [words.isolation(result.isolation), f"convcheck {result.suite_version}", *result.notes]
    if result.late:
        late = result.late
        said.insert(0, words.late(late.submitted, late.days, late.percent, late.points))
    if result.outcome == UNLOADABLE:
        said.insert(0, f"{words.outcome(result.outcome)}: {result.reason}")
    return {
        "score": result.score,
        "execution_time": round(result.seconds, 2) if seconds else 0,
        "output": "\n".join(said)[:OUTPUT],
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "extra_data": {"rubric_hash": result.rubric_hash, "suite_version": result.suite_version},
        "tests": [{**test, "number": str(number)} for number, test in enumerate(tests, 1)],
    }


def of_component(name: str, about: ComponentResult) -> Iterator[dict[str, Any]]:
    for hidden in (False, True):
        checks = [check for check in about.checks if check.hidden == hidden and check.max_points]
        if not checks:
            continue
        earned, most = (round(sum(getattr(c, key) for c in checks), 4) for key in ("points", "max_points"))
        messages = [words.hidden_hint()] if hidden else [c.message for c in checks if c.message]
        right = all(check.status == "pass" for check in checks)
        yield {
            "name": f"{name} ({words.spoken('hidden cases')})" if hidden else name,
            "score": earned,
            "max_score": most,
            "status": "passed" if right else "failed",
            "output": "" if right else "\n\n".join(messages or [words.status(about.status)])[:OUTPUT],
            "visibility": "visible",
            "tags": [],
            "extra_data": {},
        }


def build(out: Path, rubric: Path | None, seed: int, options: list[str]) -> None:
    """The zip to upload as the autograder. Its secret seed is in it: the same hidden cases for the whole class."""
    if not out.parent.is_dir():
        raise UsageError(f"--out {out}: there is no folder {out.parent}")
    if not (ROOT / "pyproject.toml").is_file():
        raise UsageError("the autograder is built from a checkout of convcheck, since it carries its source with it")
    index = "--index-url https://download.pytorch.org/whl/cpu"
    beside = out.with_name(f".{out.name}.part")
    with zipfile.ZipFile(beside, "w", zipfile.ZIP_DEFLATED) as archive:
        add(archive, "setup.sh", SETUP.format(index=index), 0o755)
        add(archive, "run_autograder", RUN.format(options=" ".join(options)).replace(" \n", "\n"), 0o755)
        add(archive, "seed", f"{seed}\n")
        if rubric:
            add(archive, "rubric.toml", rubric.read_text(encoding="utf-8"))
        for path in carried():
            add(archive, f"convcheck/{path.relative_to(ROOT).as_posix()}", path.read_bytes())
    os.replace(beside, out)


def add(archive: zipfile.ZipFile, name: str, content: str | bytes, mode: int = 0o644) -> None:
    entry = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
    entry.external_attr, entry.compress_type = (0o100000 | mode) << 16, zipfile.ZIP_DEFLATED
    archive.writestr(entry, content)


def carried() -> Iterator[Path]:
    """convcheck's own source, without its tests."""
    yield from (p for p in (ROOT / name for name in ("pyproject.toml", "README.md", "LICENSE")) if p.is_file())
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*")):
            if path.is_file() and not set(path.relative_to(ROOT).parts) & set(LEFT_OUT):
                yield path


def run(folder: Path, **how: Any) -> int:
    """Grades /autograder/submission and writes /autograder/results/results.json. -> exit status."""
    from ..run import grade

    source = folder / "source"
    rubric = source / "rubric.toml"
    try:
        seed = int((source / "seed").read_text())
    except (OSError, ValueError):
        raise UsageError(f"{source}/seed is not there: build the zip with `convcheck gradescope build`") from None
    results = folder / "results" / "results.json"
    results.unlink(missing_ok=True)
    (result,) = grade(
        [],
        submissions=[of_metadata(folder)],
        rubric=rubric if rubric.is_file() else None,
        seed=seed,
        jobs=1,
        **how,
    )
    print(f"seed {seed}, isolation {result.isolation}, {result.outcome}: {result.reason}")
    if result.score is None:
        print(f"convcheck: a fault of the grader: {result.reason}", file=sys.stderr)
        return 3
    results.parent.mkdir(parents=True, exist_ok=True)
    write_whole(results, (json.dumps(as_results(result), indent=1, ensure_ascii=False) + "\n").encode())
    return 0


def of_metadata(folder: Path) -> Any:
    """The submission, with who and when out of submission_metadata.json."""
    from ..submissions.find import Student, Submission

    try:
        about = json.loads((folder / "submission_metadata.json").read_bytes())
        users = tuple(
            Student(str(user.get("id", "")), str(user.get("name", "")), str(user.get("email", "")))
            for user in about.get("users", [])
        )
        submitted = datetime.fromisoformat(str(about["created_at"])).isoformat()
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        users, submitted = (), ""
    path = folder / "submission"
    inside = [p for p in path.iterdir() if not p.name.startswith(".")] if path.is_dir() else []
    only = inside[0] if len(inside) == 1 else path
    return Submission(only.name, str(only), users, submitted)
