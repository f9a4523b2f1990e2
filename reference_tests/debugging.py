"""pytest --pdb: a failure is raised where the learner's code was called, so that the debugger stands there."""

import sys
from types import FrameType, TracebackType
from typing import Any

from .conformance.types import Verdict
from .subject.load import Subject


def traceback_into(subject: Subject, verdict: Verdict) -> TracebackType | None:
    """Run a failing check's program again and return a traceback that ends in the target's own code.

    It ends where an exception was raised, else where the call that gave the wrong result returns; None if no code of
    the target's runs there.
    """
    if verdict.plan is None or not verdict.problems:
        return None
    problem, program = verdict.problems[0], verdict.plan.program
    numbers = [n for n, step in enumerate(program) if step[2] == problem.what or gives(step, problem.what)]
    watch = _Watch(subject.files, numbers[0] if numbers else len(program) - 1)
    try:
        subject.run(verdict.plan, watch.begin)
    finally:
        sys.settrace(watch.before)
    if watch.found is None:
        return None
    frame, line = watch.found
    return TracebackType(None, frame, frame.f_lasti, line)


def gives(step: list[Any], what: str) -> bool:
    """Whether a step of a program is the call that gives this result."""
    verb, result = step[0], step[1]
    names = [result] if isinstance(result, str) else list(result)
    return verb in ("call", "spread") and (what.partition(".")[0] in names or what in names)


class _Watch:
    """Traces the target's frames from one step of a program on, and keeps the one to stand in."""

    def __init__(self, files: tuple[str, ...], wanted: int):
        self.files, self.wanted, self.before = files, wanted, sys.gettrace()
        self.raised = False
        self.found: tuple[FrameType, int] | None = None

    def begin(self, step: int) -> None:
        """Begin to trace before the wanted step, and end after it."""
        sys.settrace(self.enter if step == self.wanted else self.before)

    def enter(self, frame: FrameType, event: str, arg: Any) -> Any:
        """Follow a frame if it is the target's."""
        return self.follow if frame.f_code.co_filename in self.files else None

    def follow(self, frame: FrameType, event: str, arg: Any) -> Any:
        """Keep the frame of the first exception, else the one that returned last: the outermost."""
        if event == "exception" and not self.raised:
            self.raised, self.found = True, (frame, frame.f_lineno)
        elif event == "return" and not self.raised:
            self.found = frame, frame.f_lineno
        return self.follow
