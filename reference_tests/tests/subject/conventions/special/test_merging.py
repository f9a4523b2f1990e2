"""Residual addition and concatenation in other interfaces: read where a name and a trial agree."""

import numpy as np
import pytest

from .targets import numbers, read

RELU = """
class Relu:
    def forward(self, x):
        self.mask = x > 0
        return x * self.mask
    def backward(self, dout):
        return dout * self.mask
"""
ADDITION = """
class {name}:
    def forward(self, {given}):
        return {out}
    def backward(self, dout):
        return {gradients}
"""
ADDITIONS = {
    "two arrays": {"given": "a, b", "out": "a + b", "gradients": "dout, dout"},
    "a list": {"given": "xs", "out": "xs[0] + xs[1]", "gradients": "[dout, dout]"},
    "one gradient": {"given": "xs", "out": "sum(xs)", "gradients": "dout"},
}
FUNCTIONS = """
def residual_add_forward(x, shortcut):
    return x + shortcut, x.shape
def residual_add_backward(dout, cache):
    return dout.reshape(cache), dout.reshape(cache)
"""
JOINED = """
class Concat:
    def __init__(self{argument}):
        self.axis = {axis}
    def forward(self, {given}):
        xs = {given}
        self.ends = np.cumsum([x.shape[self.axis] for x in xs])[:-1]
        return np.concatenate(xs, axis=self.axis)
    def backward(self, dout):
        return np.split(dout, self.ends, axis=self.axis)
"""
CONCATENATIONS = {
    "a list": JOINED.format(argument="", axis="1", given="arrays"),
    "all": JOINED.format(argument="", axis="1", given="*arrays").replace("xs = *", "xs = "),
    "two": JOINED.format(argument="", axis="1", given="a, b"),
    "an axis": JOINED.format(argument=", axis=-1", axis="axis", given="arrays"),
    "channels last": JOINED.format(argument="", axis="-1", given="arrays"),
    "functions": """
def concat(arrays):
    return np.concatenate(arrays, axis=1), [a.shape[1] for a in arrays]
def concat_backward(dout, cache):
    return np.split(dout, np.cumsum(cache)[:-1], axis=1)
""",
}
MUL = """
class Mul:
    def forward(self, a, b): return a * b
    def backward(self, dout): return dout, dout
"""


def added(name: str, way: str = "two arrays", **words: str) -> str:
    """Return the text of an addition."""
    return ADDITION.format(name=name, **{**ADDITIONS[way], **words})


def is_right_addition(layer) -> bool:
    """Return whether a layer adds two arrays, and hands its gradient to both."""
    x, shortcut, dout = numbers(2, 3, 4, 5), numbers(2, 3, 4, 5, seed=2), numbers(2, 3, 4, 5, seed=3)
    out, found = layer.forward(x, shortcut), layer.backward(dout)
    return np.array_equal(out, x + shortcut) and len(found) == 2 and all(np.array_equal(one, dout) for one in found)


def is_right_concatenation(layer) -> bool:
    """Return whether a layer joins three arrays along the channels, and cuts its gradient alike."""
    xs, dout = [numbers(2, c, 4, 5, seed=c) for c in (3, 1, 4)], numbers(2, 8, 4, 5)
    out, found = layer.forward(*xs), layer.backward(dout)
    wanted = np.split(dout, [3, 4], axis=1)
    joined = np.array_equal(out, np.concatenate(xs, axis=1)) and len(found) == 3
    return joined and all(np.array_equal(one, right) for one, right in zip(found, wanted))


@pytest.mark.parametrize("name", ["Add", "SkipConnection"])
@pytest.mark.parametrize("way", ADDITIONS)
def test_additions_of_branches(tmp_path, way, name):
    assert is_right_addition(read(tmp_path, added(name, way)).names["ResidualAdd"]())


def test_addition_by_functions(tmp_path):
    assert is_right_addition(read(tmp_path, FUNCTIONS).names["ResidualAdd"]())


@pytest.mark.parametrize("way", CONCATENATIONS)
def test_concatenations(tmp_path, way):
    assert is_right_concatenation(read(tmp_path, CONCATENATIONS[way]).names["ChannelConcat"]())


@pytest.mark.parametrize(
    "text",
    [
        added("Add") + MUL,
        added("Add", out="a - b"),
        added("SkipAdd", out="np.maximum(a + b, 0)"),
        CONCATENATIONS["a list"] + MUL,
        "def add(a, b):\n    return a + b\n",
        "def concat(a, b):\n    return np.concatenate([a, b])\n",
    ],
    ids=["beside a product", "a plain name and a difference", "a ReLU inside", "joined beside a product", "a helper",
         "a helper that joins"],
)  # fmt: skip
def test_layers_of_which_a_name_or_a_trial_does_not_tell_are_not_judged(tmp_path, text):
    assert not {"ResidualAdd", "ChannelConcat"} & read(tmp_path, RELU + text).names.keys()


def test_difference_under_a_name_that_is_clear_is_a_mistake(tmp_path):
    text = added("ResidualAddition", out="a - b")
    assert not is_right_addition(read(tmp_path, text).names["ResidualAdd"]())


def test_rows_joined_in_place_of_channels_are_a_mistake(tmp_path):
    layer = read(tmp_path, JOINED.format(argument="", axis="2", given="arrays")).names["ChannelConcat"]()
    assert layer.forward(*(numbers(2, 3, 4, 5) for _ in range(3))).shape == (2, 3, 12, 5)


@pytest.mark.parametrize("gradients", ["dout.sort()", "dout, dout, dout"])
def test_other_gradients_than_one_for_each_are_handed_on(tmp_path, gradients):
    layer = read(tmp_path, added("SkipAdd", gradients=gradients)).names["ResidualAdd"]()
    layer.forward(numbers(2, 3), numbers(2, 3))
    found = layer.backward(numbers(2, 3))
    assert found is None or len(found) == 3


def test_gradients_are_arrays_of_their_own(tmp_path):
    layer = read(tmp_path, added("Add", "one gradient")).names["ResidualAdd"]()
    layer.forward(numbers(2, 3), numbers(2, 3))
    dx, dshortcut = layer.backward(numbers(2, 3))
    assert not np.shares_memory(dx, dshortcut)
