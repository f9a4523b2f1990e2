"""A submission's own process, from the fork to its end: confined first, then it runs the same loader as everywhere."""

import gc
import mmap
import os
import random
import signal
import sys
import sysconfig
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from ...subject import wire
from ...subject.child import ask_parent, attempts_of, load_as_asked, serve
from ...subject.load import Subject
from . import kernel
from .access_times import settle_access_times
from .packages import PackageFinder

ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
DEVICES = ("/dev/null", "/dev/urandom")
DRAWS = 20_251  # the seed of the global generators of every submission's process


@dataclass
class ReadablePaths:
    """The paths that every submission can read besides its own. They are collected before any submission runs."""

    files: list[str] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    listed: list[str] = field(default_factory=list)  # folders of which only the names can be read

    def __post_init__(self) -> None:
        if sys.platform != "linux":
            return
        for folder in dict.fromkeys(sysconfig.get_path(name) for name in ("stdlib", "platstdlib")):
            files, folders = kernel.list_library(folder)
            self.files, self.folders = self.files + files, self.folders + folders
            self.listed.append(folder)
        here = os.path.dirname(np.__file__)
        self.folders += [p for p in (here, here + ".libs") if os.path.isdir(p)]
        self.files += [p for p in (*DEVICES, *loaded_libraries()) if os.path.exists(p)]
        settle_access_times([*self.folders, *self.files], self.listed)
        gc.collect()
        gc.freeze()  # so that a child's garbage collector does not copy the server's pages


def loaded_libraries() -> list[str]:
    """Return the paths of the shared libraries that this process has loaded."""
    with open("/proc/self/maps") as maps:
        return sorted({line.split(maxsplit=5)[-1].strip() for line in maps if ".so" in line and "/" in line})


def serve_submission(shared: ReadablePaths, read_fd: int, write_fd: int, page_fd: int) -> None:
    """Confine this process, report that it is ready, then load the submission and run its programs.

    An error before the report is the grader's fault; after it, it is the submission's.
    """
    step = mmap.mmap(page_fd, mmap.PAGESIZE)  # the grader reads the current step from it, however this process ends
    isolate(read_fd, write_fd)
    limits, _ = wire.receive(3)
    try:
        os.chdir(limits["folder"])
        confine(shared, limits)
    except Exception as error:
        wire.send(4, {"fault": f"{type(error).__name__}: {error}"}, {})
        return
    if limits.get("modules"):
        os.environ.update(ONE_THREAD)
        sys.meta_path.append(PackageFinder(limits["modules"]))
    seed_draws()
    wire.send(4, {"ready": True}, {})
    request, _ = wire.receive(3)
    if request.get("arrays") and limits["isolation"] == "process":  # the library of these arrays lies beside NumPy
        sys.path.append(os.path.dirname(os.path.dirname(np.__file__)))
    ask, attempts = partial(ask_parent, 3, 4), attempts_of(request, step, 3, 4)
    with ExitStack() as stack:
        serve(
            lambda: enter_import_context(load_as_asked(request, ask, alone=True, attempts=attempts), stack),
            3,
            4,
            partial(note_step, step),
        )


def note_step(page: mmap.mmap, step: int) -> None:
    """Note the step that comes next in a page of memory. Before a program's first one, seed what it may draw."""
    if step == 0:
        seed_draws()
    wire.note_step(page, step)


def seed_draws() -> None:
    """Seed the global generators: what a submission draws itself, a mask say, is the same in every run.

    It is so for every program, because under another seed of the class the programs come in another order.
    """
    random.seed(DRAWS)
    np.random.seed(DRAWS)  # noqa: NPY002  the book draws with np.random.rand


def enter_import_context(subject: Subject, stack: ExitStack) -> Subject:
    """Enter the submission's import context for the rest of this process, which runs nothing else."""
    if subject.reader:
        stack.enter_context(subject.reader.context.entered())
    return subject


def isolate(read_fd: int, write_fd: int) -> None:
    """Start a session, make the two pipes 3 and 4, close every other file, and clear the environment."""
    os.setsid()
    high = (os.dup2(read_fd, 100, False), os.dup2(write_fd, 101, False))
    null = os.open(os.devnull, os.O_RDWR)
    for fd, place in ((null, 0), (null, 1), (null, 2), (high[0], 3), (high[1], 4)):
        os.dup2(fd, place, False)
    os.closerange(5, max(kernel.OPEN_FILES, 4096))
    os.environ.clear()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def confine(shared: ReadablePaths, limits: dict[str, Any]) -> None:
    """Restrict this process as its isolation level says. Raises OSError."""
    kernel.set_limits(limits["memory"], limits["cpu"])
    if limits["isolation"] == "process":
        return
    kernel.drop_privileges()
    own = limits["readable"]
    files, folders = [p for p in own if not os.path.isdir(p)], [p for p in own if os.path.isdir(p)]
    kernel.install_landlock([*shared.files, *files], [*shared.folders, *folders], shared.listed)
    kernel.install_seccomp()
