"""The hostile set at work: one attack at one level, and what of it got through. Used by the doctor and by our tests.

Every attack answers wrongly, so whatever passes beyond what the wrong controls get is a point gained. Around it lie
baits: a file and a classmate's right answer beside it, a secret in the environment and one in the grader's memory."""

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
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from ...conformance.contract import all_checks
from ...conformance.judge import judge, prepare
from ...conformance.types import Check, Verdict
from ...subject.load import LoadError, load
from ...subject.protocol import Subject
from .forkserver import ForkServer
from .subject import ConfinedSubject

HOSTILE = Path(__file__).parents[2] / "corpus" / "hostile"
PROMISED = ("confined", "bwrap")  # at these, nothing gets through
CONTROLS = ("control_honest", "control_wrong", "control_refuses")
SLOW = [
    "endless_loop",
    "endless_while_loading",
    "sleeps",
    "slow_text",
    "just_in_time",
    "drips",
    "closes_pipes",
    "lying_object",
]
SHADOWS = ["numpy", "json", "sitecustomize", "usercustomize", "conftest", "torch", "struct", "reference_tests", "impl"]
EXPECTED_ENDS = ("plain", "second-call", "empty-batch")
TIMEOUT, WHOLE, MEMORY = 1.0, 4.0, 1 << 29  # seconds for a check and for a submission, bytes
PUBLIC_PLACES = ("/tmp", "/var/tmp", "/dev/shm", "~")
THROUGH = "THROUGH "  # how an attack tells what it reached


@dataclass(frozen=True)
class Outcome:
    """effects: what got through; none is as it should be. ended: how, in the words of the report."""

    attack: str
    level: str
    effects: tuple[str, ...]
    ended: tuple[str, ...]
    passed: int
    seconds: float


def attacks() -> list[str]:
    names = sorted(p.stem for p in HOSTILE.glob("*.py") if not p.stem.startswith("_"))
    return [name for name in names if name not in CONTROLS]


class AttackRange:
    """Where they are let loose. public: with the published numbers instead of secret ones."""

    def __init__(self, public: bool = False) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="bait-")).resolve()
        self.bait = self.folder.name
        (self.folder / "bait").mkdir()
        (self.folder / "bait" / "secret.txt").write_text("a file outside")
        self.secret = b"the-secret-of-" + b"the-grader-" + secrets.token_hex(8).encode()
        os.environ["CONVCHECK_BAIT"] = "a secret in the environment"
        self.output = self.folder / "output"  # where an attack at level none writes, for the grader's own
        self.server = ForkServer()
        seed = 0 if public else secrets.randbelow(1 << 30) + 1
        some = [c for c in all_checks(["relu"]) if c.scenario.id in EXPECTED_ENDS]
        some = [replace(c, case=replace(c.case, seed=seed)) for c in [*some[:6], *some[-4:]]]
        self.checks = [(check, prepare(check)) for check in some]
        self.free: set[str] = set()  # the checks that wrong controls pass too

    def measure(self) -> None:
        self.free = {v.check.id for name in CONTROLS[1:] for v in self.judged(name, "process") if v.status == "pass"}

    def place(self, name: str) -> Path:
        """A fresh copy, with the honest control beside it."""
        theirs = self.folder / "submissions"
        shutil.rmtree(theirs, ignore_errors=True)
        theirs.mkdir()
        shutil.copy(HOSTILE / "control_honest.py", theirs)
        if name != "shadows":
            return Path(shutil.copy(HOSTILE / f"{name}.py", theirs))
        (theirs / name).mkdir()
        shutil.copy(HOSTILE / f"{name}.py", theirs / name / "layers.py")
        for other in SHADOWS:
            (theirs / name / f"{other}.py").write_text(f'raise RuntimeError("{THROUGH}was imported for {other}")\n')
        return theirs / name

    def judged(self, name: str, level: str) -> list[Verdict]:
        path = self.place(name)
        if level == "none":
            with load(str(path), seconds=TIMEOUT) as subject:
                return verdicts(self.checks, subject)
        limits: dict = {"timeout": TIMEOUT, "submission_timeout": WHOLE, "memory": MEMORY}
        with ConfinedSubject(path, isolation=level, server=self.server, **limits) as subject:
            return verdicts(self.checks, subject)

    def run(self, name: str, level: str) -> Outcome:
        start = time.monotonic()
        effects: set[str] = set()
        found: list[dict] = []
        try:
            found = in_own_process(self, name) if level == "none" else say_outcome(self.judged(name, level))
        except LoadError as error:
            found = [{"status": "not loaded", "text": str(error)}]
        except GraderEnds as ends:
            effects.add(str(ends))
        seconds = time.monotonic() - start
        passed = {v["id"] for v in found if v["status"] == "pass"}
        effects |= {"points"} if passed - self.free else set()
        effects |= {v["text"].partition(THROUGH)[2].partition(":")[0] for v in found if THROUGH in v["text"]}
        effects |= {"ended the server"} if any(v["status"] == "error" for v in found) else set()
        effects |= {"took too long"} if seconds > 3 * WHOLE else set()
        effects |= {"flooded the output"} if self.output.exists() and self.output.stat().st_size > 1 << 20 else set()
        self.output.unlink(missing_ok=True)
        effects |= {"left a process"} if self.end_processes() else set()
        effects |= {"left a file"} if self.remove_files() else set()
        if level == "process" and self.server.process and self.server.process.poll() is not None:
            effects.add("ended the server")
        if level != "none" and any(v.status != "pass" for v in self.judged("control_honest", "confined")):
            effects.add("harmed the next")
        ended = tuple(dict.fromkeys(v.get("reason") or v["status"] for v in found))
        return Outcome(name, level, tuple(sorted(effects)), ended, len(passed), round(seconds, 2))

    def end_processes(self) -> int:
        """Of those that carry our bait's name: how many there were. They are ended."""
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
        """Of those that carry our bait's name, outside what we have put there."""
        places = [Path(p).expanduser() for p in PUBLIC_PLACES] + [self.folder, *self.folder.rglob("*")]
        left = {p for place in places if place.is_dir() for p in place.glob(f"{self.bait}-*")}
        left |= {p for place in places if place.is_dir() for p in place.glob(f"{self.bait}.*")}
        for path in left:
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink(missing_ok=True)
        return len(left)

    def close(self) -> None:
        self.server.close()
        self.end_processes()
        self.remove_files()
        shutil.rmtree(self.folder, ignore_errors=True)
        os.environ.pop("CONVCHECK_BAIT", None)


@contextmanager
def attack_range(public: bool = False) -> Iterator[AttackRange]:
    made = AttackRange(public)
    try:
        made.measure()
        yield made
    finally:
        made.close()


def verdicts(checks: list[tuple[Check, tuple]], subject: Subject) -> list[Verdict]:
    return [judge(check, subject, ready=ready) for check, ready in checks]


def say_outcome(found: list[Verdict]) -> list[dict]:
    """What a process may say to another."""
    stops = [next((str(p.got.text) for p in v.problems if p.kind == "stopped"), "") for v in found]
    return [{"id": v.check.id, "status": v.status, "reason": v.reason, "text": t} for v, t in zip(found, stops)]


class GraderEnds(Exception):
    """At level none an attack may end or hang the grader itself."""


def in_own_process(where: AttackRange, name: str) -> list[dict]:
    """Level none in a copy of our own process, since it may not survive."""
    back, to = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(back)
        try:
            in_the_grader(where, name, to)
        finally:
            os._exit(1)
    os.close(to)
    try:
        heard, until = b"", time.monotonic() + WHOLE + 2
        while select.select([back], [], [], max(0.0, until - time.monotonic()))[0]:
            piece = os.read(back, 1 << 20)
            if not piece:
                break
            heard += piece
        late = time.monotonic() > until
    finally:
        os.close(back)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    try:
        return json.loads(heard)
    except ValueError:
        raise GraderEnds("hung the grader" if late else "ended the grader") from None


def in_the_grader(where: AttackRange, name: str, to: int) -> None:
    os.setsid()
    faulthandler.disable()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    output = os.open(where.output, os.O_RDWR | os.O_CREAT | os.O_APPEND)
    high = os.dup2(to, 100)
    for fd in (0, 1, 2):
        os.dup2(output, fd)
    to = os.dup2(high, 3)
    os.closerange(4, 4096)  # what else is open belongs to whoever runs us
    try:
        found = say_outcome(where.judged(name, "none"))
    except LoadError as error:
        found = [{"id": "", "status": "not loaded", "reason": "", "text": str(error)}]
    atexit._run_exitfuncs()
    os.write(to, json.dumps(found).encode())
    os._exit(0)
