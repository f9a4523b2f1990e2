"""Pools of threads, queues and connections are no layers, and are not asked: they would wait for ever."""

import pytest

from reference_tests.subject.source import LoadError

from ..special.targets import read

POOL = """
{imports}
class WorkerPool:
    def __init__(self, n):
        self.jobs = {queue}()
        self.threads = [{thread}(target=self.{run}, daemon=True) for _ in range(n)]
    def {run}(self, x=None):
        while True:
            self.jobs.get()(x)
"""
FUNCTION = """
import queue
jobs = queue.Queue()
def max_pool(x, size=2):
    return jobs.get()
"""


@pytest.mark.parametrize("run", ["_run", "run", "forward"])
@pytest.mark.parametrize(
    "imports, queue, thread",
    [
        ("import queue, threading", "queue.Queue", "threading.Thread"),
        ("from queue import SimpleQueue\nfrom threading import Thread", "SimpleQueue", "Thread"),
    ],
)
def test_a_pool_of_threads_is_not_asked(tmp_path, run, imports, queue, thread):
    with pytest.raises(LoadError, match="and no layer under another name"):
        read(tmp_path, POOL.format(imports=imports, queue=queue, thread=thread, run=run))


def test_a_function_that_waits_is_not_asked(tmp_path):
    with pytest.raises(LoadError, match="and no layer under another name"):
        read(tmp_path, FUNCTION)


PARALLEL = """
from concurrent.futures import ThreadPoolExecutor
class MaxPool:
    def __init__(self, size=2, stride=2):
        self.size, self.stride = size, stride
    def one(self, x):
        k, s = self.size, self.stride
        view = np.lib.stride_tricks.sliding_window_view(x, (k, k), (1, 2))[:, ::s, ::s]
        return view.max(axis=(3, 4))
    def forward(self, x):
        with ThreadPoolExecutor(2) as pool:
            return np.stack([*pool.map(self.one, x)])
"""


def test_a_layer_that_works_on_several_threads_is_asked(tmp_path):
    assert read(tmp_path, PARALLEL).interfaces["Pooling"].spoken.signature == "MaxPool(size=2, stride=2)"
