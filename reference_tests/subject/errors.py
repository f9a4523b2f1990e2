"""Exceptions of the code under test, as text; and Missing, which stands for a name that could not be loaded."""

import dis
import os
import traceback
from types import TracebackType
from typing import Any

import numpy as np

from .names import suggest_for

LONGEST = 300  # characters of a message
NUMPY = os.path.dirname(np.__file__)


class MissingName(ImportError):
    """A name was used that the target could not import or assign."""


def raised_by_submission(tb: TracebackType | None) -> bool:
    """Return whether the submission raised the exception itself.

    NumPy's C functions have no frame, so being in the last frame is not enough: it must stand at a `raise`.
    """
    while tb is not None and tb.tb_next:
        tb = tb.tb_next
    if tb is None:
        return False
    code = tb.tb_frame.f_code
    own = not code.co_filename.startswith(NUMPY)
    return own and dis.opname[code.co_code[tb.tb_lasti]] in ("RAISE_VARARGS", "RERAISE")


def last_own_line(error: BaseException, files: tuple[str, ...]) -> str:
    """Return the last line of the submission's files on the way to the error: "line 3: x = y", "" if there is none."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename in files]
    if not frames:
        return ""
    name = f"{os.path.basename(frames[-1].filename)}, " if len(files) > 1 else ""
    return f"{name}line {frames[-1].lineno}: {frames[-1].line}"


def describe_exception(error: BaseException) -> str:
    """Return the exception's type and message, with a suggestion for a misspelled name."""
    try:
        text = f"{type(error).__name__}: {error}{suggest_for(error)}"[:LONGEST]
        return text.encode(errors="replace").decode()  # without half characters
    except Exception:  # its own __str__ fails
        return type(error).__name__


class Missing:
    """The value of a name that could not be loaded. Whatever is done with it raises MissingName with the reason."""

    def __init__(self, why: str) -> None:
        self.__dict__["_why"] = why

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # copy, inspect and the like only ask whether it is there
            raise AttributeError(name)
        raise MissingName(self._why)

    def __setattr__(self, name: str, value: Any) -> None:
        raise MissingName(self._why)

    def __repr__(self) -> str:
        return f"<missing: {self._why}>"


def _raise_missing(self: Missing, *args: Any, **keywords: Any) -> Any:
    raise MissingName(self._why)


SPECIAL_METHODS = """
    call getitem setitem delitem iter next len contains bool int float index complex array enter exit mro_entries
    add radd iadd sub rsub isub mul rmul imul matmul rmatmul truediv rtruediv floordiv rfloordiv mod rmod pow rpow
    neg pos abs invert and or xor lshift rshift lt le gt ge"""
for _name in SPECIAL_METHODS.split():
    setattr(Missing, f"__{_name}__", _raise_missing)
