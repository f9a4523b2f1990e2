"""A small process with NumPy and the loader in it, from which each submission's own process is forked in milliseconds.

It never imports torch or SciPy and never holds an answer, so neither does what is forked from it. The grader sends it
requests over a socket, one JSON line each: to start a child, with the ends of two pipes, or to end one and report how
it went. What the child is to load comes through its own pipe. When the grader is gone, the server and its children end.
"""

import contextlib
import json
import mmap
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from ...subject import wire
from ...subject.protocol import Fault
from ...subject.timing.usage import Usage, measure

ROOT = str(Path(__file__).resolve().parents[3])
BOOT_CODE = "import sys; sys.path += sys.argv[2:]; from reference_tests.grading.sandbox.forkserver import main; main()"
ENVIRONMENT = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
# glibc keeps freed memory for the next array: else a submission has a page fault for every page of each array
ENVIRONMENT |= dict.fromkeys(("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_"), str(64 << 20))
ENVIRONMENT |= {"MALLOC_TOP_PAD_": str(4 << 20)}
STARTING_TIME = 60.0  # seconds for Python and NumPy to be there
LINE = 1 << 16  # bytes that a request or an answer may have
# modules that a submission is likely to import
LOADED = """numpy.random numpy.fft numpy.linalg numpy.ma numpy.polynomial numpy.lib.stride_tricks numpy.ctypeslib
    ctypes random hashlib zlib bz2 lzma decimal fractions math cmath json csv copy typing enum abc dataclasses
    collections functools itertools operator contextlib warnings time datetime pathlib pickle string re inspect
    traceback heapq bisect statistics textwrap logging argparse unittest uuid"""


class ForkServer:
    """The grader's end of the server; threads may share it. It starts when first needed, and again if it has ended.

    prefix: words before its command, such as bubblewrap's.
    """

    def __init__(self, prefix: Iterable[str] = ()) -> None:
        self.prefix = list(prefix)
        self.process: subprocess.Popen[bytes] | None = None
        self.lock = threading.Lock()

    def start(self) -> None:
        """Start the server, and wait until it is ready. Raises Fault."""
        ours, theirs = socket.socketpair()
        python = os.path.realpath(getattr(sys, "_base_executable", "") or sys.executable)
        numpy_at = os.path.dirname(os.path.dirname(np.__file__))
        arguments = ["-I", "-S", "-B", "-c", BOOT_CODE, str(theirs.fileno()), ROOT, numpy_at]
        with theirs:
            self.process = subprocess.Popen(
                [*self.prefix, python, *arguments],
                env=ENVIRONMENT,
                cwd="/",
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        ours.settimeout(STARTING_TIME)
        self.socket, self.lines = ours, ours.makefile("rb")
        self.receive()

    def start_child(self) -> tuple[int, int, int, mmap.mmap]:
        """Start a child, which waits for the request to load a submission. Raises Fault.

        Return its process id, the pipe to write to, the pipe to read from, and the page where it notes its step.
        """
        page_fd, page = wire.make_shared_page()
        theirs_in, ours_out = os.pipe()
        ours_in, theirs_out = os.pipe()
        try:
            pid = int(self.request({"do": "start"}, [theirs_in, theirs_out, page_fd])["pid"])
        except BaseException:
            os.close(ours_out)
            os.close(ours_in)
            raise
        finally:
            for fd in (theirs_in, theirs_out, page_fd):
                os.close(fd)
        return pid, ours_out, ours_in, page

    def end_child(self, pid: int, seconds: float) -> tuple[int | None, float]:
        """End a child. Return its exit status (None: killed after so many seconds) and its CPU seconds."""
        answer = self.request({"do": "end", "pid": pid, "seconds": seconds})
        return answer["status"], answer["cpu"]

    def measure_child(self, pid: int, group: bool) -> Usage:
        """Return what a child has used. group: with all processes of its session."""
        try:
            answer = self.request({"do": "measure", "pid": pid, "group": group})
        except Fault:
            answer = {}  # its children end with it
        return Usage(answer.get("processor", 0.0), answer.get("queued"), answer.get("stopped", False))

    def runs(self) -> bool:
        """Return whether the server runs."""
        return self.process is not None and self.process.poll() is None

    def request(self, what: dict[str, Any], fds: Iterable[int] = ()) -> dict[str, Any]:
        """Send a request, with open files, and return the answer. Raises Fault."""
        with self.lock:
            if self.process is None or self.process.poll() is not None:
                if what["do"] != "start":
                    return {"status": None, "cpu": 0.0}  # its children ended with it
                self.close()
                self.start()
            try:
                socket.send_fds(self.socket, [json.dumps(what).encode() + b"\n"], list(fds))
                return self.receive()
            except OSError as error:
                raise self.fault(str(error)) from None

    def receive(self) -> dict[str, Any]:
        """Receive one answer. Raises Fault."""
        try:
            line = self.lines.readline(LINE)
        except OSError as error:
            raise self.fault(str(error)) from None
        if not line:
            raise self.fault("it ended")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def fault(self, why: str) -> Fault:
        """Close the connection, and return the Fault that says why, with the last line that the server printed."""
        process, printed = self.process, b""
        self.close()
        if process is not None and process.stderr is not None:
            printed = process.stderr.read().strip()
        last = printed.decode(errors="replace").splitlines()[-1:]
        return Fault(f"the process that starts submissions is not there: {': '.join([why, *last])}")

    def close(self) -> None:
        """End the server and its children."""
        if self.process is None:
            return
        self.lines.close()
        self.socket.close()  # this makes it end its children and itself
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(5)
        self.process.kill()
        self.process.wait()
        self.process = None

    def __enter__(self) -> "ForkServer":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def main() -> None:
    """Run the server. After its imports, only the standard library and NumPy's loaded parts can be imported."""
    own_paths = sys.argv[2:]
    connection = socket.socket(fileno=int(sys.argv[1]))
    from ...subject.conventions.vocabulary import compile_patterns
    from . import child

    for name in LOADED.split():
        with contextlib.suppress(ImportError):
            __import__(name)
    np.ones((8, 8)) @ np.ones((8, 8))  # some BLAS load their kernels at the first product
    compile_patterns()
    sys.path[:] = [p for p in sys.path if p not in own_paths]
    sys.argv[:] = [""]
    readable = child.ReadablePaths()
    connection.sendall(b"{}\n")
    children: set[int] = set()
    while True:
        answer: dict[str, Any]
        line, fds, _, _ = socket.recv_fds(connection, LINE, 3)
        if not line:
            break
        request = json.loads(line)
        if request["do"] == "start":
            answer = fork_child(child, readable, fds, children)
        elif request["do"] == "measure":
            answer = measure(request["pid"], request["group"])._asdict()
        else:
            answer = end_child(request["pid"], request["seconds"], children)
        connection.sendall(json.dumps(answer).encode() + b"\n")
    for pid in list(children):
        end_child(pid, 0.0, children)


def fork_child(child: Any, readable: Any, fds: list[int], children: set[int]) -> dict[str, int]:
    """Fork a child that serves a submission, and add it to children. Return its process id as an answer."""
    pid = os.fork()
    if pid == 0:
        try:
            child.serve_submission(readable, *fds)
            os._exit(0)
        finally:
            os._exit(70)
    children.add(pid)
    for fd in fds:
        os.close(fd)
    return {"pid": pid}


def end_child(pid: int, seconds: float, children: set[int]) -> dict[str, Any]:
    """End a child that has so many seconds to end by itself. Return its status and CPU seconds as an answer.

    It is reaped before it is killed, so that the reason of its end is known.
    """
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
        os.killpg(pid, signal.SIGKILL)  # also the processes that it started
    if not gone:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        _, _, used = os.wait4(pid, 0)
    return {"status": os.waitstatus_to_exitcode(status) if gone else None, "cpu": used.ru_utime + used.ru_stime}
