"""Grade on a Dask cluster: its workers hold the answers, and start submissions in processes that hold none.

A submission travels as its bytes, so that the machines need share nothing but the network. The scheduler repeats the
work of a worker that dies; a submission of which several workers die is a grader error. run.run() drops a result that
comes twice.
"""

import asyncio
import contextlib
import logging
import pickle
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from ..errors import UsageError
from ..i18n import _
from ..installation import install_command
from .checklist import Answers, make_checklist, right_answers
from .grade_one import empty_result, grade_one
from .result import Result
from .sandbox.forkserver import ForkServer
from .settings import RunSettings
from .submissions.bundle import read_submission
from .submissions.submission import Submission

AHEAD = 2  # submissions under way for each thread of a worker
PROFILER = ("profile", "profile-cycle")  # what Dask calls it in a worker
WAITING = 30.0  # seconds for the scheduler, and for its first worker


class LostScheduler(Exception):
    """The scheduler is gone, and with it what was under way."""


@dataclass(frozen=True)
class Cluster:
    """Grade on the workers of a scheduler. address: tcp://host:8786."""

    address: str

    def run(self, settings: RunSettings, submissions: Iterable[Submission]) -> Generator[Result, None, None]:
        """Yield one Result a submission, as each finishes.

        Raises UsageError if no scheduler or worker is there, if a worker has another version, or if the scheduler ends.
        """
        distributed = import_distributed()
        logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # what it logs, the UsageErrors say
        try:
            client = distributed.Client(self.address, timeout=WAITING, set_as_default=False)
        except (OSError, ValueError, TypeError) as error:
            why = error or _("nobody answers there")
            raise UsageError(f"--scheduler {self.address}: {why}") from None
        lost = (LostScheduler, distributed.comm.CommClosedError, asyncio.CancelledError, ConnectionError)
        with client:
            try:
                yield from grade_with(distributed, client, self.address, settings, submissions)
            except lost:
                text = _("it has ended, or cannot be reached any more; what is graded stays, and --resume goes on")
                raise UsageError(f"--scheduler {self.address}: {text}") from None


def grade_with(
    distributed: Any, client: Any, address: str, settings: RunSettings, submissions: Iterable[Submission]
) -> Iterator[Result]:
    """Yield one Result a submission, of a client's workers. Raises UsageError, and what tells of a lost scheduler."""
    try:
        client.wait_for_workers(1, timeout=WAITING)
    except TimeoutError:
        raise UsageError(f"--scheduler {address}: " + _("it has no workers")) from None
    for worker, theirs in client.run(make_version_teller()).items():
        if theirs != settings.suite_version:
            raise UsageError(f"--scheduler {address}: {refuse_worker(worker, theirs, settings.suite_version)}")
    name = f"convcheck-{settings.seed}-{settings.rubric.hash}"
    answers = right_answers(make_checklist(settings.rubric, settings.seed))
    client.register_plugin(make_plugin(distributed, settings, answers), name=name)
    again: list[Submission] = []
    try:
        for submission, result in submit_all(distributed, client, settings, submissions, name):
            if result.again:
                again.append(submission)
            else:
                yield result
        for _number, result in submit_all(distributed, client, settings.once_more(), again, name, alone=True):
            yield result
    finally:
        with contextlib.suppress(Exception):  # of a scheduler that is gone
            client.unregister_worker_plugin(name)


def refuse_worker(worker: str, theirs: str, ours: str) -> str:
    """Return why a worker is refused: its marks would be those of another release."""
    text = _("the worker {worker} has {theirs}, and this is {ours}: install the same convcheck on all machines")
    return text.format(worker=worker, theirs=theirs, ours=ours)


def make_version_teller() -> Callable[[], str]:
    """Return a function that returns the suite's version where it runs. It travels as code, for any version."""

    def tell() -> str:
        try:
            from reference_tests.grading.settings import suite_version

            return str(suite_version())
        except Exception as error:
            return f"no convcheck ({type(error).__name__}: {error})"

    return tell


def import_distributed() -> Any:
    """Import dask.distributed. Raises UsageError if it is not installed."""
    try:
        import distributed
    except ImportError:
        text = _("--scheduler needs dask.distributed: {how}")
        raise UsageError(text.format(how=install_command("dask"))) from None
    return distributed


def submit_all(
    distributed: Any, client: Any, settings: RunSettings, submissions: Iterable[Submission], plugin: str,
    alone: bool = False,
) -> Iterator[tuple[Submission, Result]]:  # fmt: skip
    """Keep a few submissions for each thread under way: as one finishes, the next is read and sent.

    alone: one at a time.
    """
    source, task = iter(submissions), make_task(plugin)
    finished = distributed.as_completed([], loop=client.loop)
    under_way: dict[str, Submission] = {}

    def submit_up_to(most: int) -> None:
        while len(under_way) < most and (submission := next(source, None)):
            key = f"{plugin}-{submission.name}" + ("-alone" if alone else "")
            under_way[key] = submission
            content = pickle.dumps((submission, read_submission(submission), settings.patience), 5)
            finished.add(client.submit(task, content, key=key, pure=False))

    while True:
        submit_up_to(1 if alone else AHEAD * max(1, sum(client.nthreads().values())))
        if not under_way:
            return
        future = next(finished)
        submission = under_way.pop(future.key)
        yield submission, result_of(future, submission, settings)
        future.release()


def result_of(future: Any, submission: Submission, settings: RunSettings) -> Result:
    """Return the result of a finished future; a grader error if its workers have died.

    Raises LostScheduler, UsageError if the worker has another version.
    """
    if future.status in ("cancelled", "lost"):
        raise LostScheduler
    try:
        answer = future.result()
    except Exception as error:  # whatever a worker fails of costs this submission's result only
        why = f"{type(error).__name__}: {error}"
        return empty_result(submission, settings, read_submission(submission).content_hash, why[:300])
    if isinstance(answer, tuple):
        worker, theirs = answer
        raise UsageError(refuse_worker(worker, theirs, settings.suite_version))
    result: Result = pickle.loads(answer)
    return result


def make_task(plugin: str) -> Callable[[bytes], Any]:
    """Return the function that grades in the worker that runs it. It travels as code, for any version."""

    def grade_there(content: bytes) -> Any:
        from distributed import get_worker

        there: Any = get_worker().plugins[plugin]
        return there.grade(content)

    return grade_there


def make_plugin(distributed: Any, settings: RunSettings, answers: Answers) -> Any:
    """Make the plugin that every worker holds for the time of the run, also one that joins later.

    It travels as code and bytes, so that a worker of another version can be told that it is one.
    """
    content = pickle.dumps((settings, answers), 5)
    ours, tell = settings.suite_version, make_version_teller()

    class Grading(distributed.WorkerPlugin):  # type: ignore[misc]  # distributed is imported when it is needed
        """What a worker needs to grade. refused: its address and version, if that is another one."""

        def setup(self, worker: Any) -> None:
            """Make what each submission needs."""
            theirs = tell()
            self.refused = () if theirs == ours else (worker.address, theirs)
            if not self.refused:
                from reference_tests.grading import cluster

                self.desk = cluster.Desk(worker, content)

        def teardown(self, worker: Any) -> None:
            """End the fork server, and with it the submissions."""
            if not self.refused:
                self.desk.close()

        def grade(self, content: bytes) -> Any:
            """Grade one submission. Return its result as bytes, or which worker is refused."""
            return self.refused or self.desk.grade(content)

    return Grading()


class Desk:
    """A worker's checklist, answers and fork server. Dask's profiler, which keeps an hour of samples, rests."""

    def __init__(self, worker: Any, content: bytes) -> None:
        self.settings, self.answers = pickle.loads(content)
        self.checklist = make_checklist(self.settings.rubric, self.settings.seed)
        self.server = ForkServer()
        self.resting = [worker.periodic_callbacks[name] for name in PROFILER if name in worker.periodic_callbacks]
        for callback in self.resting:
            callback.stop()

    def grade(self, content: bytes) -> bytes:
        """Grade a submission that came as bytes, and return its result as bytes."""
        submission, bundle, patience = pickle.loads(content)
        how = replace(self.settings, patience=patience), self.checklist, self.answers, self.server
        return pickle.dumps(grade_one(submission, bundle, *how), 5)

    def close(self) -> None:
        """End the fork server."""
        self.server.close()
        for callback in self.resting:
            callback.start()
