"""Limits while foreign code runs: a time limit, nothing to read, nothing printed.

Where the machine may be busy, time is the process's own, on the processor; a limit by the clock, WALL times as long,
ends what sleeps or waits.
"""

import contextlib
import io
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

REPEAT = 0.5  # seconds between two alarms, for code that catches the first
WALL = 10  # times the processor time: the limit by the clock

SHARE = 0.7  # of the time that is left, for one of several things

DEEPEST = (
    6000  # levels of nested calls while code is read; a level of Python's compiler takes 100 to 500 bytes of stack
)


class OutOfTime(BaseException):
    """The time limit of one program is over. No Exception, so that `except Exception` does not catch it."""


def limit_time(seconds: float, wall: float = 0.0) -> contextlib.AbstractContextManager[object]:
    """Raise OutOfTime in the block after that many seconds, and again every half second.

    wall: seconds by the clock; those of the first argument are then of this process's own time on the processor.
    It needs the main thread and signals, so not Windows; elsewhere the parent process watches the time.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        return contextlib.nullcontext()
    return Alarms(((PROCESSOR, seconds), (CLOCK, wall)) if wall else ((CLOCK, seconds),))


class Clock(NamedTuple):
    """One of a process's two timers, the signal that it gives, and the clock that it runs by."""

    timer: int
    signal: int
    now: Callable[[], float]


if hasattr(signal, "setitimer"):
    CLOCK = Clock(signal.ITIMER_REAL, signal.SIGALRM, time.monotonic)
    PROCESSOR = Clock(signal.ITIMER_PROF, signal.SIGPROF, time.process_time)


def share_of_time(most: float) -> float:
    """Return so many seconds, or most of what is left to the block around it, if that is less.

    So what runs out of its time within a limit leaves some to what comes after it.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        return most
    own, wall = (signal.getitimer(clock.timer)[0] for clock in (PROCESSOR, CLOCK))
    left = min(own, wall / WALL) if own and wall else own or wall
    return min(most, SHARE * left) if left else most


class Alarms:
    """A block with alarms on some of the timers. Alarms that were set before, such as a test's, go on afterwards."""

    def __init__(self, wanted: Iterable[tuple[Clock, float]]) -> None:
        self.wanted, self.before = wanted, list[tuple[Clock, Any, tuple[float, float], float]]()

    def __enter__(self) -> None:
        for clock, seconds in self.wanted:
            start = clock.now()
            old = signal.signal(clock.signal, make_handler(clock, start + seconds))
            self.before.append((clock, old, signal.setitimer(clock.timer, seconds, REPEAT), start))

    def __exit__(self, *_: object) -> None:
        for clock, *_rest in self.before:
            signal.setitimer(clock.timer, 0)
        for clock, old, others, start in self.before:
            signal.signal(clock.signal, old)
            if others[0]:
                signal.setitimer(clock.timer, max(others[0] - (clock.now() - start), 1e-3), others[1])


def make_handler(clock: Clock, end: float) -> Callable[[int, object], None]:
    """Return a handler of a timer's signal.

    The kernel's timer of processor time counts in ticks, and on a busy machine rings long before its time.
    """

    def ring(number: int, frame: object) -> None:
        if clock is PROCESSOR and (left := end - clock.now()) > 0:
            signal.setitimer(clock.timer, left, REPEAT)
        else:
            raise OutOfTime

    return ring


@contextlib.contextmanager
def allow_deep_code() -> Iterator[None]:
    """Let the block read code that is nested deeply: a sum of 1000 terms is a tree of 1000 levels."""
    old = sys.getrecursionlimit()
    sys.setrecursionlimit(max(old, DEEPEST))
    try:
        yield
    finally:
        sys.setrecursionlimit(old)


@contextlib.contextmanager
def silence_io() -> Iterator[None]:
    """Give the block an empty standard input, and discard what it prints."""
    old, sys.stdin = sys.stdin, io.StringIO()
    try:
        with contextlib.redirect_stdout(DiscardOutput()), contextlib.redirect_stderr(DiscardOutput()):
            yield
    finally:
        sys.stdin = old


class DiscardOutput(io.TextIOBase):
    """A stream that discards what is written, so that an endless print loop cannot exhaust memory."""

    def writable(self) -> bool:
        """Return True: anything may be written."""
        return True

    def write(self, text: str) -> int:
        """Discard the text; return its length, as a stream does."""
        return len(text)
