"""One submission as a Subject, run at an isolation level: the judge uses it like any other subject.

    with ForkServer() as server:  # one a worker; it loads NumPy once
        try:
            with ConfinedSubject(path, isolation="confined", timeout=10.0, server=server) as subject:
                verdict = judge(check, subject)
        except LoadError as error:  # it crashed, hung or exited while it was loaded, or defines no known name
            print(error)

Any other exception (Fault, Unavailable) is a fault of the grader; once a process has said that it is ready, none
comes. The isolation level is "process", "confined" or
"bwrap"; for "none" use subject.load. Without a server the subject starts its own, which bwrap always does: it has
namespaces of its own for each submission. If a check ends the process, Trace.stop has the reason ("signal", "memory",
"timeout" or "exit") and the text to show; `subject.restarts` counts how often the process was started again.
"""

import contextlib
import os
import re
import signal
import weakref
from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from ...subject import wire
from ...subject.conventions.attempts import Endings
from ...subject.parent import GRACE, STARTING_TIME, RemoteSubject, signal_name
from ...subject.protocol import Fault, Plan, Stop, Trace
from ...subject.source import LoadError
from ...subject.timing.alarms import is_by_the_clock
from ...subject.timing.stopwatch import Stopwatch
from . import levels
from .forkserver import ForkServer
from .packages import locate as locate_packages

LARGEST = 64 << 20  # bytes of one answer whose right size is not known
REFUSED = re.compile(r"(PermissionError|OSError): \[Errno (1|13)\]|RuntimeError: can't start new thread")
RULE = "while graded, only its own files, NumPy and the standard library can be read; nothing is written or started"


class Killed(LoadError):
    """The process was killed from outside while it loaded the submission, as by a system without memory."""


class ConfinedSubject(RemoteSubject):
    """A submission in a process of its own. Raises LoadError as load does, Fault if the grader fails.

    timeout: seconds for loading, and for each program. submission_timeout: seconds for everything. patience: times the
    usual seconds by the clock. memory: bytes.
    packages: that it may import besides NumPy. restarts: how often the process is started again after a crash or a
    timeout; later programs get the last reason.
    """

    def __init__(
        self, path: str | os.PathLike[str], *, isolation: str = "confined", timeout: float = 10.0,
        memory: int = 2 << 30, maps: Mapping[str, str] | None = None, server: ForkServer | None = None,
        submission_timeout: float = 600.0, restarts: int = 20, convention: str = "",
        arrays: Mapping[str, str] | None = None, file: str = "",
        packages: tuple[str, ...] = (), patience: float = 1.0,
    ) -> None:  # fmt: skip
        levels.require(isolation)
        self.isolation, self.memory, self.budget, self.restarts = isolation, memory, restarts, -1
        self.folder, self.target = locate(path)
        self.maps, self.seconds, self.max_bytes = dict(maps or {}), timeout, LARGEST
        self.convention, self.wanted = convention, dict(arrays or {})
        self.file, self.packages = file, locate_packages(packages) if packages else None
        self.patience, self.whole = patience, submission_timeout
        self.endings = Endings()
        self.watch = Stopwatch(GRACE, submission_timeout, patience)
        self.last = Stop("exit", "")
        self.killed = False  # from outside, as by a system that has no memory left
        self.waited = False  # some program, until its time by the clock was over
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
        """Return the paths of the submission itself, and of the packages that are allowed."""
        return [os.path.join(self.folder, self.target), *(self.packages.readable if self.packages else ())]

    def start(self) -> None:
        """Start a process, and load the submission in it, as RemoteSubject does. Raises LoadError, Fault."""
        self.restarts += 1
        super().start()

    def start_once(self) -> None:
        """Start a process, and load the submission in it. Raises LoadError, Fault."""
        pid, self.write_fd, self.read_fd, self.page = self.server.start_child()
        self.pid = pid
        self.end = weakref.finalize(self, end_process, self.server, pid, self.write_fd, self.read_fd)
        self.watch.new_process(partial(self.server.measure_child, pid, self.isolation == "process"))
        self.channel = wire.Channel(self.read_fd, self.write_fd)
        try:
            self.confine()
            asked = {
                "target": f"./{self.target}",
                "maps": self.maps,
                "convention": self.convention,
                "arrays": self.wanted,
                "file": self.file,
                "beside": True,  # a convcheck.toml of the submission's is followed
            }
            self.adopt_description(self.request_load({**asked, **self.endings.request(self.seconds)}))
        except LoadError as error:
            self.end()
            self.endings.final |= self.over
            kind = Killed if self.killed else type(error)
            raise kind(with_rule(str(error).replace(f"./{self.target}", self.target))) from None
        except BaseException:
            self.end()
            raise

    def confine(self) -> None:
        """Have the process confine itself. Nothing of the submission has run yet, so any error is a Fault."""
        limits = {"isolation": self.isolation, "memory": self.memory, "cpu": self.whole}
        limits["modules"] = dict(self.packages.modules) if self.packages else {}
        try:
            self.channel.put({**limits, "folder": self.folder, "readable": self.readable()})
            head, _ = self.channel.receive_awake(STARTING_TIME)
        except (EOFError, OSError, wire.ProtocolError) as error:
            raise Fault(f"a submission's process does not start: {type(error).__name__}") from None
        if "ready" not in head:
            raise Fault(f"a submission's process does not start: {head.get('fault')}")

    def run_all(self, plans: Sequence[Plan]) -> Generator[Trace, None, None]:
        """Run programs. Never raises for what the submission does; once its time is over, nothing is run."""
        if stop := self.reason_not_to_run():
            yield from (Trace(stop=stop) for _ in plans)
            return
        with contextlib.closing(super().run_all(plans)) as traces:
            for plan, trace in zip(plans, traces):
                if trace.stop:
                    trace.stop = self.complete_stop(trace.stop, plan)
                yield trace

    @property
    def over(self) -> bool:
        """Whether the time of the whole submission is over."""
        return self.watch.over

    @property
    def spent(self) -> bool:
        """Whether it has used all of that on processors: no machine is at fault then."""
        return self.watch.spent

    def reason_not_to_run(self) -> Stop | None:
        """Return why no program is run any more: the time is over, or the process was started too often."""
        if self.over:
            return Stop("timeout", "", f"the {self.whole:g} s for the whole submission")
        if not self.end.alive and self.restarts >= self.budget:
            return replace(self.last, text=f"{self.last.text}; not started again after {self.restarts} times")
        return None

    def complete_stop(self, stop: Stop, plan: Plan) -> Stop:
        """Return a stop with the rule that it may need, and with its step if the process could not report it."""
        stop = replace(stop, text=with_rule(stop.text))
        self.waited |= stop.reason == "timeout" and is_by_the_clock(stop.text)
        if not self.end.alive and stop.reason != "import":
            self.last = stop = replace(stop, step=wire.noted_step(self.page, plan.program))
        return stop

    def exit_reason(self, step: str) -> Stop:
        """Return why the process ended. It is reaped before it is killed, so that the reason is known."""
        status, cpu = self.server.end_child(self.pid, GRACE)
        if status is None:
            self.killed |= not self.server.runs()
            return Stop("exit", step, "closed its pipe")
        if status >= 0:
            return Stop("exit", step, f"status {status}")
        if -status == signal.SIGXCPU or (-status == signal.SIGKILL and cpu >= self.whole):
            return Stop("timeout", step, f"{self.whole:g} s of processor time")
        if -status == signal.SIGKILL:
            self.killed = True
            return Stop("memory", step, "killed by the system, as it does when memory runs out")
        return Stop("signal", step, signal_name(-status))

    def forget(self) -> None:
        """End the process, so that the next program runs in one that remembers nothing. It is no restart."""
        if self.end.alive:
            self.end()
            self.restarts -= 1

    def close(self) -> None:
        """End the process, and a server of its own."""
        if hasattr(self, "end"):
            self.end()
        if hasattr(self, "server_ends"):
            self.server_ends()


def locate(path: str | os.PathLike[str]) -> tuple[str, str]:
    """Return the real folder that a submission lies in, and its name there. Raises LoadError for a link or no file."""
    whole = Path(os.path.abspath(path))
    if whole.is_symlink():
        raise LoadError(f"{whole.name} is a symbolic link; a submission is a file or a folder.")
    if not whole.exists():
        raise LoadError(f"there is no {whole.name}.")
    return str(whole.parent.resolve()), whole.name


def with_rule(text: str) -> str:
    """Add the rule to a text that says what the kernel refused, for an honest submission that opens a file."""
    return f"{text} ({RULE})" if REFUSED.search(text) else text


def end_process(server: ForkServer, pid: int, to: int, back: int) -> None:
    """Kill a submission's process, and close the grader's ends of the pipes."""
    os.close(to)
    os.close(back)
    server.end_child(pid, 0.0)
