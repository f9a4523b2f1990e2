"""Limits while foreign code runs: nothing to read, nothing printed, code that is nested deeply."""

import contextlib
import io
import sys
from collections.abc import Iterator

DEEPEST = (
    6000  # levels of nested calls while code is read; a level of Python's compiler takes 100 to 500 bytes of stack
)


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
