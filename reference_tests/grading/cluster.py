"""The same run on a Dask cluster: its workers hold the answers as a job of this machine does, and each starts
submissions in processes that hold none. A submission travels as its bytes, so nothing need be shared but the network.

Work of a worker that dies is done again elsewhere by the scheduler; a submission that several workers die of is a
grader error. run.run() drops what should come twice."""

import pickle
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ..errors import UsageError
from .checklist import Answers, make_checklist
from .executor import prepare_answers
from .grade_one import RunSettings, empty_result, grade_one
from .result import Result
from .sandbox.forkserver import ForkServer
from .submissions.bundle import Bundle, read
from .submissions.find import Submission

AHEAD = 2  # submissions on their way for each thread of a worker
WAITING = 30.0  # seconds for the scheduler, and for its first worker


@dataclass(frozen=True)
class Cluster:
    """address: tcp://host:8786, where a scheduler and at least one worker are."""

    address: str

    def run(self, setting: RunSettings, submissions: Iterable[Submission]) -> Iterator[Result]:
        distributed = import_distributed()
        try:
            client = distributed.Client(self.address, timeout=WAITING, set_as_default=False)
        except (OSError, ValueError, TypeError) as error:
            raise UsageError(f"--scheduler {self.address}: {error or 'nobody answers there'}") from None
        with client:
            try:
                client.wait_for_workers(1, timeout=WAITING)
            except TimeoutError:
                raise UsageError(f"--scheduler {self.address}: it has no workers") from None
            name = f"convcheck-{setting.seed}-{setting.rubric.hash}"
            client.register_plugin(plugin_for(distributed, setting, list(prepare_answers(setting))), name=name)
            try:
                yield from stream_answers(distributed, client, setting, submissions, name)
            finally:
                client.unregister_worker_plugin(name)


def import_distributed() -> Any:
    try:
        import distributed
    except ImportError:
        raise UsageError("--scheduler needs dask.distributed: pip install 'convcheck[dask]'") from None
    return distributed


def stream_answers(
    distributed: Any, client: Any, setting: RunSettings, submissions: Iterable[Submission], name: str
) -> Iterator[Result]:
    """A few for each thread are on their way; as one comes back, the next is read and sent."""
    source = iter(submissions)
    under_way = distributed.as_completed([], loop=client.loop)
    doing: dict[str, Submission] = {}

    def send(most: int) -> None:
        while len(doing) < most and (submission := next(source, None)):
            key = f"{name}-{submission.name}"
            doing[key] = submission
            under_way.add(client.submit(on_worker, submission, read(submission.path), name, key=key, pure=False))

    while True:
        send(AHEAD * max(1, sum(client.nthreads().values())))
        if not doing:
            return
        future = next(under_way)
        submission = doing.pop(future.key)
        yield answer_of(future, submission, setting)
        future.release()


def answer_of(future: Any, submission: Submission, setting: RunSettings) -> Result:
    try:
        result = future.result()
        if isinstance(result, Result):
            return result
        why = "the worker gave no result"
    except Exception as error:  # a worker's fault, whatever it is, is one submission's
        why = f"{type(error).__name__}: {error}"
    lost = empty_result(submission, setting, read(submission.path).content_hash)
    lost.reason = why[:300]
    return lost


def on_worker(submission: Submission, bundle: Bundle, name: str) -> Result:
    from distributed import get_worker

    plugin: Any = get_worker().plugins[name]
    return plugin.grade(submission, bundle)


def plugin_for(distributed: Any, setting: RunSettings, right: list[bytes]) -> Any:
    """What a worker has for the time of the run. Workers that come later get it too."""

    class Grading(distributed.WorkerPlugin):
        def setup(self, worker: Any) -> None:
            self.paper = make_checklist(setting.rubric, setting.seed)
            self.answers: Answers = {}
            for content in right:
                self.answers |= pickle.loads(content)[1]
            self.server = ForkServer()

        def teardown(self, worker: Any) -> None:
            self.server.close()

        def grade(self, submission: Submission, bundle: Bundle) -> Result:
            return grade_one(submission, bundle, setting, self.paper, self.answers, self.server)

    return Grading()
