"""What a process has used of the processors, as the system tells it of another process."""

import contextlib
import os
from pathlib import Path

SESSION, USED = 3, (11, 12, 13, 14)  # fields of /proc/PID/stat after the name; USED: its own, and its ended children's
# seconds on processors (None: the system does not tell; then the clock is taken), waiting for one (None: not known)
Usage = tuple[float | None, float | None]


def measure(pid: int, group: bool) -> Usage:
    """Return the seconds of a process on processors, and in the queue for one.

    group: with all processes of its session. Where the system has no /proc, it has used nothing: its own alarm tells.
    """
    if os.name == "nt":  # which has no such alarm
        return None, None
    own = [f"/proc/{pid}"]
    if group and os.path.isdir("/proc"):
        own += [f"/proc/{name}" for name in os.listdir("/proc") if name.isdecimal() and int(name) != pid]
    ticks, queued = 0, None
    for folder in own:
        with contextlib.suppress(OSError):
            fields = Path(folder, "stat").read_text(errors="replace").rpartition(")")[2].split()
            if int(fields[SESSION]) == pid:
                ticks += sum(int(fields[n]) for n in USED)
    with contextlib.suppress(OSError, ValueError):
        ran, waited, _ = map(int, Path(own[0], "schedstat").read_text().split())
        queued = waited / 1e9 if ran else None
    return ticks / os.sysconf("SC_CLK_TCK"), queued
