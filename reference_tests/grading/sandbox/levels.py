"""The isolation levels, and which of them this machine has. Each adds to the one before it.

none      the grader's own process: for code that is trusted
process   a process of its own, with limits of memory and time: it holds no answer, but may read, write and start things
confined  Landlock and seccomp: it can read itself, NumPy and the standard library, and do nothing else
bwrap     namespaces of its own by bubblewrap: no network, no other process and no other file is even there
"""

import os
import shutil
import sys
import sysconfig
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import numpy as np

LEVELS = ("none", "process", "confined", "bwrap")
NAMESPACES = ["--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv"]
NAMESPACES += ["--proc", "/proc", "--dev", "/dev", "--chdir", "/"]
SYSTEM = ("/usr/lib", "/usr/lib64", "/lib", "/lib64", "/etc/ld.so.cache")


class Unavailable(Exception):
    """This machine does not have the wanted level."""


def available() -> dict[str, str]:
    """Map each level to "", or to why this machine does not have it."""
    return {level: missing(level) for level in LEVELS}


@cache
def missing(level: str) -> str:
    """Return why this machine does not have a level, "" if it has. bwrap is tried out, which takes a moment."""
    if level == "none":
        return ""
    if os.name != "posix":
        return f"there is no fork on {sys.platform}"
    if level == "process":
        return ""
    from . import kernel

    why = kernel.missing()
    if level == "confined":
        return why
    return f"it needs confined: {why}" if why else try_bwrap()


def try_bwrap() -> str:
    """Start the fork server in bubblewrap. Return why that fails, "" if it works."""
    from ...subject.protocol import Fault
    from .forkserver import ForkServer

    if not shutil.which("bwrap"):
        return "bubblewrap is not installed (apt-get install bubblewrap)"
    try:
        with ForkServer(command_prefix("bwrap")) as server:
            server.start()
    except Fault as fault:
        return str(fault)
    return ""


def require(level: str) -> None:
    """Raise ValueError if there is no such level, Unavailable if this machine does not have it."""
    if level not in LEVELS:
        raise ValueError(f"isolation {level!r}: it is one of {', '.join(LEVELS)}")
    if missing(level):
        raise Unavailable(f"isolation {level} is not to be had on this machine: {missing(level)}")


def command_prefix(level: str, readable: Iterable[str] = ()) -> list[str]:
    """Return the words before the fork server's command: bubblewrap's at level bwrap, else none.

    Only what Python and NumPy need can be seen inside it, and the readable paths.
    """
    if level != "bwrap":
        return []
    package = Path(__file__).parents[2]
    ours = [package / name for name in ("__init__.py", "suggest.py", "i18n", "subject", "grading")]
    numpy_at = os.path.dirname(np.__file__)
    python = os.path.realpath(getattr(sys, "_base_executable", "") or sys.executable)
    own = [python, *(sysconfig.get_path(p) for p in ("stdlib", "platstdlib")), numpy_at, f"{numpy_at}.libs"]
    if sys.base_prefix != "/usr":
        own.append(sys.base_prefix)
    words = ["bwrap", *NAMESPACES]
    for path in dict.fromkeys([*SYSTEM, *own, *map(str, ours), *readable]):
        if os.path.exists(path):
            words += ["--ro-bind", path, path]
    return words
