"""Functions whose backward pass returns the parameters after a step, or knows the forward pass by a global."""

import numpy as np
import pytest

from reference_tests.subject.conventions.reading import AT_ONCE

from ..special.targets import differing, numbers, read

STEPS = """
def fc_forward(x, w, b):
    return x @ w + b, (x, w, b)
def fc_backward(dout, cache, lr{default}):
    x, w, b = cache
    return dout @ w.T, w {sign} lr * (x.T @ dout), b {sign} lr * dout.sum(0)
"""


@pytest.mark.parametrize("default", ["", "=0.01"])
def test_returned_parameters_are_not_gradients(tmp_path, default):
    subject = read(tmp_path, STEPS.format(default=default, sign="-"))
    assert differing(subject, "Affine", numbers(4, 3), numbers(3), x=numbers(5, 4)) == set()


def test_step_up_the_gradient_is_wrong(tmp_path):
    subject = read(tmp_path, STEPS.format(default="", sign="+"))
    assert differing(subject, "Affine", numbers(4, 3), numbers(3), x=numbers(5, 4)) == {"dW", "db"}


IN_PLACE = """
def fc_forward(x, w, b):
    {before}
    return x @ w + b, {cache}
def fc_backward(dout, cache, lr):
    {unpacked}
    dx = dout @ w.T
    {w} {sign} lr * (x.T @ dout)
    {b} {sign} lr * dout.sum(0)
    return {returned}
"""
TUPLE = {"cache": "(x, w, b)", "unpacked": "x, w, b = cache", "w": "w", "b": "b"}
DICT = {"cache": "{'x': x, 'w': w, 'b': b}", "unpacked": "x, w, b = cache['x'], cache['w'], cache['b']"}
PLACES = {
    "tuple": TUPLE,
    "dict": {**DICT, "w": "cache['w']", "b": "cache['b']"},
    "bound anew": {**DICT, "w": "cache['w'] = w", "b": "cache['b'] = b"},
}
ORDINARY = {"before": "pass", "returned": "dx", "sign": "-="}


def in_place(place: str, **words: str) -> str:
    """Return the text of functions that move their weights in place."""
    words = ORDINARY | PLACES[place] | words
    words["sign"] = words["sign"].rstrip("=") if place == "bound anew" else words["sign"]
    code = IN_PLACE
    for name, text in words.items():
        code = code.replace(f"{{{name}}}", text)
    return code


def wrong_parts(folder, text: str) -> set[str]:
    """Return the results in which a dense layer differs from ours."""
    return differing(read(folder, text), "Affine", numbers(4, 3), numbers(3), x=numbers(5, 4))


@pytest.mark.parametrize("place", PLACES)
def test_parameters_moved_in_place_are_gradients(tmp_path, place):
    assert wrong_parts(tmp_path, in_place(place)) == set()


@pytest.mark.parametrize("returned", ["dx, x.T @ dout, dout.sum(0)", "dx, w, b"])
def test_parameters_moved_in_place_beside_what_is_returned(tmp_path, returned):
    assert wrong_parts(tmp_path, in_place("tuple", returned=returned)) == set()


@pytest.mark.parametrize("returned", ["dx", "dx, x.T @ dout, dout.sum(0)"])
def test_parameters_moved_up_the_gradient_are_wrong(tmp_path, returned):
    assert wrong_parts(tmp_path, in_place("tuple", returned=returned, sign="+=")) == {"dW", "db"}


def test_sign_of_a_step_that_may_be_added_is_left_open(tmp_path):
    subject = read(tmp_path, in_place("tuple", sign="+=", before="y, out = 0, 0; error = y - out"))
    assert {"dW", "db"} <= {*subject.interfaces["Affine"].lacks}


@pytest.mark.parametrize(
    ("words", "why"),
    [({"before": "w *= 1.01"}, "forward"), ({"sign": "-= 0.5 +"}, "without the rate")],
)
def test_weights_changed_where_nothing_asks_for_it_stay_changed(tmp_path, words, why):
    W, before = numbers(4, 3), numbers(4, 3)
    layer = read(tmp_path, in_place("tuple", **words)).names["Affine"](W, numbers(3))
    layer.forward(numbers(5, 4))
    layer.backward(numbers(5, 3))
    assert not np.array_equal(W, before), why


GLOBAL = """
cache = {}
def relu_forward(x):
    cache["x"] = x
    return np.maximum(x, 0)
def relu_backward(dout):
    return dout * (cache["x"] > 0)
def sigmoid_forward(x):
    y = 1 / (1 + np.exp(-x))
    return y, y
def sigmoid_backward(dout, y):
    return dout * y * (1 - y)
"""


def test_global_holds_one_layer_at_a_time(tmp_path):
    subject = read(tmp_path, GLOBAL)
    assert differing(subject, "Relu", x=numbers(3, 4)) == set()
    assert {*AT_ONCE} <= {*subject.interfaces["Relu"].lacks}
    assert not {*AT_ONCE} & {*subject.interfaces["Sigmoid"].lacks}


STRICT = """
class Conv2D:
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0):
        if kernel_size % 2 == 0:
            raise ValueError("kernel_size must be odd")
        self.W, self.b = np.random.randn(out_channels, in_channels, kernel_size, kernel_size), np.zeros(out_channels)
        self.stride, self.padding = stride, padding
    def forward(self, x):
        if x.shape[2] != x.shape[3]:
            raise ValueError("images must be square")
        p, s = self.padding, self.stride
        x = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
        windows = np.lib.stride_tricks.sliding_window_view(x, self.W.shape[2:], axis=(2, 3))[:, :, ::s, ::s]
        return np.einsum("nchwij,fcij->nfhw", windows, self.W) + self.b[:, None, None]
"""


def test_square_images_and_odd_windows(tmp_path):
    subject = read(tmp_path, STRICT)
    W, b, x = numbers(4, 3, 3, 3), numbers(4), numbers(2, 3, 7, 7)
    assert differing(subject, "Convolution", W, b, 2, 1, x=x, backward=False) == set()
    reach = subject.interfaces["Convolution"].reach
    assert (reach["W"], reach["FW"], 2 in reach["FH"]) == (["H"], ["FH"], False)
