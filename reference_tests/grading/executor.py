"""Grade many submissions at once, in processes of this machine. cluster.py does the same on a Dask cluster.

Both give one Result a submission, in order of finishing, and hold only as many submissions as are being graded.
"""

import contextlib
import os
import pickle
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Protocol

from ..subject.import_context import ROOT
from .checklist import make_checklist, right_answers
from .grade_one import empty_result, grade_one
from .result import Result
from .sandbox.forkserver import ForkServer
from .settings import RunSettings
from .submissions.bundle import read
from .submissions.find import Submission

BOOT = "import sys; sys.path.append(sys.argv.pop()); from reference_tests.grading.executor import work; work()"
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
LONGEST = 120.0  # seconds beyond the submission's own time that a worker may take: for reading, judging, diagnosis
TRIES = 2  # of a submission whose worker died


class Executor(Protocol):
    """Something that grades submissions at the same time."""

    def run(self, settings: RunSettings, submissions: Iterable[Submission]) -> Generator[Result, None, None]:
        """Yield one Result a submission, as each finishes. Closing the generator ends the work."""
        ...


@dataclass
class Worker:
    """A process that grades. It holds the answers, and starts each submission in a process that holds none."""

    process: subprocess.Popen[bytes]
    pipe: Connection
    submission: Submission | None = None  # the one it is grading
    since: float = 0.0


@dataclass(frozen=True)
class Local:
    """Grade in so many processes of this machine; 0: one a processor."""

    jobs: int = 0

    def run(self, settings: RunSettings, submissions: Iterable[Submission]) -> Generator[Result, None, None]:
        """Yield one Result a submission, as each finishes."""
        source, deaths = iter(submissions), Counter[str]()
        workers = [start_worker() for _ in range(self.jobs or processors())]
        try:
            first_message = pack_answers(settings)  # while the workers import
            for worker in workers:
                send(worker, first_message)
                send_submission(worker, next(source, None))
            while any(worker.submission for worker in workers):
                for number, worker in enumerate(workers):
                    if worker.submission and (result := receive_result(worker)):
                        yield result
                        send_submission(worker, next(source, None))
                    elif worker.submission and is_gone(worker, settings):
                        end_worker(worker)
                        workers[number] = start_worker()
                        send(workers[number], first_message)
                        deaths[worker.submission.name] += 1
                        if deaths[worker.submission.name] < TRIES:
                            send_submission(workers[number], worker.submission)
                        else:
                            why = f"the process that grades ended {TRIES} times without a result"
                            yield empty_result(worker.submission, settings, "", why)
                            send_submission(workers[number], next(source, None))
                wait([worker.pipe for worker in workers if worker.submission], 1.0)
        finally:
            for worker in workers:
                end_worker(worker)


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def pack_answers(settings: RunSettings) -> bytes:
    """Return what every worker needs, pickled: the settings and the right answers, which are computed here."""
    return pickle.dumps((settings, right_answers(make_checklist(settings.rubric, settings.seed))), 5)


def start_worker() -> Worker:
    """Start a process that runs work()."""
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", BOOT, str(theirs.fileno()), str(ROOT)],
            env={**os.environ, **ONE_THREAD},
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is the parent's
        )
    return Worker(process, Connection(ours.detach()))


def send(worker: Worker, content: bytes) -> None:
    """Send a message to a worker. If it is gone, is_gone() says so later, and its submission is graded again."""
    with contextlib.suppress(OSError):
        worker.pipe.send_bytes(content)


def send_submission(worker: Worker, submission: Submission | None) -> None:
    """Give a worker its next submission; None: it has nothing more to do."""
    worker.submission, worker.since = submission, time.monotonic()
    if submission:
        send(worker, pickle.dumps(submission, 5))


def receive_result(worker: Worker) -> Result | None:
    """Return the worker's result if it has finished."""
    with contextlib.suppress(OSError, EOFError):
        if worker.pipe.poll():
            result: Result = pickle.loads(worker.pipe.recv_bytes())
            return result
    return None


def is_gone(worker: Worker, settings: RunSettings) -> bool:
    """True if a worker has ended, or takes longer than any submission may."""
    late = time.monotonic() - worker.since > settings.submission_timeout + LONGEST
    return worker.process.poll() is not None or late


def end_worker(worker: Worker) -> None:
    """Kill a worker."""
    worker.pipe.close()
    worker.process.kill()
    worker.process.wait()


def work() -> None:
    """Run a worker: receive the settings and the answers, then grade submissions until the parent is gone.

    A fork server starts the submissions' processes. It is a program of its own and never holds an answer.
    """
    pipe = Connection(int(sys.argv.pop()))
    with ForkServer() as server, contextlib.suppress(EOFError, OSError):  # the parent is gone
        settings, answers = pickle.loads(pipe.recv_bytes())
        checklist = make_checklist(settings.rubric, settings.seed)
        while True:
            submission: Submission = pickle.loads(pipe.recv_bytes())
            result = grade_one(submission, read(submission.path), settings, checklist, answers, server)
            pipe.send_bytes(pickle.dumps(result, 5))
