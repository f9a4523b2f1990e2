"""Grade many submissions at once, in processes of this machine. cluster.py does the same on a Dask cluster.

One whose process was killed, or that had a check run out of time, is graded once more at the end, alone, and may wait
for longer then; that counts. Both give one Result a submission, in order of finishing, and hold only as many
submissions as are being graded.
"""

import contextlib
import os
import pickle
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from typing import Protocol

from ..i18n import N_, speaker
from ..subject.import_context import ROOT
from ..subject.timing.alarms import LONGEST_LOOK, WALL, AwakeClock
from .checklist import Answers, Checklist, make_checklist, right_answers
from .grade_one import describe_fault, empty_result, grade_one
from .leftovers import remove_folders
from .result import Result
from .sandbox.forkserver import ForkServer
from .settings import RunSettings
from .submissions.bundle import read_submission
from .submissions.submission import Submission

BOOT = "import sys; sys.path.append(sys.argv.pop()); from reference_tests.grading.executor import work; work()"
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
LONGEST = 120.0  # seconds beyond the submission's own time that a worker may take: for reading, judging, diagnosis
DIED = N_("the process that grades ended twice without a result")
AWAKE = AwakeClock(LONGEST_LOOK)
WATCH = 0.5  # seconds between two looks whether the parent is still there


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
    since: float = 0.0  # by AWAKE


@dataclass(frozen=True)
class Local:
    """Grade in so many processes of this machine; 0: one a processor."""

    jobs: int = 0

    def run(self, settings: RunSettings, submissions: Iterable[Submission]) -> Generator[Result, None, None]:
        """Yield one Result a submission, as each finishes."""
        workers = [start_worker() for _ in range(self.jobs or processors())]
        try:
            first_message = pack_answers(settings)  # while the workers import
            for worker in workers:
                send(worker, first_message)
            again: list[Submission] = []
            for submission, result in run_workers(workers, len(workers), first_message, settings, submissions):
                if result is None or result.again:
                    again.append(submission)
                else:
                    yield result
            for submission, result in run_workers(workers, 1, first_message, settings.once_more(), again):
                yield result or empty_result(submission, settings, "", speaker(settings.rubric.language)(DIED))
        finally:
            for worker in workers:
                end_worker(worker)


def run_workers(
    workers: list[Worker], most: int, first_message: bytes, settings: RunSettings, submissions: Iterable[Submission]
) -> Iterator[tuple[Submission, Result | None]]:
    """Grade with at most so many of the workers. Yield each submission's result, None if its worker has died.

    A worker that has died is replaced in the list.
    """
    source = iter(submissions)
    for worker in workers[:most]:
        send_submission(worker, next(source, None), settings)
    while any(worker.submission for worker in workers):
        for number, worker in enumerate(workers):
            submission, result = worker.submission, None
            if submission is None or ((result := receive_result(worker)) is None and not is_gone(worker, settings)):
                continue
            if result is None:
                end_worker(worker)
                workers[number] = start_worker()
                send(workers[number], first_message)
            worker.submission = None
            yield submission, result
            send_submission(workers[number], next(source, None), settings)
        wait([worker.pipe for worker in workers if worker.submission], LONGEST_LOOK)


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


def send_submission(worker: Worker, submission: Submission | None, settings: RunSettings) -> None:
    """Give a worker its next submission; None: it has nothing more to do."""
    worker.submission, worker.since = submission, AWAKE.now()
    if submission:
        send(worker, pickle.dumps((submission, settings.patience), 5))


def receive_result(worker: Worker) -> Result | None:
    """Return the worker's result if it has finished."""
    with contextlib.suppress(OSError, EOFError):
        if worker.pipe.poll():
            result: Result = pickle.loads(worker.pipe.recv_bytes())
            return result
    return None


def is_gone(worker: Worker, settings: RunSettings) -> bool:
    """True if a worker has ended, or takes longer than any submission may."""
    late = AWAKE.now() - worker.since > WALL * settings.patience * settings.submission_timeout + LONGEST
    return worker.process.poll() is not None or late


def end_worker(worker: Worker) -> None:
    """Kill a worker, and remove the files of the submission that it was grading."""
    worker.pipe.close()
    worker.process.kill()
    worker.process.wait()
    if worker.submission:
        remove_folders(worker.process.pid)


def work() -> None:
    """Run a worker: receive the settings and the answers, then grade submissions until the parent is gone.

    A fork server starts the submissions' processes. It is a program of its own and never holds an answer.
    """
    pipe = Connection(int(sys.argv.pop()))
    threading.Thread(target=end_with, args=[os.getppid()], daemon=True).start()
    with ForkServer() as server, contextlib.suppress(EOFError, OSError):  # the parent is gone
        settings, answers = pickle.loads(pipe.recv_bytes())
        checklist = make_checklist(settings.rubric, settings.seed)
        while True:
            submission, patience = pickle.loads(pipe.recv_bytes())
            how = replace(settings, patience=patience)
            result = read_and_grade(submission, how, checklist, answers, server)
            pipe.send_bytes(pickle.dumps(result, 5))


def read_and_grade(
    submission: Submission, settings: RunSettings, checklist: Checklist, answers: Answers, server: ForkServer
) -> Result:
    """Grade a submission. Whatever goes wrong in this process is this one result's: a grader error that says where."""
    try:
        return grade_one(submission, read_submission(submission), settings, checklist, answers, server)
    except Exception as error:
        return empty_result(submission, settings, "", describe_fault(error))


def end_with(parent: int) -> None:
    """End this process once its parent has ended, however that came, and leave no file of a submission behind."""
    while os.getppid() == parent:
        time.sleep(WATCH)
    remove_folders(os.getpid())
    os._exit(1)
