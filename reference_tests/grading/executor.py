"""Who does the grading: processes of this machine; a Dask cluster is in cluster.py. Both give one Result a submission,
in order of finishing, and hold only so many submissions as are being worked on."""

import contextlib
import os
import pickle
import socket
import subprocess
import sys
import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Protocol

from ..subject.import_context import ROOT
from .checklist import Answers, make_checklist, right_answers
from .grade_one import RunSettings, empty_result, grade_one
from .result import Result
from .sandbox.forkserver import ForkServer
from .submissions.bundle import read
from .submissions.find import Submission

BOOT = "import sys; sys.path.append(sys.argv.pop()); from reference_tests.grading.executor import job; job()"
QUIET = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
LONGEST = 120.0  # seconds that a job may take beyond the submission's own time: for reading, judging, naming mistakes
TRIES = 2  # of a submission whose job died


class Executor(Protocol):
    def run(self, setting: RunSettings, submissions: Iterable[Submission]) -> Iterator[Result]:
        """One Result each, as they are done. Closing the iterator ends the work."""
        ...


@dataclass
class Job:
    """One process of ours: it holds the answers, and starts each submission in a process that holds none."""

    process: subprocess.Popen
    pipe: Connection
    doing: Submission | None = None
    since: float = 0.0


@dataclass(frozen=True)
class Local:
    """So many processes of this machine; 0: one a processor."""

    jobs: int = 0

    def run(self, setting: RunSettings, submissions: Iterable[Submission]) -> Iterator[Result]:
        source, sent, died = iter(submissions), list[bytes](), Counter[str]()
        jobs = [start(setting) for _ in range(self.jobs or processors())]
        try:
            for job in jobs:
                send_submission(job, next(source, None))
            for content in prepare_answers(setting):
                sent.append(content)
                for job in jobs:
                    send_answers(job, content)
            while any(job.doing for job in jobs):
                for number, job in enumerate(jobs):
                    if job.doing and (result := answer_of(job)):
                        yield result
                        send_submission(job, next(source, None))
                    elif job.doing and is_gone(job, setting):
                        end_process(job)
                        jobs[number] = start(setting, sent)
                        died[job.doing.name] += 1
                        if died[job.doing.name] < TRIES:
                            send_submission(jobs[number], job.doing)
                        else:
                            yield lost_result(job.doing, setting)
                            send_submission(jobs[number], next(source, None))
                wait([job.pipe for job in jobs if job.doing], 1.0)
        finally:
            for job in jobs:
                end_process(job)


def processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def prepare_answers(setting: RunSettings) -> Iterator[bytes]:
    """What is right, component by component: computed once, and sent to every job."""
    paper = make_checklist(setting.rubric, setting.seed)
    for name in paper.components:
        yield pickle.dumps((name, right_answers(paper, name)), 5)


def start(setting: RunSettings, sent: Iterable[bytes] = ()) -> Job:
    ours, theirs = socket.socketpair()
    with theirs:
        command = [sys.executable, "-P", "-c", BOOT, str(theirs.fileno()), str(ROOT)]
        process = subprocess.Popen(
            command,
            env={**os.environ, **QUIET},
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is ours
        )
    job = Job(process, Connection(ours.detach()))
    send_answers(job, pickle.dumps(setting, 5))
    for content in sent:
        send_answers(job, content)
    return job


def send_answers(job: Job, content: bytes) -> None:
    with contextlib.suppress(OSError):  # it is gone: gone() sees that, and its submission is done again
        job.pipe.send_bytes(content)


def send_submission(job: Job, submission: Submission | None) -> None:
    job.doing, job.since = submission, time.monotonic()
    if submission:
        send_answers(job, pickle.dumps(submission, 5))


def answer_of(job: Job) -> Result | None:
    with contextlib.suppress(OSError, EOFError):
        if job.pipe.poll():
            return pickle.loads(job.pipe.recv_bytes())
    return None


def is_gone(job: Job, setting: RunSettings) -> bool:
    return job.process.poll() is not None or time.monotonic() - job.since > setting.submission_timeout + LONGEST


def lost_result(submission: Submission, setting: RunSettings) -> Result:
    result = empty_result(submission, setting, "")
    result.reason = f"the process that grades ended {TRIES} times without a result"
    return result


def end_process(job: Job) -> None:
    job.pipe.close()
    job.process.kill()
    job.process.wait()


def job() -> None:
    """A job's own process: the setting first, then answers and submissions as they come."""
    pipe = Connection(int(sys.argv.pop()))
    setting: RunSettings = pickle.loads(pipe.recv_bytes())
    paper, right = make_checklist(setting.rubric, setting.seed), Right(pipe)
    with ForkServer() as server:
        try:
            while True:
                submission = right.following()
                how = (setting, paper, right.answers, server, right.wait_for)
                pipe.send_bytes(pickle.dumps(grade_one(submission, read(submission.path), *how), 5))
        except (EOFError, OSError):  # who asked is gone
            return


class Right:
    """The answers that have come so far. They may come after the first submission."""

    def __init__(self, pipe: Connection) -> None:
        self.pipe, self.answers, self.there = pipe, Answers(), set[str]()
        self.waiting: deque[Submission] = deque()

    def receive(self) -> None:
        got = pickle.loads(self.pipe.recv_bytes())
        if isinstance(got, Submission):
            self.waiting.append(got)
        else:
            name, found = got
            self.there.add(name)
            self.answers |= found

    def following(self) -> Submission:
        while not self.waiting:
            self.receive()
        return self.waiting.popleft()

    def wait_for(self, component: str) -> None:
        while component not in self.there:
            self.receive()
