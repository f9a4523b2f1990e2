"""Limits while foreign code runs: a time limit, nothing to read, nothing printed."""

import contextlib
import io
import signal
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

REPEAT = 0.5  # seconds between two alarms, for code that catches the first


DEEPEST = (
    6000  # levels of nested calls while code is read; a level of Python's compiler takes 100 to 500 bytes of stack
)


class OutOfTime(BaseException):
    """The time limit of one program is over. No Exception, so that `except Exception` does not catch it."""


@contextlib.contextmanager
def limit_time(seconds: float) -> Iterator[None]:
    """Raise OutOfTime in the block after that many seconds, and again every half second.

    It needs the main thread and signals, so not Windows; elsewhere the parent process watches the time.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return

    def ring(*_: Any) -> None:
        raise OutOfTime

    old = signal.signal(signal.SIGALRM, ring)
    others, start = signal.setitimer(signal.ITIMER_REAL, seconds, REPEAT), time.monotonic()
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)
        if others[0]:  # another alarm was set before, such as a test's: it goes on
            signal.setitimer(signal.ITIMER_REAL, max(others[0] - (time.monotonic() - start), 1e-3), others[1])


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
