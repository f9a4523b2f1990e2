"""Functions whose backward pass returns the parameters after a step, or knows the forward pass by a global."""

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
