"""Run the hostile submissions, one at one level at a time, and report what each of them gets through.

Every attack answers wrongly, so a pass beyond what the wrong controls get is a point gained. Around it lie baits: a
file, a classmate's correct submission, a secret in the environment and one in the grader's memory. `convcheck doctor`
and the tests use this.
"""

import atexit
import faulthandler
import json
import os
import resource
import secrets
import select
import shutil
import signal
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ...conformance.contract import all_checks
from ...conformance.judge import judge, prepare
from ...conformance.types import Check, PreparedCheck, Verdict
from ...subject.load import load
from ...subject.protocol import Subject
from ...subject.source import LoadError
from ...subject.timing.alarms import WALL
from ..leftovers import make_owned_folder
from .forkserver import ForkServer
from .subject import ConfinedSubject

HOSTILE = Path(__file__).parents[2] / "corpus" / "hostile"
PROMISED = ("confined", "bwrap")  # at these levels nothing gets through
CONTROLS = ("control_honest", "control_wrong", "control_refuses")
SHADOWS = ["numpy", "json", "sitecustomize", "usercustomize", "conftest", "torch", "struct", "reference_tests", "impl"]
SCENARIOS = ("plain", "second-call")
TIMEOUT, SUBMISSION_TIMEOUT, MEMORY = 0.5, 2.0, 1 << 29  # seconds, seconds, bytes
PUBLIC_PLACES = ("/tmp", "/var/tmp", "/dev/shm", "~")
VerdictSummary = dict[str, str]  # id, status, reason, text
THROUGH = "THROUGH "  # what an attack puts before the name of what it reached


@dataclass(frozen=True)
class Outcome:
    """What one attack did at one level. effects: what got through, () if nothing. ended: the reasons of its checks."""

    attack: str
    level: str
    effects: tuple[str, ...]
    ended: tuple[str, ...]
    passed: int
    seconds: float


def attacks() -> list[str]:
    """Return the names of all attacks."""
    names = sorted(p.stem for p in HOSTILE.glob("*.py") if not p.stem.startswith("_"))
    return [name for name in names if name not in CONTROLS]


class AttackRange:
    """A place with baits where attacks run, on checks with secret numbers."""

    def __init__(self) -> None:
        self.owned = make_owned_folder()
        self.folder = Path(tempfile.mkdtemp(prefix="bait-", dir=self.owned)).resolve()
        self.bait = self.folder.name
        (self.folder / "bait").mkdir()
        (self.folder / "bait" / "secret.txt").write_text("a file outside")
        self.secret = b"the-secret-of-" + b"the-grader-" + secrets.token_hex(8).encode()
        os.environ["CONVCHECK_BAIT"] = "a secret in the environment"
        self.output = self.folder / "output"  # of an attack at level none, in place of the grader's own
        self.server = ForkServer()
        seed = secrets.randbelow(1 << 30) + 1
        checks = [c for c in all_checks(["relu"]) if c.scenario.id in SCENARIOS]
        checks = [replace(c, case=replace(c.case, seed=seed)) for c in [*checks[:6], *checks[-4:]]]
        self.checks = [(check, prepare(check)) for check in checks]
        self.free: set[str] = set()  # ids of the checks that wrong controls pass too

    def run_controls(self) -> None:
        """Find the checks that wrong controls pass too."""
        self.free = {
            v.check.id for name in CONTROLS[1:] for v in self.judge_submission(name, "process") if v.status == "pass"
        }

    def place(self, name: str) -> Path:
        """Copy an attack into a new folder, with the honest control beside it. Return its path."""
        folder = self.folder / "submissions"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        shutil.copy(HOSTILE / "control_honest.py", folder)
        if name != "shadows":
            return Path(shutil.copy(HOSTILE / f"{name}.py", folder))
        (folder / name).mkdir()
        shutil.copy(HOSTILE / f"{name}.py", folder / name / "layers.py")
        for other in SHADOWS:
            (folder / name / f"{other}.py").write_text(f'raise RuntimeError("{THROUGH}was imported for {other}")\n')
        return folder / name

    def judge_submission(self, name: str, level: str) -> list[Verdict]:
        """Judge one attack or control at one level. Raises LoadError."""
        path = self.place(name)
        if level == "none":
            with load(str(path), seconds=TIMEOUT) as subject:
                return judge_checks(self.checks, subject)
        limits: dict[str, Any] = {"timeout": TIMEOUT, "submission_timeout": SUBMISSION_TIMEOUT, "memory": MEMORY}
        with ConfinedSubject(path, isolation=level, server=self.server, **limits) as subject:
            return judge_checks(self.checks, subject)

    def run(self, name: str, level: str) -> Outcome:
        """Run one attack at one level, clean up after it, and report what it got through."""
        start = time.monotonic()
        effects: set[str] = set()
        verdicts: list[VerdictSummary] = []
        try:
            if level == "none":
                verdicts = judge_in_copy(self, name)
            else:
                verdicts = summarize(self.judge_submission(name, level))
        except LoadError as error:
            verdicts = [not_loaded(error)]
        except GraderEnds as ends:
            effects.add(str(ends))
        seconds = time.monotonic() - start
        passed = {v["id"] for v in verdicts if v["status"] == "pass"}
        effects |= self.effects_in(verdicts, passed, seconds) | self.effects_outside(level)
        ended = tuple(dict.fromkeys(v["reason"] or v["status"] for v in verdicts))
        return Outcome(name, level, tuple(sorted(effects)), ended, len(passed), round(seconds, 2))

    def effects_in(self, verdicts: list[VerdictSummary], passed: set[str], seconds: float) -> set[str]:
        """Return the effects that the verdicts and their time show."""
        effects = {v["text"].partition(THROUGH)[2].partition(":")[0] for v in verdicts if THROUGH in v["text"]}
        effects |= {"points"} if passed - self.free else set()
        effects |= {"ended the server"} if any(v["status"] == "error" for v in verdicts) else set()
        return effects | ({"took too long"} if seconds > WALL * SUBMISSION_TIMEOUT else set())

    def effects_outside(self, level: str) -> set[str]:
        """Return the effects on the machine, the server and the next submission; clean up."""
        effects = set()
        if self.output.exists() and self.output.stat().st_size > 1 << 20:
            effects.add("flooded the output")
        self.output.unlink(missing_ok=True)
        effects |= {"left a process"} if self.end_processes() else set()
        effects |= {"left a file"} if self.remove_files() else set()
        if level == "process" and self.server.process and self.server.process.poll() is not None:
            effects.add("ended the server")
        if level != "none" and any(v.status != "pass" for v in self.judge_submission("control_honest", "confined")):
            effects.add("harmed the next")
        return effects

    def end_processes(self) -> int:
        """Kill every process named after the bait; return how many."""
        ended = 0
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                names = (folder / "comm").read_bytes() + (folder / "cmdline").read_bytes()
                alive = (folder / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
                if alive and self.bait.encode() in names.split(b"\0")[0]:
                    os.kill(int(folder.name), signal.SIGKILL)
                    ended += 1
        return ended

    def remove_files(self) -> int:
        """Remove files named after the bait from public folders and the range's own; return how many."""
        places = [Path(p).expanduser() for p in PUBLIC_PLACES] + [self.folder, *self.folder.rglob("*")]
        left = {p for place in places if place.is_dir() for p in place.glob(f"{self.bait}-*")}
        left |= {p for place in places if place.is_dir() for p in place.glob(f"{self.bait}.*")}
        for path in left:
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink(missing_ok=True)
        return len(left)

    def close(self) -> None:
        """End the server and every attack, and remove the baits."""
        self.server.close()
        self.end_processes()
        self.remove_files()
        shutil.rmtree(self.owned, ignore_errors=True)
        os.environ.pop("CONVCHECK_BAIT", None)


@contextmanager
def attack_range() -> Iterator[AttackRange]:
    """Make an attack range, and remove it afterwards."""
    made = AttackRange()
    try:
        made.run_controls()
        yield made
    finally:
        made.close()


def judge_checks(checks: Iterable[tuple[Check, PreparedCheck]], subject: Subject) -> list[Verdict]:
    """Judge prepared checks on a subject."""
    return [judge(check, subject, ready=ready) for check, ready in checks]


def summarize(verdicts: list[Verdict]) -> list[VerdictSummary]:
    """Return verdicts as one process may send them to another."""
    stops = [next((str(p.got.text) for p in v.problems if p.kind == "stopped"), "") for v in verdicts]
    return [{"id": v.check.id, "status": v.status, "reason": v.reason, "text": t} for v, t in zip(verdicts, stops)]


def not_loaded(error: LoadError) -> VerdictSummary:
    """Return the summary of a submission that could not be loaded."""
    return {"id": "", "status": "not loaded", "reason": "", "text": str(error)}


class GraderEnds(Exception):
    """The grader itself was ended or hung by an attack, as may happen at level none."""


def judge_in_copy(where: AttackRange, name: str) -> list[VerdictSummary]:
    """Judge an attack at level none in a copy of this process, which may not survive. Raises GraderEnds."""
    back, to = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(back)
        try:
            run_copy(where, name, to)
        finally:
            os._exit(1)
    os.close(to)
    try:
        received, late = receive_until(back, time.monotonic() + SUBMISSION_TIMEOUT + 2)
    finally:
        os.close(back)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    try:
        summaries: list[VerdictSummary] = json.loads(received)
    except ValueError:
        raise GraderEnds("hung the grader" if late else "ended the grader") from None
    return summaries


def receive_until(pipe: int, until: float) -> tuple[bytes, bool]:
    """Read a pipe to its end or until that time. Return the bytes, and whether the time was over."""
    received = b""
    while select.select([pipe], [], [], max(0.0, until - time.monotonic()))[0]:
        piece = os.read(pipe, 1 << 20)
        if not piece:
            break
        received += piece
    return received, time.monotonic() > until


def run_copy(where: AttackRange, name: str, to: int) -> None:
    """Judge an attack at level none in this process, write the summaries into a pipe, and exit."""
    os.setsid()
    faulthandler.disable()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    output = os.open(where.output, os.O_RDWR | os.O_CREAT | os.O_APPEND)
    high = os.dup2(to, 100)
    for fd in (0, 1, 2):
        os.dup2(output, fd)
    to = os.dup2(high, 3)
    os.closerange(4, 4096)  # other open files belong to whoever runs the grader
    try:
        summaries = summarize(where.judge_submission(name, "none"))
    except LoadError as error:
        summaries = [not_loaded(error)]
    atexit._run_exitfuncs()
    os.write(to, json.dumps(summaries).encode())
    os._exit(0)
