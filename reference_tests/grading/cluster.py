"""Grade on a Dask cluster: its workers hold the answers, and start submissions in processes that hold none.

A submission travels as its bytes, so that the machines need share nothing but the network. The scheduler repeats the
work of a worker that dies; a submission of which several workers die is a grader error. run.run() drops a result that
comes twice.
"""

from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ..errors import UsageError
from ..i18n import _
from ..installation import install_command
from .checklist import Answers, make_checklist, right_answers
from .grade_one import empty_result, grade_one
from .result import Result
from .sandbox.forkserver import ForkServer
from .settings import RunSettings
from .submissions.bundle import Bundle, read_submission
from .submissions.submission import Submission

AHEAD = 2  # submissions under way for each thread of a worker
PROFILER = ("profile", "profile-cycle")  # what Dask calls it in a worker
WAITING = 30.0  # seconds for the scheduler, and for its first worker


@dataclass(frozen=True)
class Cluster:
    """Grade on the workers of a scheduler. address: tcp://host:8786."""

    address: str

    def run(self, settings: RunSettings, submissions: Iterable[Submission]) -> Generator[Result, None, None]:
        """Yield one Result a submission, as each finishes. Raises UsageError if no scheduler or worker is there."""
        distributed = import_distributed()
        try:
            client = distributed.Client(self.address, timeout=WAITING, set_as_default=False)
        except (OSError, ValueError, TypeError) as error:
            why = error or _("nobody answers there")
            raise UsageError(f"--scheduler {self.address}: {why}") from None
        with client:
            try:
                client.wait_for_workers(1, timeout=WAITING)
            except TimeoutError:
                raise UsageError(f"--scheduler {self.address}: " + _("it has no workers")) from None
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
                for _number, result in submit_all(distributed, client, settings, again, name, alone=True):
                    yield result
            finally:
                client.unregister_worker_plugin(name)


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
    source = iter(submissions)
    finished = distributed.as_completed([], loop=client.loop)
    under_way: dict[str, Submission] = {}

    def submit_up_to(most: int) -> None:
        while len(under_way) < most and (submission := next(source, None)):
            key = f"{plugin}-{submission.name}" + ("-alone" if alone else "")
            under_way[key] = submission
            finished.add(
                client.submit(grade_there, submission, read_submission(submission), plugin, key=key, pure=False)
            )

    while True:
        submit_up_to(1 if alone else AHEAD * max(1, sum(client.nthreads().values())))
        if not under_way:
            return
        future = next(finished)
        submission = under_way.pop(future.key)
        yield submission, result_of(future, submission, settings)
        future.release()


def result_of(future: Any, submission: Submission, settings: RunSettings) -> Result:
    """Return the result of a finished future; a grader error if its workers have died."""
    try:
        result = future.result()
        if isinstance(result, Result):
            return result
        why = "the worker gave no result"
    except Exception as error:  # whatever a worker fails of costs this submission's result only
        why = f"{type(error).__name__}: {error}"
    return empty_result(submission, settings, read_submission(submission).content_hash, why[:300])


def grade_there(submission: Submission, bundle: Bundle, plugin: str) -> Result:
    """Grade a submission in the worker that runs this."""
    from distributed import get_worker

    there: Any = get_worker().plugins[plugin]
    result: Result = there.grade(submission, bundle)
    return result


def make_plugin(distributed: Any, settings: RunSettings, answers: Answers) -> Any:
    """Make the plugin that every worker holds for the time of the run, also one that joins later."""

    class Grading(distributed.WorkerPlugin):  # type: ignore[misc]  # distributed is imported when it is needed
        """A worker's checklist and fork server."""

        def setup(self, worker: Any) -> None:
            """Make what each submission needs. Dask's profiler, which keeps an hour of samples, rests meanwhile."""
            self.resting = [worker.periodic_callbacks[name] for name in PROFILER if name in worker.periodic_callbacks]
            for callback in self.resting:
                callback.stop()
            self.checklist = make_checklist(settings.rubric, settings.seed)
            self.server = ForkServer()

        def teardown(self, worker: Any) -> None:
            """End the fork server, and with it the submissions."""
            self.server.close()
            for callback in self.resting:
                callback.start()

        def grade(self, submission: Submission, bundle: Bundle) -> Result:
            """Grade one submission."""
            return grade_one(submission, bundle, settings, self.checklist, answers, self.server)

    return Grading()
