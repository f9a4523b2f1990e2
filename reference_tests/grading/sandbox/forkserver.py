"""A small process with NumPy and our loader in it, from which each submission's own process is forked in milliseconds.

It never imports torch or SciPy and never holds an answer: so neither does what is forked from it. The grader asks it
over a socket, one JSON line a time, to start a child (with the ends of two pipes) or to end one and tell how it went;
what the child is to load comes through its own pipe. When the grader is gone, it and its children end."""

import contextlib
import fcntl
import json
import mmap
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from ...subject.protocol import Fault

ROOT = str(Path(__file__).resolve().parents[3])
BOOT = "import sys; sys.path += sys.argv[2:]; from reference_tests.grading.sandbox.forkserver import main; main()"
ENVIRONMENT = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
STARTING = 60.0  # seconds for Python and NumPy to be there
LINE = 1 << 16
ADD_SEALS, SEAL_SHRINK, SEAL_GROW = 1033, 2, 4  # of fcntl
LOADED = """numpy.random numpy.fft numpy.linalg numpy.ma numpy.polynomial numpy.lib.stride_tricks numpy.ctypeslib
    ctypes random hashlib zlib bz2 lzma decimal fractions math cmath json csv copy typing enum abc dataclasses
    collections functools itertools operator contextlib warnings time datetime pathlib pickle string re inspect
    traceback heapq bisect statistics textwrap logging argparse unittest uuid"""  # what a submission may well import


class ForkServer:
    """The grader's end. Starts when it is first needed, and again should it have ended; may be used by threads.

    before: words of a command to start it in, as bubblewrap's."""

    def __init__(self, before: Iterable[str] = ()) -> None:
        self.before = list(before)
        self.process: subprocess.Popen | None = None
        self.lock = threading.Lock()

    def start(self) -> None:
        ours, theirs = socket.socketpair()
        python = os.path.realpath(getattr(sys, "_base_executable", "") or sys.executable)
        numpy_at = os.path.dirname(os.path.dirname(np.__file__))
        arguments = ["-I", "-S", "-B", "-c", BOOT, str(theirs.fileno()), ROOT, numpy_at]
        with theirs:
            self.process = subprocess.Popen(
                [*self.before, python, *arguments],
                env=ENVIRONMENT,
                cwd="/",
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        ours.settimeout(STARTING)
        self.socket, self.lines = ours, ours.makefile("rb")
        self.answer()

    def child(self) -> tuple[int, int, int, mmap.mmap]:
        """-> its number, the ends of pipes to write to and to read from, and the page where it notes its step.

        It waits for what to load."""
        page_fd, page = shared()
        theirs_in, ours_out = os.pipe()
        ours_in, theirs_out = os.pipe()
        try:
            number = int(self.ask({"do": "start"}, [theirs_in, theirs_out, page_fd])["pid"])
        except BaseException:
            os.close(ours_out)
            os.close(ours_in)
            raise
        finally:
            for fd in (theirs_in, theirs_out, page_fd):
                os.close(fd)
        return number, ours_out, ours_in, page

    def end(self, number: int, seconds: float) -> tuple[int | None, float]:
        """-> the status it ended with by itself in so many seconds, None: it had to be killed; and its CPU seconds."""
        told = self.ask({"do": "end", "pid": number, "seconds": seconds})
        return told["status"], told["cpu"]

    def ask(self, what: dict[str, Any], fds: list[int] = []) -> dict[str, Any]:  # noqa: B006
        with self.lock:
            if self.process is None or self.process.poll() is not None:
                if what["do"] != "start":
                    return {"status": None, "cpu": 0.0}  # it took its children with it
                self.close()
                self.start()
            try:
                socket.send_fds(self.socket, [json.dumps(what).encode() + b"\n"], fds)
                return self.answer()
            except OSError as error:
                raise self.gone(str(error)) from None

    def answer(self) -> dict[str, Any]:
        try:
            line = self.lines.readline(LINE)
        except OSError as error:
            raise self.gone(str(error)) from None
        if not line:
            raise self.gone("it ended")
        return json.loads(line)

    def gone(self, why: str) -> Fault:
        process, said = self.process, b""
        self.close()
        if process is not None and process.stderr is not None:
            said = process.stderr.read().strip()
        last = said.decode(errors="replace").splitlines()[-1:]
        return Fault(f"the process that starts submissions is not there: {': '.join([why, *last])}")

    def close(self) -> None:
        if self.process is None:
            return
        self.lines.close()
        self.socket.close()  # at which it ends its children and itself
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(5)
        self.process.kill()
        self.process.wait()
        self.process = None

    def __enter__(self) -> "ForkServer":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def shared() -> tuple[int, mmap.mmap]:
    """A page of memory that two processes see."""
    if sys.platform == "linux":
        fd = os.memfd_create("step", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        os.truncate(fd, mmap.PAGESIZE)
        fcntl.fcntl(fd, ADD_SEALS, SEAL_SHRINK | SEAL_GROW)  # nobody can take it away under us
    else:
        with tempfile.TemporaryFile() as file:
            fd = os.dup(file.fileno())
        os.truncate(fd, mmap.PAGESIZE)
    return fd, mmap.mmap(fd, mmap.PAGESIZE)


def main() -> None:
    """The server's own process. After importing, only the standard library and numpy's parts can be found."""
    found = sys.argv[2:]
    connection = socket.socket(fileno=int(sys.argv[1]))
    from . import child

    for name in LOADED.split():
        with contextlib.suppress(ImportError):
            __import__(name)
    np.ones((8, 8)) @ np.ones((8, 8))  # some BLAS load their kernels at the first product
    sys.path[:] = [p for p in sys.path if p not in found]
    sys.argv[:] = [""]
    room = child.SubmissionFolder()
    connection.sendall(b"{}\n")
    children: set[int] = set()
    while True:
        line, fds, _, _ = socket.recv_fds(connection, LINE, 3)
        if not line:
            break
        asked = json.loads(line)
        if asked["do"] == "start":
            told = start_child(child, room, fds, children)
        else:
            told = has_ended(asked["pid"], asked["seconds"], children)
        connection.sendall(json.dumps(told).encode() + b"\n")
    for pid in list(children):
        has_ended(pid, 0.0, children)


def start_child(child: Any, room: Any, fds: list[int], children: set[int]) -> dict[str, int]:
    pid = os.fork()
    if pid == 0:
        try:
            child.serve_submission(room, *fds)
            os._exit(0)
        finally:
            os._exit(70)
    children.add(pid)
    for fd in fds:
        os.close(fd)
    return {"pid": pid}


def has_ended(pid: int, seconds: float, children: set[int]) -> dict[str, Any]:
    """How a child went, given so long to go by itself. Reaped before it is killed, so that the reason is known."""
    if pid not in children:
        return {"status": None, "cpu": 0.0}
    children.discard(pid)
    until = time.monotonic() + seconds
    while True:
        gone, status, used = os.wait4(pid, os.WNOHANG)
        if gone or time.monotonic() > until:
            break
        time.sleep(0.002)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)  # also what it has left behind
    if not gone:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        _, _, used = os.wait4(pid, 0)
    status_told = os.waitstatus_to_exitcode(status) if gone else None
    return {"status": status_told, "cpu": used.ru_utime + used.ru_stime}
