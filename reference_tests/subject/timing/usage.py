"""What a process has used of the processors, as the system tells it of another process."""

import contextlib
import os
from pathlib import Path
from typing import NamedTuple

# fields of /proc/PID/stat after the name; USED: its own, and its ended children's
STATE, SESSION, USED = 0, 3, (11, 12, 13, 14)
STOPPED = "Tt"  # by a signal, by a debugger


class Usage(NamedTuple):
    """What a process has used.

    processor: seconds on processors; None where the system does not tell: then the clock is taken. queued: seconds in
    the queue for one; None where that is not known. stopped: whether it is just now, and can use nothing.
    """

    processor: float | None = 0.0
    queued: float | None = None
    stopped: bool = False


def measure(pid: int, group: bool) -> Usage:
    """Return what a process has used. group: with all processes of its session.

    Where the system has no /proc, it has used nothing: its own alarm tells.
    """
    if os.name == "nt":  # which has no such alarm
        return Usage(None)
    own = [f"/proc/{pid}"]
    if group and os.path.isdir("/proc"):
        own += [f"/proc/{name}" for name in os.listdir("/proc") if name.isdecimal() and int(name) != pid]
    ticks, queued, stopped = 0, None, False
    for folder in own:
        with contextlib.suppress(OSError):
            fields = Path(folder, "stat").read_text(errors="replace").rpartition(")")[2].split()
            stopped |= folder == own[0] and fields[STATE] in STOPPED
            if int(fields[SESSION]) == pid:
                ticks += sum(int(fields[n]) for n in USED)
    with contextlib.suppress(OSError, ValueError):
        ran, waited, _ = map(int, Path(own[0], "schedstat").read_text().split())
        queued = waited / 1e9 if ran else None
    return Usage(ticks / os.sysconf("SC_CLK_TCK"), queued, stopped)
