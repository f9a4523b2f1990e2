"""A submission's own process, from the fork to its end: closed in, then the same loader and driver as everywhere."""

import gc
import mmap
import os
import signal
import struct
import sys
import sysconfig
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from ...subject import wire
from ...subject.child import serve
from ...subject.load import Subject, load
from . import kernel

NUMBER = struct.Struct("<I")
DEVICES = ("/dev/null", "/dev/urandom")


@dataclass
class SubmissionFolder:
    """What every submission can read besides its own: found out once, before any is there."""

    files: list[str] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    listed: list[str] = field(default_factory=list)  # only the names in it

    def __post_init__(self) -> None:
        if sys.platform != "linux":
            return
        for folder in dict.fromkeys(sysconfig.get_path(name) for name in ("stdlib", "platstdlib")):
            files, folders = kernel.parts_of(folder)
            self.files, self.folders = self.files + files, self.folders + folders
            self.listed.append(folder)
        here = os.path.dirname(np.__file__)
        self.folders += [p for p in (here, here + ".libs") if os.path.isdir(p)]
        self.files += [p for p in (*DEVICES, *map_file()) if os.path.exists(p)]
        gc.collect()
        gc.freeze()  # so that a child's collector does not copy our pages


def map_file() -> list[str]:
    """The shared libraries that are loaded."""
    with open("/proc/self/maps") as maps:
        return sorted({line.split(maxsplit=5)[-1].strip() for line in maps if ".so" in line and "/" in line})


def serve_submission(room: SubmissionFolder, read_fd: int, write_fd: int, page_fd: int) -> None:
    """Says that it is ready once it is closed in: what goes wrong before that is ours, afterwards the submission's."""
    step = mmap.mmap(page_fd, mmap.PAGESIZE)  # the grader sees in it how far we are, however we end
    isolate(read_fd, write_fd)
    how, _ = wire.receive(3)
    try:
        os.chdir(how["folder"])
        confine(room, how)
    except Exception as error:
        wire.send(4, {"fault": f"{type(error).__name__}: {error}"}, {})
        return
    wire.send(4, {"ready": True}, {})
    asked, _ = wire.receive(3)
    with ExitStack() as stay:
        serve(
            lambda: enter(load(asked["target"], asked["maps"], loading=asked["seconds"]), stay),
            3,
            4,
            partial(NUMBER.pack_into, step, 0),
        )


def enter(subject: Subject, stay: ExitStack) -> Subject:
    """Here is nobody but the submission: so its surroundings stay what they are from one program to the next."""
    if subject.reader:
        stay.enter_context(subject.reader.around.entered())
    return subject


def isolate(read_fd: int, write_fd: int) -> None:
    """A session of its own; its two pipes are 3 and 4, everything else is closed; nothing is known of who runs it."""
    os.setsid()
    high = (os.dup2(read_fd, 100, False), os.dup2(write_fd, 101, False))
    nowhere = os.open(os.devnull, os.O_RDWR)
    for fd, place in ((nowhere, 0), (nowhere, 1), (nowhere, 2), (high[0], 3), (high[1], 4)):
        os.dup2(fd, place, False)
    os.closerange(5, max(kernel.MANY, 4096))
    os.environ.clear()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def confine(room: SubmissionFolder, how: dict) -> None:
    kernel.limits(how["memory"], how["cpu"])
    if how["isolation"] == "process":
        return
    kernel.without_privileges()
    own = how["readable"]
    files = [p for p in own if not os.path.isdir(p)]
    kernel.landlock([*room.files, *files], [*room.folders, *(p for p in own if os.path.isdir(p))], room.listed)
    kernel.seccomp()
