"""A subject in a child process: a crash, an endless loop or an exit costs one program, not the run.

Programs go to the child many at a time, and it answers each as soon as it has run it, so that no time is spent on
waiting for the next one. After a crash or a timeout it gets no more: who asks the rest again has a fresh child.
"""

import contextlib
import mmap
import os
import signal
import subprocess
import sys
import weakref
from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from . import wire
from .conventions.attempts import ENDS, HANGS, Endings
from .execute import NUMBER_KINDS
from .import_context import ROOT
from .lending.lender import counts, texts_for
from .load import LOADING_TIME, mark_absent_result
from .protocol import (
    Fault,
    Plan,
    Returned,
    Stop,
    Trace,
    parse_interface,
    parse_texts,
    parse_unread,
    read_note,
)
from .source import LoadError, Skipped, TooSlow, in_current_language
from .timing.stopwatch import Stopwatch
from .timing.usage import measure

BOOT_CODE = "import sys; sys.path.append(sys.argv.pop()); from reference_tests.subject.child import main; main()"
ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MPLBACKEND": "Agg"}  # small products, no windows
STARTING_TIME = 120.0  # seconds for Python and NumPy to start
GRACE = 1.0  # seconds that the child may take after its own alarm
ANSWER_HEADER = 1 << 17  # bytes; names, shapes and the texts of one result take some two hundred
REASONS = frozenset(["absent", "arrays", "stub", "import", "exception", "timeout", "signal", "memory", "exit"])
COMPILING = 60.0  # seconds for one check of a target on JAX, which compiles each new shape


class RemoteSubject:
    """The implementation under test, behind a pipe. The child is started again after a crash or a timeout."""

    end: "weakref.finalize[..., RemoteSubject]"  # kills the child that runs; alive until it was called
    wanted: Mapping[str, str] = {}  # what was said of its arrays
    starts = 0  # of children
    lent: frozenset[str] = frozenset()  # the right functions that the child is lent
    page: mmap.mmap | None = None  # in which the child notes the step that comes next; without it, frames say so
    patience = 1.0  # times the usual seconds by the clock
    watch: Stopwatch  # of all children
    beside: "RemoteSubject | None" = None  # the same target, apart
    forks = forgets = False  # every program is run in a fork of the child, or in a child of its own
    cut_short = False  # the reading of some layer was, by a limit of time

    def __init__(
        self, target: str, maps: Mapping[str, str] | None = None, seconds: float = 10.0, loading: float = LOADING_TIME,
        convention: str = "", arrays: Mapping[str, str] | None = None, endings: Endings | None = None,
    ) -> None:  # fmt: skip
        """Load a target. seconds: limit of each program. loading: limit of loading. convention: load's.

        Both are seconds of its own on the processor; by the clock it has WALL times as many.

        arrays: which arrays the target is for, where that is not to be found out: kind, device, floats. endings: what
        earlier processes have told of it.

        Raises LoadError as load does, and if loading crashes or does not end.
        """
        self.target, self.maps, self.seconds, self.loading = target, dict(maps or {}), seconds, loading
        self.convention = convention
        self.wanted = dict(arrays or {})
        self.folder, self.endings = os.getcwd(), endings or Endings()
        self.max_bytes = wire.MAX_PAYLOAD  # of one answer
        self.watch = Stopwatch(GRACE, threads=True)
        self.start()
        self.stamped = self.stamps()

    def stamps(self) -> dict[str, tuple[int, int]]:
        """Return when each file of the target was written, and its size."""
        found = {}
        for file in {self.path, *self.files}:
            with contextlib.suppress(OSError, ValueError):
                about = os.stat(file)
                found[file] = (about.st_mtime_ns, about.st_size)
        return found

    def fresh(self) -> "RemoteSubject":
        """Load the same target in another process, in which nothing has been called yet.

        Raises as the first did, and LoadError if a file of the target has been saved meanwhile: it is another target.
        """
        if self.stamps() != self.stamped:
            raise LoadError(f"{self.target} was saved while it was being checked")
        how = self.seconds, self.loading, self.convention, self.wanted, self.endings
        return RemoteSubject(self.target, self.maps, *how)

    def apart(self) -> "RemoteSubject":
        """Return the target in one more process, in which nothing is called before any of the programs.

        Each runs in a fork of its own; where there are no forks, in another process, which takes far longer. Raises as
        `fresh` does.
        """
        if self.beside is None:
            self.beside = self.fresh()
            self.beside.forks = hasattr(os, "fork") and not self.arrays
            self.beside.forgets = not self.beside.forks
        return self.beside

    def start(self) -> None:
        """Start a child and load the target in it, leaving out the layers that end a child when they are tried.

        Raises LoadError, or Fault if the child itself does not start.
        """
        self.starts += 1
        while True:
            try:
                return self.start_once()
            except LoadError as error:
                key, line = (wire.noted_text(self.page, place) for place in (wire.KEY, wire.LINE))
                if not self.endings.learn(key, line, isinstance(error, TooSlow)):
                    raise

    def start_once(self) -> None:
        """Start a child and load the target in it. Raises as start does."""
        page_fd, self.page = (-1, None) if os.name == "nt" else wire.make_shared_page()  # which has no file to inherit
        passed = [page_fd] if self.page else []
        self.child = subprocess.Popen(
            [sys.executable, "-P", "-c", BOOT_CODE, str(page_fd), str(ROOT)],
            pass_fds=passed,
            cwd=self.folder,
            env={**ENVIRONMENT, **os.environ},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,  # Ctrl-C is ours; and a group to kill with all that the child starts
        )
        self.end = weakref.finalize(self, kill_group, self.child)
        self.watch.new_process(partial(measure, self.child.pid, False))
        for fd in passed:
            os.close(fd)
        try:
            self.await_child()
            asked = {"target": self.target, "maps": self.maps, "convention": self.convention, "arrays": self.wanted}
            self.adopt_description(self.request_load({**asked, **self.endings.request(self.loading)}))
        except BaseException:
            self.close()
            raise

    def await_child(self) -> None:
        """Wait until the child runs. Raises Fault if it does not: none of the target's code has run yet."""
        assert self.child.stdin and self.child.stdout and self.child.stderr
        self.channel = wire.Channel(self.child.stdout.fileno(), self.child.stdin.fileno())
        try:
            self.channel.receive_awake(STARTING_TIME)
        except (EOFError, TimeoutError, wire.ProtocolError) as error:
            self.close()
            lines = self.child.stderr.read().decode(errors="replace").strip().splitlines()
            raise Fault(f"the worker process does not start: {lines[-1] if lines else type(error).__name__}") from None
        finally:
            self.child.stderr.close()

    def request_load(self, request: dict[str, Any]) -> dict[str, Any]:
        """Let the child load a target; return its description of the subject. Raises LoadError.

        request: target, maps, convention, the seconds that loading may take, and what Endings.request says.
        """
        self.told = 0.0  # the limit of a program that the child knows
        try:
            self.channel.put({**request, "patience": self.patience})
            head, _ = self.await_frame(request["seconds"])
            if isinstance(head.get("borrowed"), list) and isinstance(head.get("names"), list):
                texts = texts_for(map(str, head["borrowed"]), map(str, head["names"]))
                self.lent |= texts.keys()
                self.channel.put({"texts": texts})
                head, _ = self.await_frame(request["seconds"])
        except TimeoutError as late:
            text = str(late) or f"{request['seconds']:g} s"
            self.endings.note(HANGS, text)
            raise TooSlow(f"{self.target} takes more than {text} to load.") from None
        except (EOFError, OSError):
            stop = self.exit_reason("")
            self.endings.note(ENDS, stop.text)
            raise LoadError(f"{self.target} ends its process while it is loaded ({stop.text}).") from None
        except wire.ProtocolError as error:
            self.endings.note(ENDS, str(error))
            raise LoadError(f"{self.target} writes into the worker's pipe while it is loaded ({error}).") from None
        if "error" in head:
            text = str(head["error"])[:2000]
            if head.get("late") is not True:
                raise LoadError(in_current_language(text))
            self.endings.note(HANGS, f"{request['seconds']:g} s")
            raise TooSlow(in_current_language(text))
        if "fault" in head:  # once its code runs, whatever goes wrong in the child is the target's
            raise LoadError(f"{self.target} cannot be loaded: {head['fault']}"[:2000])
        return head

    def adopt_description(self, head: dict[str, Any]) -> None:
        """Take names, path, files and skipped statements from the child's description. Raises LoadError."""
        try:
            self.names = frozenset(map(str, head["names"]))
            self.path, self.files = str(head["path"]), tuple(map(str, head["files"]))
            self.near = {str(k): str(v) for k, v in head["near"].items()}
            self.interfaces = {str(k): parse_interface(one) for k, one in head.get("interfaces", {}).items()}
            self.unread = [parse_unread(one) for one in head.get("unread", [])]
            self.homes = parse_texts(head.get("homes", {}))
            self.cut_short |= self.endings.hung or bool(wire.noted_text(self.page, wire.LATE))
            self.skipped = [
                Skipped(str(s["place"]), int(s["line"]), str(s["source"]), str(s["why"])) for s in head["skipped"]
            ]
            self.arrays = {str(k): str(v)[:100] for k, v in head.get("arrays", {}).items()}
            if self.arrays.get("kind") == "jax":
                self.seconds = max(self.seconds, COMPILING)
            self.notes = [read_note(data) for data in head.get("notes", [])]
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
            raise LoadError(f"{self.target} writes into the worker's pipe while it is loaded.") from None

    def has(self, name: str) -> bool:
        """Return whether the target has the name. What it was lent is none of its own, however it starts again."""
        return name in self.names and counts(name, self.lent)

    def run(self, plan: Plan) -> Trace:
        """Run a plan's program in the child. Raises nothing that the target does."""
        if self.forgets:
            self.end()
        with contextlib.closing(self.run_all([plan])) as traces:
            return next(traces)

    def run_all(self, plans: Sequence[Plan]) -> Generator[Trace, None, None]:
        """Run plans' programs in the child; yield each one's trace. Raises nothing that the target does.

        The last trace is that of the first program that ended the child or ran out of time, if there is one.
        """
        if not self.end.alive:
            try:
                self.start()
            except LoadError as error:
                yield Trace(stop=Stop("import", "", str(error)))
                return
        left = len(plans)
        try:
            self.put_programs(plans)
            for plan in plans:
                trace = self.take_answer(plan)
                left -= 1
                yield trace
                if not self.end.alive or (trace.stop and trace.stop.reason == "timeout"):
                    return
        finally:
            if left:  # also where we are interrupted: answers that are still to come are nobody's
                self.end()

    def put_programs(self, plans: Sequence[Plan]) -> None:
        """Send programs to the child; before them the limit of each, if it has changed."""
        if self.told != self.seconds:
            self.told = self.seconds
            self.channel.put({"seconds": self.seconds, "apart": self.forks})
        self.channel.put_packed([pack_program(plan, self.most(plan)) for plan in plans])

    def most(self, plan: Plan) -> int:
        """Return how many bytes the answer to a plan may have."""
        return min(plan.most or self.max_bytes, self.max_bytes)

    def take_answer(self, plan: Plan) -> Trace:
        """Return the trace of the next program. If that does not come, the child is ended, and the stop says why."""
        at, seconds = "", plan.seconds or self.seconds
        try:
            for step in [*plan.program, None]:
                head, arrays = self.await_frame(seconds, self.most(plan), ANSWER_HEADER)
                if "at" not in head or step is None:
                    return mark_absent_result(parse_trace(head, arrays, plan), plan)
                at = str(step[2])
        except TimeoutError as late:
            stop = Stop("timeout", at, str(late) or f"{seconds:g} s")
        except (EOFError, OSError):
            stop = self.exit_reason(at)
        except wire.ProtocolError as error:
            stop = Stop("exit", at, f"what came back cannot be read: {error}")
        self.end()
        return Trace(stop=replace(stop, step=wire.noted_step(self.page, plan.program) or at))

    def await_frame(
        self, seconds: float, most: int = wire.MAX_PAYLOAD, most_header: int = wire.MAX_HEADER
    ) -> wire.Frame:
        """Return the child's next frame, to which it has so many seconds of its own time.

        Raises as wire.Channel.receive does.
        """
        until = self.watch.begin(seconds)
        try:
            while True:
                try:
                    return self.channel.receive(until, most, most_header)
                except TimeoutError:
                    until = self.watch.look()
        finally:
            self.watch.end()

    def exit_reason(self, step: str) -> Stop:
        """Return how the child ended. It is reaped before it is killed, so that its exit status is known."""
        try:
            status = self.child.wait(GRACE)
        except subprocess.TimeoutExpired:
            return Stop("exit", step, "closed its pipe")
        if status < 0:
            return Stop("signal", step, signal_name(-status))
        return Stop("exit", step, f"status {status}")

    def close(self) -> None:
        """Kill the child and all that it started; and the one of the same target, apart."""
        self.end()
        if self.beside is not None:
            self.beside.close()

    def __enter__(self) -> "RemoteSubject":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def pack_program(plan: Plan, most: int) -> bytes:
    """Return the frame of a plan's program. It is kept with the plan: a whole class is asked the same."""
    known: tuple[int, bytes] | None = vars(plan).get("packed")
    if known is None or known[0] != most:
        request = {"program": plan.program, "layout": plan.layout, "most": most, "seconds": plan.seconds}
        known = most, wire.pack(request, plan.given)
        object.__setattr__(plan, "packed", known)
    return known[1]


def parse_trace(head: dict[str, Any], arrays: dict[str, np.ndarray], plan: Plan) -> Trace:
    """Return the child's answer as a Trace. Raises ProtocolError if it is malformed."""
    parts = {part: {k[2:]: a for k, a in arrays.items() if k[:2] == part} for part in ("r.", "l.", "i.")}
    if "stop" not in head or not (parts["i."].keys() <= plan.given.keys() and parts["l."].keys() <= parts["r."].keys()):
        raise wire.ProtocolError("not an answer")
    if any(a.dtype.kind not in NUMBER_KINDS for a in parts["i."].values()):  # x.shape = ... leaves numbers
        raise wire.ProtocolError("a given array holds no numbers")
    stop, returned = parse_stop(head["stop"]), parse_returned(head.get("returned", {}))
    return Trace(parts["r."], parts["r."] | parts["l."], plan.given | parts["i."], stop, returned)


def signal_name(number: int) -> str:
    """Return a signal's name; Python knows no name of some."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def parse_stop(stop: Any) -> Stop | None:
    """Return the stop in the child's answer, None if the program reached its end. Raises ProtocolError."""
    if stop is None:
        return None
    if not isinstance(stop, dict) or stop.get("reason") not in REASONS:
        raise wire.ProtocolError("not an answer")
    step, text, line, call = (str(stop.get(k, ""))[:1000] for k in ("step", "text", "line", "call"))
    return Stop(stop["reason"], step, text, line, stop.get("refused") is True, call)


def parse_returned(returned: Any) -> dict[str, Returned]:
    """Return what the child's answer says of results that are no arrays. Raises ProtocolError."""
    try:
        return {str(name): parse_one_returned(one) for name, one in returned.items()}
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        raise wire.ProtocolError("not an answer") from None


def parse_one_returned(one: Any) -> Returned:
    """Return what the child says of one result. Raises what comes of reading a malformed answer."""
    kind, detail, call = (str(one[k])[:1000] for k in ("kind", "detail", "call"))
    return Returned(kind, int(one["length"]), detail, call, int(one["wanted"]), one["attribute"] is True)


def kill_group(child: subprocess.Popen[bytes]) -> None:
    """Kill the process and its group, and close our ends of the pipes."""
    if hasattr(os, "killpg"):
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            child.kill()
    else:
        child.kill()
    child.wait()
    for pipe in (child.stdin, child.stdout):
        if pipe:
            pipe.close()
