"""The settings of a run: its rubric, seed, isolation level and limits, and the version of the suite."""

import hashlib
import re
import secrets
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from ..errors import UsageError
from ..i18n import _
from .rubric import Rubric
from .rubric_toml import load, skip_more
from .sandbox import levels, packages

PACKAGE = Path(__file__).parents[1]
UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
LEAST_MEMORY = 256 << 20  # bytes: NumPy alone needs some of it
PATIENCE = 3.0  # times the usual seconds by the clock, where a submission is graded once more, alone
DEFAULT_LEVEL = "confined"


@dataclass(frozen=True)
class RunSettings:
    """The settings that all submissions of a run share. Times are in seconds, memory is in bytes."""

    rubric: Rubric
    seed: int
    seed_policy: str  # "given" | "secret"
    suite_version: str
    isolation: str
    timeout: float = 5.0
    submission_timeout: float = 120.0
    memory: int = 2 << 30
    patience: float = 1.0  # times the usual seconds by the clock

    def once_more(self) -> "RunSettings":
        """Return the settings for a submission that is graded once more, alone: it may wait for longer."""
        return replace(self, patience=PATIENCE)

    @property
    def arrays(self) -> dict[str, str]:
        """What the rubric says of the submissions' arrays, as subject.arrays.target.open_boundary takes it."""
        return {"kind": self.rubric.arrays} if self.rubric.arrays else {}


def merge_settings(
    rubric: Rubric | str | Path | None = None, *, seed: int | None = None, isolation: str | None = None,
    require_isolation: str | None = None, allow_unconfined: bool = False, timeout: float = 5.0,
    submission_timeout: float = 120.0, memory: int | str = "2G", skip: Iterable[str] = (),
) -> RunSettings:  # fmt: skip
    """Fill in the defaults and check every value. Raises UsageError, of which RubricError is one."""
    for name, value in (("timeout", timeout), ("submission-timeout", submission_timeout)):
        if not 0 < value < 1e6:
            raise UsageError(f"--{name} {value:g}: " + _("it must be above 0 seconds"))
    if seed is not None and seed < 1:
        raise UsageError(f"--seed {seed}: " + _("it must be above 0"))
    rubric = skip_more(rubric if isinstance(rubric, Rubric) else load(rubric), skip)
    level = isolation or DEFAULT_LEVEL
    if rubric.arrays not in ("", "numpy") and level not in ("none", "process"):
        text = _(
            "at isolation {level} a submission can open no library but NumPy and no GPU, since both lie outside the "
            "files that it may read; --isolation process has them, and reads all files"
        )
        raise UsageError(f'arrays = "{rubric.arrays}": ' + text.format(level=level))
    if rubric.packages and level != "none":
        try:
            packages.locate(rubric.packages)
        except packages.Uninstalled as error:
            raise UsageError(_("packages in the rubric: {why}").format(why=error)) from None
    return RunSettings(
        rubric,
        seed or secrets.randbits(62) + 1,
        "given" if seed else "secret",
        suite_version(),
        choose_level(isolation, require_isolation, allow_unconfined),
        timeout,
        submission_timeout,
        parse_memory(memory),
    )


def choose_level(wanted: str | None, required: str | None, allow_unconfined: bool) -> str:
    """Return the isolation level to run at.

    If this machine lacks the wanted level, raises UsageError, or takes the best level below it if allow_unconfined.
    """
    for option, name in (("--isolation", wanted), ("--require-isolation", required)):
        if name is not None and name not in levels.LEVELS:
            raise UsageError(f"{option} {name}: " + _("there are {names}").format(names=", ".join(levels.LEVELS)))
    level = wanted or DEFAULT_LEVEL
    missing = levels.missing(level)
    if missing and not allow_unconfined:
        lines = [
            _("isolation {level} is missing on this machine: {why}."),
            _("Without it a submission can read the answers, your files and other submissions, and start programs."),
            _(
                "--allow-unconfined grades at the best level there is, for submissions that you trust; `convcheck "
                "doctor` tells which there are."
            ),
        ]
        raise UsageError("\n  ".join(lines).format(level=level, why=levels.say_reason(missing)))
    if missing:
        below = levels.LEVELS[: levels.LEVELS.index(level)]
        level = [name for name in below if not levels.missing(name)][-1]
    if required and levels.LEVELS.index(level) < levels.LEVELS.index(required):
        raise UsageError(
            f"--require-isolation {required}: " + _("this run would have {level} only").format(level=level)
        )
    return level


def isolation_warning(level: str) -> str:
    """Return the warning to show before a run at a level that does not confine, else ""."""
    if level in ("confined", "bwrap"):
        return ""
    can = _("its code runs in the grader itself") if level == "none" else _("it has a process of its own, and no more")
    text = _(
        "isolation is only {level}: {can}. A submission can read the answers, your files and other submissions, start "
        "programs and use the network. Grade only what you trust."
    )
    return text.format(level=level, can=can)


def parse_memory(memory: int | str) -> int:
    """Return a size such as 2G or 1500M in bytes. Raises UsageError if it is none, or too small for NumPy."""
    match = re.fullmatch(r"(\d+)\s*([KMG]?)i?B?", str(memory), re.I)
    size = int(match[1]) * UNITS[match[2].upper()] if match else 0
    if not LEAST_MEMORY <= size <= sys.maxsize:
        text = _("write it as 2G or 1500M; at least {least}M")
        raise UsageError(f"--memory {memory}: " + text.format(least=LEAST_MEMORY >> 20))
    return size


@cache
def suite_version() -> str:
    """Return the release, and a hash of all source that decides a verdict or its points."""
    whole = hashlib.sha256()
    for path in deciding_sources():
        whole.update(path.relative_to(PACKAGE.parent).as_posix().encode() + b"\0" + path.read_bytes())
    try:
        release = version("convcheck")
    except PackageNotFoundError:
        release = "0"
    return f"{release}+{whole.hexdigest()[:12]}"


def deciding_sources() -> Iterator[Path]:
    """Yield the files that suite_version hashes, in a fixed order."""
    for folder in (PACKAGE / "subject", PACKAGE / "conformance", PACKAGE / "grading", PACKAGE.parent / "golden"):
        yield from sorted(p for p in folder.rglob("*") if p.suffix in (".py", ".json"))
