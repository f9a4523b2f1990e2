"""What a run is asked for, settled: the level of isolation that there is, the seed, the version of the suite."""

import hashlib
import re
import secrets
import sys
from collections.abc import Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from ..errors import UsageError
from .grade_one import RunSettings
from .rubric import Rubric
from .rubric_toml import load
from .sandbox import levels

PACKAGE = Path(__file__).parents[1]
UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
LEAST_MEMORY = 256 << 20  # bytes: NumPy alone needs some of it
DEFAULT_LEVEL = "confined"


def merge_settings(
    rubric: Rubric | str | Path | None = None,
    *,
    seed: int | None = None,
    isolation: str | None = None,
    require_isolation: str | None = None,
    allow_unconfined: bool = False,
    timeout: float = 5.0,
    submission_timeout: float = 120.0,
    memory: int | str = "2G",
) -> RunSettings:
    """Raises WrongUse, of which RubricError is one."""
    for name, value in (("timeout", timeout), ("submission-timeout", submission_timeout)):
        if not 0 < value < 1e6:
            raise UsageError(f"--{name} {value:g}: it must be above 0 seconds")
    if seed is not None and seed < 1:
        raise UsageError(f"--seed {seed}: it must be above 0")
    return RunSettings(
        rubric if isinstance(rubric, Rubric) else load(rubric),
        seed or secrets.randbits(62) + 1,
        "given" if seed else "secret",
        suite_version(),
        level(isolation, require_isolation, allow_unconfined),
        timeout,
        submission_timeout,
        in_bytes(memory),
    )


def level(wanted: str | None, required: str | None, allowed: bool) -> str:
    """The level to run at. What is missing here is refused, unless that is overridden: then the best there is below."""
    for option, name in (("--isolation", wanted), ("--require-isolation", required)):
        if name is not None and name not in levels.LEVELS:
            raise UsageError(f"{option} {name}: there are {', '.join(levels.LEVELS)}")
    chosen = wanted or DEFAULT_LEVEL
    missing = levels.missing(chosen)
    if missing and not allowed:
        raise UsageError(
            f"isolation {chosen} is missing on this machine: {missing}.\n"
            "  Without it a submission can read the answers, your files and other submissions, and start programs.\n"
            "  --allow-unconfined grades at the best level there is, for submissions that you trust; "
            "`convcheck doctor` tells which there are."
        )
    if missing:
        below = levels.LEVELS[: levels.LEVELS.index(chosen)]
        chosen = [name for name in below if not levels.missing(name)][-1]
    if required and levels.LEVELS.index(chosen) < levels.LEVELS.index(required):
        raise UsageError(f"--require-isolation {required}: this run would have {chosen} only")
    return chosen


def warning(chosen: str) -> str:
    """What is said loudly where submissions are not confined."""
    if chosen in ("confined", "bwrap"):
        return ""
    can = "its code runs in the grader itself" if chosen == "none" else "it has a process of its own, and no more"
    return (
        f"isolation is only {chosen}: {can}. A submission can read the answers, your files and other submissions, "
        "start programs and use the network. Grade only what you trust."
    )


def in_bytes(memory: int | str) -> int:
    match = re.fullmatch(r"(\d+)\s*([KMG]?)i?B?", str(memory), re.I)
    size = int(match[1]) * UNITS[match[2].upper()] if match else 0
    if not LEAST_MEMORY <= size <= sys.maxsize:
        raise UsageError(f"--memory {memory}: write it as 2G or 1500M; at least {LEAST_MEMORY >> 20}M")
    return size


@cache
def suite_version() -> str:
    """The release, and a fingerprint of all that decides a verdict or its points."""
    whole = hashlib.sha256()
    for path in sources():
        whole.update(path.relative_to(PACKAGE.parent).as_posix().encode() + b"\0" + path.read_bytes())
    try:
        release = version("convcheck")
    except PackageNotFoundError:
        release = "0"
    return f"{release}+{whole.hexdigest()[:12]}"


def sources() -> Iterator[Path]:
    for folder in (PACKAGE / "subject", PACKAGE / "conformance", PACKAGE / "grading", PACKAGE.parent / "golden"):
        yield from sorted(p for p in folder.rglob("*") if p.suffix in (".py", ".json"))
