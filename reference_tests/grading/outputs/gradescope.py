"""Gradescope: results.json with the fields that its documentation lists, and the autograder zip."""

import json
import os
import sys
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from ...errors import UsageError
from ...files import write_atomically
from ...i18n import _, speaking
from .. import messages
from ..result import UNLOADABLE, ComponentResult, Result
from ..rubric_toml import find_file
from ..submissions.submission import Student, Submission

OUTPUT = 60_000  # characters of one test's output
ROOT = Path(__file__).parents[3]
TOP = ("pyproject.toml", "README.md", "LICENSE", ".ci/build_backend.py")
PACKAGES = ("impl", "reference_tests", "golden")
LEFT_OUT = ("tests", "corpus", "quality", "benchmarks", "frameworks", "__pycache__")
SETUP = """#!/usr/bin/env bash
set -euo pipefail
apt-get update
apt-get install -y python3 python3-pip python3-venv
python3 -m venv /opt/convcheck
/opt/convcheck/bin/pip install --no-cache-dir '/autograder/source/convcheck[report]'
"""
RUN_AUTOGRADER = """#!/usr/bin/env bash
# Exit status 3: the grader is at fault; then there is no results.json, and nobody gets a zero for it.
set -euo pipefail
cd /
exec /opt/convcheck/bin/convcheck gradescope run /autograder {options}
"""


def as_results(result: Result, seconds: bool = True) -> dict[str, Any]:
    """Return Gradescope's results.json: a test for the public and one for the hidden checks of each component.

    The hidden ones show their points and one fixed sentence.
    """
    tests = [test for name, component in result.components.items() for test in make_tests(name, component)]
    output = [messages.isolation(result.isolation), f"convcheck {result.suite_version}", *result.notes]
    if result.late:
        late = result.late
        output.insert(0, messages.late(late.submitted, late.days, late.percent, late.points))
    elif result.marked_late:
        output.insert(0, messages.marked_late())
    if result.outcome == UNLOADABLE:
        output.insert(0, f"{messages.outcome(result.outcome)}: {result.reason}")
    return {
        "score": result.score,
        "execution_time": round(result.public_seconds(), 2) if seconds else 0,
        "output": "\n".join(output)[:OUTPUT],
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "extra_data": {"rubric_hash": result.rubric_hash, "suite_version": result.suite_version},
        "tests": [{**test, "number": str(number)} for number, test in enumerate(tests, 1)],
    }


def make_tests(name: str, component: ComponentResult) -> Iterator[dict[str, Any]]:
    """Yield a component's tests as Gradescope wants them."""
    for hidden in (False, True):
        checks = [check for check in component.checks if check.hidden == hidden and check.max_points]
        if not checks:
            continue
        earned, most = (round(sum(getattr(c, key) for c in checks), 4) for key in ("points", "max_points"))
        texts = [messages.hidden_hint()] if hidden else [messages.status_and_counts(component.status, component.levels)]
        texts += [] if hidden else component.why
        texts += [check.message for check in checks if check.message and not hidden]
        right = all(check.status == "pass" for check in checks)
        yield {
            "name": f"{name} ({_('hidden cases')})" if hidden else name,
            "score": earned,
            "max_score": most,
            "status": "passed" if right else "failed",
            "output": "" if right else "\n\n".join(texts)[:OUTPUT],
            "visibility": "visible",
            "tags": [],
            "extra_data": {},
        }


def build(out: Path, rubric: Path | None, seed: int, options: list[str]) -> None:
    """Write the zip to upload as the autograder. Its seed is in it, so that the whole class has the same hidden cases.

    options: of `convcheck gradescope run`. Raises UsageError.
    """
    if not out.parent.is_dir():
        raise UsageError(f"--out {out}: " + _("there is no folder {path}").format(path=out.parent))
    if not (ROOT / "pyproject.toml").is_file():
        raise UsageError(_("the autograder is built from a checkout of convcheck, since it carries its source with it"))
    temporary = out.with_name(f".{out.name}.part")
    with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
        add(archive, "setup.sh", SETUP + install_packages(rubric), 0o755)
        add(archive, "run_autograder", RUN_AUTOGRADER.format(options=" ".join(options)).replace(" \n", "\n"), 0o755)
        add(archive, "seed", f"{seed}\n")
        if rubric:
            add(archive, "rubric.toml", find_file(rubric).read_text(encoding="utf-8"))
        for path in own_sources():
            add(archive, f"convcheck/{path.relative_to(ROOT).as_posix()}", path.read_bytes())
    os.replace(temporary, out)


def install_packages(rubric: Path | None) -> str:
    """Return the line of setup.sh that installs the packages which a rubric allows, "" for none. Raises UsageError."""
    from ..rubric_toml import load
    from ..sandbox.packages import name_to_install

    wanted = [name_to_install(name) for name in load(rubric).packages] if rubric else []
    return f"/opt/convcheck/bin/pip install --no-cache-dir {' '.join(wanted)}\n" if wanted else ""


def add(archive: zipfile.ZipFile, name: str, content: str | bytes, mode: int = 0o644) -> None:
    """Add a file with a fixed date: the same content gives the same zip."""
    entry = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
    entry.external_attr, entry.compress_type = (0o100000 | mode) << 16, zipfile.ZIP_DEFLATED
    archive.writestr(entry, content)


def own_sources() -> Iterator[Path]:
    """Yield the files of convcheck's own source that pip needs to install it, without tests."""
    yield from (p for p in (ROOT / name for name in TOP) if p.is_file())
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*")):
            if path.is_file() and not set(path.relative_to(ROOT).parts) & set(LEFT_OUT):
                yield path


def run(folder: Path, **options: Any) -> int:
    """Grade /autograder/submission and write /autograder/results/results.json. Return the exit status.

    options: of reference_tests.grading.grade. Raises UsageError if the zip is incomplete.
    """
    from ..rubric_toml import load
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
        submissions=[find_submission(folder)],
        rubric=rubric if rubric.is_file() else None,
        seed=seed,
        jobs=1,
        **options,
    )
    print(f"seed {seed}, isolation {result.isolation}, {result.outcome}: {result.reason}")
    if result.score is None:
        print(f"convcheck: a fault of the grader: {result.reason}", file=sys.stderr)
        return 3
    results.parent.mkdir(parents=True, exist_ok=True)
    with speaking(load(rubric if rubric.is_file() else None).language):
        text = json.dumps(as_results(result), indent=1, ensure_ascii=False) + "\n"
    write_atomically(results, text)
    return 0


def find_submission(folder: Path) -> Submission:
    """Return the one submission there, with its students and time if submission_metadata.json tells them."""
    path = folder / "submission"
    inside = [p for p in path.iterdir() if not p.name.startswith(".")] if path.is_dir() else []
    only = inside[0] if len(inside) == 1 else path
    try:
        metadata = json.loads((folder / "submission_metadata.json").read_bytes())
        students = tuple(
            Student(str(user.get("id", "")), str(user.get("name", "")), str(user.get("email", "")))
            for user in metadata.get("users", [])
        )
        submitted = datetime.fromisoformat(str(metadata["created_at"])).isoformat()
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return Submission(only.name, str(only))
    return Submission(only.name, str(only), students, submitted)
