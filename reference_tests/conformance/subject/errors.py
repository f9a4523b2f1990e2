"""An exception of somebody's code, told: its sentence, their own line, and whether they raised it themselves."""

import dis
import os
import traceback
from types import TracebackType

import numpy as np

from .suggest import meant


class MissingName(ImportError):
    """Something was used that the target could not import or assign."""


def refused(tb: TracebackType | None) -> bool:
    """The submission's own `raise`: the last frame stands at one. numpy's C functions have no frame, so look at it."""
    while tb is not None and tb.tb_next:
        tb = tb.tb_next
    if tb is None:
        return False
    code = tb.tb_frame.f_code
    own = not code.co_filename.startswith(os.path.dirname(np.__file__))
    return own and dis.opname[code.co_code[tb.tb_lasti]] in ("RAISE_VARARGS", "RERAISE")


def where(error: BaseException, files: tuple[str, ...]) -> str:
    """The submission's own last line on the way to the error."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename in files]
    if not frames:
        return ""
    name = f"{os.path.basename(frames[-1].filename)}, " if len(files) > 1 else ""
    return f"{name}line {frames[-1].lineno}: {frames[-1].line}"


def sentence(error: BaseException) -> str:
    try:
        return (
            f"{type(error).__name__}: {error}{meant(error)}"[:300].encode(errors="replace").decode()
        )  # without half characters
    except Exception:  # its own __str__ fails
        return type(error).__name__
