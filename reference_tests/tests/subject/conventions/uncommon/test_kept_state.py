"""What a target keeps for all its layers is after reading as it was before: trials are no calls of anybody's."""

import functools
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from reference_tests.conformance.examination import Request, examine
from reference_tests.subject.conventions.uncommon.kept_state import kept_as_it_was
from reference_tests.subject.load import load

CACHE: dict[str, int] = {}
WEIGHTS = {"W": np.ones(3)}


class Layer:
    shared: dict[str, int] = {}  # noqa: RUF012 (the mistake)
    calls = 0

    def forward(self, x, seen=[]):  # noqa: B006 (the mistake)
        seen.append(x)
        Layer.calls += 1
        Layer.last = x
        self.shared["x"] = CACHE["x"] = x
        WEIGHTS["W"] += 1
        return sizes(x), len(seen)


@functools.lru_cache
def sizes(x):
    return object()


def test_state_of_trials_is_taken_back():
    """Containers, numbers, attributes, default arguments and cached results; the objects stay the same."""
    module, array = ModuleType("target"), WEIGHTS["W"]
    vars(module).update(CACHE=CACHE, WEIGHTS=WEIGHTS, Layer=Layer, sizes=sizes, calls=0)
    with kept_as_it_was([module], [Layer, sizes], {__file__}):
        first, _ = Layer().forward(5)
        module.calls = 7
    assert CACHE == {} == Layer.shared
    assert (Layer.calls, module.calls, hasattr(Layer, "last")) == (0, 0, False)
    assert WEIGHTS["W"] is array
    assert array.tolist() == [1, 1, 1]
    second, seen = Layer().forward(5)
    assert seen == 1
    assert second is not first


def test_a_container_of_itself_and_a_data_set_are_left_as_they_are():
    loop: list = [1]
    loop.append(loop)
    module = ModuleType("target")
    vars(module).update(loop=loop, images=np.zeros(200_000))
    with kept_as_it_was([module], [], set()):
        loop.append(2)
        module.images[:] = 1
    assert len(loop) == 2
    assert module.images.all()


class Tape:
    def __init__(self):
        self.nodes = []


def test_plain_data_beside_an_object_that_is_kept_is_left_alone():
    """The numbers of a tape's nodes stand in the tape: a count that began anew would give one of them twice."""
    module = ModuleType("target")
    vars(module).update(count=[0], tape=Tape(), Tape=Tape)
    with kept_as_it_was([module], list(vars(module).values()), {__file__}):
        module.count[0] += 1
    assert module.count == [1]


SHARED = """
import numpy as np
running = {}

class BatchNormalization:
    def __init__(self, gamma, beta, momentum=0.9, running_mean=None, running_var=None):
        self.gamma, self.beta, self.momentum = gamma, beta, momentum
        self.running_mean, self.running_var = running_mean, running_var

    def forward(self, x, train_flg=True):
        m, (mean, var) = self.momentum, running.setdefault(x.shape[1], (self.running_mean, self.running_var))
        self.running_mean, self.running_var = mean, var
        if train_flg:
            mean, var = x.mean(0), x.var(0)
            self.running_mean = m * self.running_mean + (1 - m) * mean
            self.running_var = m * self.running_var + (1 - m) * var
            running[x.shape[1]] = self.running_mean, self.running_var
        return self.gamma * (x - mean) / np.sqrt(var + 1e-5) + self.beta
"""


@pytest.mark.slow
def test_a_cache_of_all_layers_is_empty_when_the_first_is_judged(tmp_path: Path):
    """It is right alone, in a process in which nothing was called before."""
    path = tmp_path / "target.py"
    path.write_text(SHARED, encoding="utf-8")
    case = "batch_norm/inference-of-rows/forward"
    found = examine(load(str(path)), Request(only=("batch_norm",), case=case, fresh=0)).components["batch_norm"]
    assert [v.status for v in found] == ["pass"]
