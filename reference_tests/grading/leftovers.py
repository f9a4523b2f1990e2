"""Temporary folders that say in their names which process made them, so that what a killed run left behind is found."""

import contextlib
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

NAME = re.compile(r"convcheck-(?P<space>\d+)-(?P<pid>\d+)-(?P<start>\d+)-\w+")


@contextlib.contextmanager
def owned_folder() -> Iterator[str]:
    """Make a temporary folder in this process's name, and remove it afterwards."""
    folder = make_owned_folder()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def make_owned_folder() -> str:
    """Make a temporary folder in this process's name. A fork of the process does not remove it when it exits."""
    pid = os.getpid()
    return tempfile.mkdtemp(prefix=f"convcheck-{pid_space()}-{pid}-{start_time(pid)}-")


def pid_space() -> int:
    """Return the number of the namespace in which process ids mean what they do here; 0 where there is none.

    Two containers may share a temporary folder, and neither sees the other's processes.
    """
    try:
        return os.stat("/proc/self/ns/pid").st_ino
    except OSError:
        return 0


def start_time(pid: int) -> int:
    """Return when a process was started, in ticks since the machine was; 0 where that is not known.

    A process id is used again, with another start.
    """
    try:
        return int(Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()[19])
    except (OSError, IndexError, ValueError):
        return 0


def is_alive(pid: int, start: int) -> bool:
    """Return whether the process that was started then still runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # somebody else's
        return True
    return start_time(pid) == start


def remove_folders(pid: int | None = None) -> list[str]:
    """Remove the temporary folders of processes that have ended, or those of the process pid. Return their paths.

    Only real folders of this user are touched.
    """
    removed = []
    for entry in list(os.scandir(tempfile.gettempdir())):
        match = NAME.fullmatch(entry.name)
        if not match or int(match["space"]) != pid_space():
            continue
        owner = int(match["pid"])
        if (owner == pid if pid is not None else not is_alive(owner, int(match["start"]))) and is_own(entry.path):
            shutil.rmtree(entry.path, ignore_errors=True)
            removed.append(entry.path)
    return removed


def is_own(path: str) -> bool:
    """Return whether a path is a real folder of this user."""
    try:
        status = os.lstat(path)
    except OSError:
        return False
    return stat.S_ISDIR(status.st_mode) and (not hasattr(os, "getuid") or status.st_uid == os.getuid())
