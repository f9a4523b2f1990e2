"""The isolation levels, and which of them this machine has.

none      in our own process: for code that is trusted
process   a process of its own, with limits of memory and time: it holds no answer, but may read, write and start things
confined  besides that, Landlock and seccomp: it can read itself, NumPy and the standard library, and do nothing else
bwrap     besides that, namespaces of its own by bubblewrap: no network, no other process, no other file is even there
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
ALONE = ["--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv"]
ALONE += ["--proc", "/proc", "--dev", "/dev", "--chdir", "/"]
SYSTEM = ("/usr/lib", "/usr/lib64", "/lib", "/lib64", "/etc/ld.so.cache")


class Unavailable(Exception):
    """This machine does not have the level that was asked for."""


def available() -> dict[str, str]:
    """level -> "" where this machine has it, else why not."""
    return {level: missing(level) for level in LEVELS}


@cache
def missing(level: str) -> str:
    """Why this machine does not have it; "" where it has. For bwrap it is tried, which takes a moment."""
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
    return f"it needs confined: {why}" if why else no_bwrap()


def no_bwrap() -> str:
    """Why bubblewrap cannot be used, found out by starting it."""
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


def best_available() -> str:
    """The highest level of this machine."""
    return next(level for level in reversed(LEVELS) if not missing(level))


def require(level: str) -> None:
    if level not in LEVELS:
        raise ValueError(f"isolation {level!r}: it is one of {', '.join(LEVELS)}")
    if missing(level):
        raise Unavailable(f"isolation {level} is not to be had on this machine: {missing(level)}")


def command_prefix(level: str, readable: Iterable[str] = ()) -> list[str]:
    """The words of a command to start the fork server in: bubblewrap's, with nothing in it but what Python needs."""
    if level != "bwrap":
        return []
    package = Path(__file__).parents[2]
    ours = [package / "__init__.py", package / "subject", package / "grading"]
    numpy_at = os.path.dirname(np.__file__)
    python = os.path.realpath(getattr(sys, "_base_executable", "") or sys.executable)
    own = [python, *(sysconfig.get_path(p) for p in ("stdlib", "platstdlib")), numpy_at, f"{numpy_at}.libs"]
    if sys.base_prefix != "/usr":
        own.append(sys.base_prefix)
    words = ["bwrap", *ALONE]
    for path in dict.fromkeys([*SYSTEM, *own, *map(str, ours), *readable]):
        if os.path.exists(path):
            words += ["--ro-bind", path, path]
    return words
