"""While somebody's code runs: so long and no longer, with nothing to read and nothing printed."""

import contextlib
import io
import signal
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any


class OutOfTime(BaseException):
    """The time of one check is over."""


@contextlib.contextmanager
def limit_time(seconds: float) -> Iterator[None]:
    """TooLong after so many seconds, and again each half second for code that catches everything.

    Only where signals reach us (the main thread, not Windows): elsewhere the worker's parent keeps the time."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return

    def ring(*_: Any) -> None:
        raise OutOfTime

    old = signal.signal(signal.SIGALRM, ring)
    others, start = signal.setitimer(signal.ITIMER_REAL, seconds, 0.5), time.monotonic()
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)
        if others[0]:  # somebody else's alarm, such as a test's
            signal.setitimer(signal.ITIMER_REAL, max(others[0] - (time.monotonic() - start), 1e-3), others[1])


@contextlib.contextmanager
def silence_io() -> Iterator[None]:
    """Nothing to read, and what is printed is not shown."""
    old, sys.stdin = sys.stdin, io.StringIO()
    try:
        with contextlib.redirect_stdout(DiscardOutput()), contextlib.redirect_stderr(DiscardOutput()):
            yield
    finally:
        sys.stdin = old


class DiscardOutput(io.TextIOBase):
    """Keeps nothing: a loop that prints costs no memory."""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        return len(text)
