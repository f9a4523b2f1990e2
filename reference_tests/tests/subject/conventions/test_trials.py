"""Trials are counted: what cannot be read is given up early, and no clock decides what can be."""

from pathlib import Path

import pytest

from reference_tests.subject.conventions import interview
from reference_tests.subject.conventions.interview import ALL_REFUSED, REFUSED, Candidate, cost
from reference_tests.subject.conventions.special.families import ALL
from reference_tests.subject.source import LoadError

from .special.targets import read as load_text

ONE_CALL = 40  # more than what one way to make an object takes in all layouts: trials are counted in between
UNREADABLE = {  # every trial is refused, or gives nothing that can be used
    "function-of-unknown-words": """
def conv_forward(alpha, foo, bar, baz, qux, quux):
    note()
    raise ValueError("not like this")
""",
    "function-with-an-object": """
def conv2d(x, w, b, stride, pad, thing):
    note()
    return thing.apply(x, w)
""",
    "class-that-cannot-be-made": """
class Conv2D:
    def __init__(self, a1, b1, c1, d1, e1):
        note()
        raise TypeError("a dict is needed")
    def forward(self, x):
        return x
    def backward(self, dout):
        return dout
""",
    "class-that-cannot-be-called": """
class Conv2D:
    def __init__(self, in_c, out_c, k, stride, padding, activation, mode, name, init):
        note()
    def forward(self, x, one, two):
        assert x.ndim == 9
        return x
    def backward(self, dout, one):
        return dout
""",
    "pooling": """
class MaxPool:
    def __init__(self, q1, q2, q3, q4):
        note()
    def forward(self, x):
        raise ValueError("no")
    def backward(self, dout):
        return dout
""",
}


COUNT = """
def note():
    with open({path!r}, "a") as file:
        file.write(".")
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", UNREADABLE)
def test_unreadable_target_is_given_up_after_so_many_trials(tmp_path: Path, name: str) -> None:
    """The target counts how often it is called: that is bounded, however many ways to call it there are."""
    calls = tmp_path / "calls.txt"
    with pytest.raises(LoadError):
        load_text(tmp_path, COUNT.format(path=str(calls)) + UNREADABLE[name])
    assert 0 < len(calls.read_text()) <= 2 * (ALL_REFUSED + 20 * ONE_CALL)  # a class is made twice a call


SPENT = [(0, 0, False), (REFUSED, 0, True), (REFUSED, 1, False), (ALL_REFUSED, REFUSED + 1, True)]


@pytest.mark.parametrize("refused, heard, spent", SPENT)
def test_refused_trials_are_counted_for_one_set_of_sizes_and_for_all(refused: int, heard: int, spent: bool) -> None:
    """Those of other sizes count less: a window of another size may be what a layer is written for."""
    family = ALL["Convolution"]
    candidate = Candidate(family, "conv", print, refusals=["no"] * refused, heard=heard)
    assert candidate.spent is spent


def test_a_backward_pass_that_stops_costs_more_than_a_forward_pass_alone() -> None:
    """It is tried in each way that its names allow, each time with a forward pass before it."""
    assert cost(interview.STOPPED) > cost(interview.RAN) == cost(interview.SHAPED)


AFTER_MANY = """
def convolve2d(image, kernel, stride=1, padding=0):
    if isinstance(stride, tuple) or isinstance(padding, (tuple, str)):
        raise TypeError("numbers are needed")
    assert kernel.ndim == 2 and image.ndim == 2, "one channel and filter"
    image = np.pad(image, padding)
    h, w = kernel.shape
    out = np.zeros(((image.shape[0] - h) // stride + 1, (image.shape[1] - w) // stride + 1))
    for i, j in np.ndindex(*out.shape):
        out[i, j] = (image[i * stride:i * stride + h, j * stride:j * stride + w] * kernel).sum()
    return out
"""


def test_function_that_refuses_most_layouts_is_read_all_the_same(tmp_path: Path) -> None:
    """One of the last layouts is right: it comes before the trials are given up."""
    assert "Convolution" in load_text(tmp_path, AFTER_MANY).interfaces
