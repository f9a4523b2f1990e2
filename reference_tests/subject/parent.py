"""A subject in a child process: a crash, an endless loop or an exit costs one program, not the run."""

import contextlib
import os
import signal
import subprocess
import sys
import time
import weakref
from collections.abc import Mapping
from typing import Any

import numpy as np

from . import wire
from .import_context import ROOT
from .lending.lender import counts, texts_for
from .load import LOADING_TIME, mark_absent_result
from .protocol import Fault, Interface, Plan, Returned, Spoken, Stop, Trace, Unread, read_note
from .source import LoadError, Skipped, in_current_language

BOOT_CODE = "import sys; sys.path.append(sys.argv.pop()); from reference_tests.subject.child import main; main()"
ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MPLBACKEND": "Agg"}  # small products, no windows
STARTING_TIME = 60.0  # seconds for Python and NumPy to start
GRACE = 1.0  # seconds that the child may take after its own alarm
ANSWER_HEADER = 1 << 16  # bytes; names, shapes and the texts of one answer take a few hundred
REASONS = frozenset(["absent", "arrays", "stub", "import", "exception", "timeout", "signal", "memory", "exit"])


class RemoteSubject:
    """The implementation under test, behind a pipe. The child is started again after a crash or a timeout."""

    end: "weakref.finalize[..., RemoteSubject]"  # kills the child that runs; alive until it was called
    wanted: Mapping[str, str] = {}  # what was said of its arrays
    lent: frozenset[str] = frozenset()  # the right functions that the child is lent

    def __init__(
        self, target: str, maps: Mapping[str, str] | None = None, seconds: float = 10.0, loading: float = LOADING_TIME,
        convention: str = "", arrays: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        """Load a target. seconds: limit of each program. loading: limit of loading, in seconds. convention: load's.

        arrays: which arrays the target is for, where that is not to be found out: kind, device, floats.

        Raises LoadError as load does, and if loading crashes or does not end.
        """
        self.target, self.maps, self.seconds, self.loading = target, dict(maps or {}), seconds, loading
        self.convention = convention
        self.wanted = dict(arrays or {})
        self.folder = os.getcwd()
        self.max_bytes = wire.MAX_PAYLOAD  # of one answer
        self.starts = 0
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
        return RemoteSubject(self.target, self.maps, self.seconds, self.loading, self.convention, self.wanted)

    def start(self) -> None:
        """Start a child and load the target in it. Raises LoadError, or Fault if the child itself does not start."""
        self.starts += 1
        self.child = subprocess.Popen(
            [sys.executable, "-P", "-c", BOOT_CODE, str(ROOT)],
            cwd=self.folder,
            env={**ENVIRONMENT, **os.environ},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,  # Ctrl-C is ours; and a group to kill with all that the child starts
        )
        self.end = weakref.finalize(self, kill_group, self.child)
        try:
            self.await_child()
            asked = {"target": self.target, "maps": self.maps, "convention": self.convention, "arrays": self.wanted}
            self.adopt_description(self.request_load({**asked, "seconds": self.loading}))
        except BaseException:
            self.close()
            raise

    def await_child(self) -> None:
        """Wait until the child runs. Raises Fault if it does not: none of the target's code has run yet."""
        assert self.child.stdin and self.child.stdout and self.child.stderr
        self.write_fd, self.read_fd = self.child.stdin.fileno(), self.child.stdout.fileno()
        for fd in (self.write_fd, self.read_fd):
            os.set_blocking(fd, False)
            wire.widen_pipe(fd)
        try:
            wire.receive(self.read_fd, time.monotonic() + STARTING_TIME)
        except (EOFError, TimeoutError, wire.ProtocolError) as error:
            self.close()
            lines = self.child.stderr.read().decode(errors="replace").strip().splitlines()
            raise Fault(f"the worker process does not start: {lines[-1] if lines else type(error).__name__}") from None
        finally:
            self.child.stderr.close()

    def request_load(self, request: dict[str, Any]) -> dict[str, Any]:
        """Let the child load a target; return its description of the subject. Raises LoadError.

        request: target, maps, convention, and the seconds that loading may take.
        """
        deadline = time.monotonic() + request["seconds"] + GRACE
        try:
            wire.send(self.write_fd, request, {}, deadline)
            head, _ = wire.receive(self.read_fd, deadline)
            if isinstance(head.get("borrowed"), list) and isinstance(head.get("names"), list):
                texts = texts_for(map(str, head["borrowed"]), map(str, head["names"]))
                self.lent |= texts.keys()
                wire.send(self.write_fd, {"texts": texts}, {}, deadline)
                head, _ = wire.receive(self.read_fd, deadline)
        except TimeoutError:
            raise LoadError(f"{self.target} takes more than {request['seconds']:g} s to load.") from None
        except (EOFError, OSError):
            stop = self.exit_reason("")
            raise LoadError(f"{self.target} ends its process while it is loaded ({stop.text}).") from None
        except wire.ProtocolError as error:
            raise LoadError(f"{self.target} writes into the worker's pipe while it is loaded ({error}).") from None
        if "error" in head:
            raise LoadError(in_current_language(str(head["error"])[:2000]))
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
            self.skipped = [
                Skipped(str(s["place"]), int(s["line"]), str(s["source"]), str(s["why"])) for s in head["skipped"]
            ]
            self.arrays = {str(k): str(v)[:100] for k, v in head.get("arrays", {}).items()}
            self.notes = [read_note(data) for data in head.get("notes", [])]
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
            raise LoadError(f"{self.target} writes into the worker's pipe while it is loaded.") from None

    def has(self, name: str) -> bool:
        """Return whether the target has the name. What it was lent is none of its own, however it starts again."""
        return name in self.names and counts(name, self.lent)

    def run(self, plan: Plan) -> Trace:
        """Run a plan's program in the child. Raises nothing that the target does."""
        if not self.end.alive:
            try:
                self.start()
            except LoadError as error:
                return Trace(stop=Stop("import", "", str(error)))
        at = [""]
        try:
            return mark_absent_result(self.send_program(plan, at), plan)
        except TimeoutError:
            stop = Stop("timeout", at[0], f"{self.seconds:g} s")
        except (EOFError, OSError):
            stop = self.exit_reason(at[0])
        except wire.ProtocolError as error:
            stop = Stop("exit", at[0], f"what came back cannot be read: {error}")
        self.end()  # also where we are interrupted: a half-read answer is nobody's
        return Trace(stop=stop)

    def send_program(self, plan: Plan, at: list[str]) -> Trace:
        """Send one program to the child and return its trace. at[0] is updated with the current step."""
        deadline = time.monotonic() + self.seconds + GRACE
        try:
            most = min(plan.most or self.max_bytes, self.max_bytes)
            request = {"program": plan.program, "layout": plan.layout, "seconds": self.seconds, "most": most}
            wire.send(self.write_fd, request, plan.given, deadline)
            for step in plan.program:
                head, arrays = wire.receive(self.read_fd, deadline, most, ANSWER_HEADER)
                if "at" not in head:
                    return parse_trace(head, arrays, plan)
                at[0] = str(step[2])
            return parse_trace(*wire.receive(self.read_fd, deadline, most, ANSWER_HEADER), plan)
        except KeyboardInterrupt:
            self.close()
            raise

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
        """Kill the child and all that it started."""
        self.end()

    def __enter__(self) -> "RemoteSubject":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def parse_trace(head: dict[str, Any], arrays: dict[str, np.ndarray], plan: Plan) -> Trace:
    """Return the child's answer as a Trace. Raises ProtocolError if it is malformed."""
    parts = {part: {k[2:]: a for k, a in arrays.items() if k[:2] == part} for part in ("r.", "l.", "i.")}
    if "stop" not in head or not (parts["i."].keys() <= plan.given.keys() and parts["l."].keys() <= parts["r."].keys()):
        raise wire.ProtocolError("not an answer")
    if any(a.shape != plan.given[k].shape or a.dtype != plan.given[k].dtype for k, a in parts["i."].items()):
        raise wire.ProtocolError("a given array has another shape")
    stop, returned = parse_stop(head["stop"]), parse_returned(head.get("returned", {}))
    return Trace(parts["r."], parts["r."] | parts["l."], plan.given | parts["i."], stop, returned)


def signal_name(number: int) -> str:
    """Return a signal's name; Python knows no name of some."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def parse_interface(one: Any) -> Interface:
    """Return what the child says of an interface. Raises what comes of reading a malformed description."""
    reach = {str(k): [v if type(v) is int else str(v) for v in values] for k, values in one["reach"].items()}
    text, source, convention = (str(one[k])[:20_000] for k in ("text", "source", "convention"))
    said = one["spoken"]
    words = {k: str(said[k])[:1000] for k in ("signature", "returns", "make", "forward", "backward")}
    spoken = Spoken(
        **words,
        names=parse_texts(said["names"]),
        layouts=parse_texts(said["layouts"]),
        notes=tuple(str(note)[:1000] for note in said["notes"]),
    )
    return Interface(text, source, convention, reach, tuple(map(str, one["lacks"])), spoken, parse_texts(one["uses"]))


def parse_unread(one: Any) -> Unread:
    """Return what the child says of something unread. Raises what comes of reading a malformed description."""
    name, signature, why, home, part = (str(one[k])[:1000] for k in ("name", "signature", "why", "home", "part"))
    return Unread(name, signature, why, home=home, part=part)


def parse_texts(texts: Any) -> dict[str, str]:
    """Return a dict of texts from the child. Raises what comes of reading a malformed description."""
    return {str(k)[:1000]: str(v)[:1000] for k, v in texts.items()}


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
