"""A net under what is said of a verdict: a fault of our own there costs nobody the verdict itself.

CONVCHECK_TRACEBACK=1 takes it away: our tests and measures have to see the fault.
"""

import os
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from .conformance.types import LEVELS, Verdict

PACKAGE = Path(__file__).parent


@contextmanager
def keep_verdicts(verdicts: Sequence[Verdict] = (), shown: Sequence[Verdict] | None = None) -> Iterator[None]:
    """Go on where the explanation of these verdicts stops by a fault: they have no name then, and one says why.

    None given: what is lost is no name (a picture, say). shown: those that will be reported, of which the first failure
    is the one that says it; None: all.
    """
    try:
        yield
    except Exception as error:
        if faults_are_raised():
            raise
        for v in verdicts:
            v.diagnosis = None
        failed = [v for v in (verdicts if shown is None else shown) if v.status == "fail"]
        for v in sorted(failed, key=lambda v: LEVELS.index(v.check.level))[:1]:
            v.undiagnosed = describe_place(error)


def faults_are_raised() -> bool:
    """Return whether a fault is to be seen as it is."""
    return bool(os.environ.get("CONVCHECK_TRACEBACK"))


def describe_place(error: Exception) -> str:
    """Return the type of a fault and our line: not its text, which may hold anything."""
    return ", ".join(filter(None, [type(error).__name__, place_of_fault(error)]))


def place_of_fault(error: BaseException) -> str:
    """Return the last line of ours that an exception came through, "" if there is none: conformance/compare.py:80."""
    ours = [f for f in traceback.extract_tb(error.__traceback__) if PACKAGE in Path(f.filename).parents]
    return f"{Path(ours[-1].filename).relative_to(PACKAGE).as_posix()}:{ours[-1].lineno}" if ours else ""
