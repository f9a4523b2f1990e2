"""One submission as a Subject, run behind an isolation level: judge uses it as it uses any other subject.

    with ForkServer() as server:                     # one a job (thread or process); numpy loaded once; not for bwrap
        for path in paths:
            try:
                with Confined(path, isolation="confined", timeout=10.0, memory=2 << 30, maps={}, server=server,
                              submission_timeout=120.0) as subject:
                    ...verdicts(checks, subject)...  # has, run, skipped, target, files as load()'s Subject
            except LoadError as error: ...           # str(error): crashed, hung, exited, no names: one sentence
            # anything else (Fault, Unavailable) is a fault of ours: "grader error"

isolation: "process" | "confined" | "bwrap"; for "none" there is load() itself. server is optional: without one the
subject starts its own (bwrap always does: namespaces of its own for each submission). A check's crash is in its
Trace.stop: reason "signal", "memory", "timeout" or "exit", with the text to show. `subject.restarts` counts how often
the worker was started again. isolation.py: available() -> {level: "" or why it is missing}; best(); LEVELS in order.
"""

import os
import re
import signal
import time
import weakref
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from ...subject import wire
from ...subject.parent import GRACE, RemoteSubject
from ...subject.protocol import Fault, Plan, Stop, Trace
from ...subject.source import LoadError
from . import levels
from .forkserver import STARTING, ForkServer

LARGEST = 64 << 20  # bytes of one answer; the largest right one is a hundredth of it
REFUSED = re.compile(r"(PermissionError|OSError): \[Errno (1|13)\]|RuntimeError: can't start new thread")
RULE = "while graded, only its own files, NumPy and the standard library can be read; nothing is written or started"


class ConfinedSubject(RemoteSubject):
    """A submission in a process of its own. Raises LoadError as load does, Fault where we are at fault.

    timeout: seconds for loading, and for each program; submission_timeout: for all of it; memory: bytes; restarts: how
    often a crashed or hung worker is started again. The answer to what comes after that is the last reason."""

    def __init__(
        self,
        path: str | os.PathLike,
        *,
        isolation: str = "confined",
        timeout: float = 10.0,
        memory: int = 2 << 30,
        maps: Mapping[str, str] | None = None,
        server: ForkServer | None = None,
        submission_timeout: float = 600.0,
        restarts: int = 20,
    ) -> None:
        levels.require(isolation)
        self.isolation, self.memory, self.budget, self.restarts = isolation, memory, restarts, -1
        self.folder, self.target = place_of(path)
        self.maps, self.timeout, self.most = dict(maps or {}), timeout, LARGEST
        self.whole, self.until = submission_timeout, 0.0
        self.last = Stop("exit", "")
        if server is None or isolation == "bwrap":
            server = ForkServer(levels.command_prefix(isolation, self.readable()))
            self.server_ends = weakref.finalize(self, server.close)
        self.server = server
        try:
            self.start()
        except BaseException:
            self.close()
            raise

    def readable(self) -> list[str]:
        return [os.path.join(self.folder, self.target)]

    def start(self) -> None:
        self.restarts += 1
        self.number, self.to, self.back, self.page = self.server.child()
        self.end = weakref.finalize(self, end, self.server, self.number, self.to, self.back)
        for fd in (self.to, self.back):
            os.set_blocking(fd, False)
            wire.widen_pipe(fd)
        try:
            self.closed_in()
            self.until = self.until or time.monotonic() + self.whole
            self.adopt(self.loaded({"target": f"./{self.target}", "maps": self.maps, "seconds": self.left()}))
        except LoadError as error:
            self.end()
            raise LoadError(with_rule(str(error).replace(f"./{self.target}", self.target))) from None
        except BaseException:
            self.end()
            raise

    def closed_in(self) -> None:
        """Nothing of the submission has run yet: what goes wrong here is ours."""
        how = {"isolation": self.isolation, "memory": self.memory, "cpu": self.whole}
        deadline = time.monotonic() + STARTING
        try:
            wire.send(self.to, {**how, "folder": self.folder, "readable": self.readable()}, {}, deadline)
            head, _ = wire.receive(self.back, deadline)
        except (EOFError, OSError, wire.ProtocolError) as error:
            raise Fault(f"a submission's process does not start: {type(error).__name__}") from None
        if "ready" not in head:
            raise Fault(f"a submission's process does not start: {head.get('fault')}")

    def left(self) -> float:
        return max(0.0, min(self.timeout, self.until - time.monotonic()))

    def run(self, plan: Plan) -> Trace:
        """Never raises for what the submission does."""
        self.seconds = self.left()
        if not self.seconds:
            return Trace(stop=Stop("timeout", "", f"the {self.whole:g} s for the whole submission are over"))
        if not self.end.alive and self.restarts >= self.budget:
            return Trace(
                stop=replace(self.last, text=f"{self.last.text}; not started again after {self.restarts} times")
            )
        trace = super().run(plan)
        if trace.stop:
            trace.stop = replace(trace.stop, text=with_rule(trace.stop.text))
            if not self.end.alive:  # it could not say itself where
                step = plan.program[min(int.from_bytes(self.page[:4], "little"), len(plan.program) - 1)]
                self.last = trace.stop = replace(trace.stop, step=str(step[2]))
        return trace

    def ended(self, step: str) -> Stop:
        """How the child went. Reaped before it is killed, so that the reason is known."""
        status, cpu = self.server.end(self.number, GRACE)
        if status is None:
            return Stop("exit", step, "closed its pipe")
        if status >= 0:
            return Stop("exit", step, f"status {status}")
        if -status == signal.SIGXCPU or (-status == signal.SIGKILL and cpu >= self.whole):
            return Stop("timeout", step, f"{self.whole:g} s of processor time")
        if -status == signal.SIGKILL:
            return Stop("memory", step, "killed by the system, as it does when memory runs out")
        return Stop("signal", step, signal.Signals(-status).name)

    def close(self) -> None:
        if hasattr(self, "end"):
            self.end()
        if hasattr(self, "server_ends"):
            self.server_ends()


def place_of(path: str | os.PathLike) -> tuple[str, str]:
    """-> the real folder that it lies in, and its name there. A link is nobody's submission: it could lead anywhere."""
    whole = Path(os.path.abspath(path))
    if whole.is_symlink():
        raise LoadError(f"{whole.name} is a symbolic link; a submission is a file or a folder.")
    if not whole.exists():
        raise LoadError(f"there is no {whole.name}.")
    return str(whole.parent.resolve()), whole.name


def with_rule(text: str) -> str:
    """What was refused, and why: an honest submission that reads a file is told."""
    return f"{text} ({RULE})" if REFUSED.search(text) else text


def end(server: ForkServer, number: int, to: int, back: int) -> None:
    """Kills the process, and closes our ends of the pipes."""
    os.close(to)
    os.close(back)
    server.end(number, 0.0)
