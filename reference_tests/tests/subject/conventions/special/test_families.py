"""Layers beyond the usual ones in other interfaces: each is read and compared with ours."""

from typing import Any

import numpy as np
import pytest

from .targets import differing, numbers, read

CONV = """
def conv2d(input, weight, bias, stride=1, padding=0):
    n, c, h, w = input.shape
    f, _, k, l = weight.shape
    windows = np.lib.stride_tricks.sliding_window_view(input, (k, l), axis=(2, 3))
    return np.einsum('nchwkl,fckl->nfhw', windows, weight) + bias[:, None, None]
"""
POOL = """
class GlobalAveragePooling2D:
    def __call__(self, x):
        self.shape = x.shape
        return x.mean(axis=(1, 2), keepdims={keep})
    def backward(self, g):
        n, h, w, c = self.shape
        return np.ones(self.shape) * g.reshape(n, 1, 1, c) / (h * w)
"""
LRN = """
class LocalResponseNorm:
    def __init__(self, size, alpha=1e-4, beta=0.75, k=1.0):
        self.size, self.alpha, self.beta, self.k = size, alpha, beta, k
    def forward(self, x):
        s = np.zeros_like(x)
        for c in range(x.shape[{axis}]):
            near = np.s_[max(0, c - self.size // 2):c + self.size // 2 + {more}]
            s{place} = (x{near} ** 2).sum({axis})
        return x / (self.k + self.alpha {divided} * s) ** self.beta
"""
POINTWISE = """
class PointwiseConv:
    def __init__(self, n_in, n_out):
        self.w, self.b = np.random.randn(n_in, n_out), np.zeros(n_out)
    def forward(self, x):
        self.x = x
        return x @ self.w + self.b
    def backward(self, dy):
        self.dw, self.db = np.tensordot(self.x, dy, axes=([0, 1, 2],) * 2), dy.sum((0, 1, 2))
        return dy @ self.w{t}
"""


@pytest.mark.parametrize("keep", [False, True])
def test_global_pooling_is_read_channels_last(tmp_path: Any, keep: bool) -> None:
    """The output's shape says what was averaged; what is left may keep two axes of length one."""
    subject = read(tmp_path, POOL.format(keep=keep))
    assert not differing(subject, "GlobalAveragePooling", x=numbers(2, 3, 4, 5))


def test_the_layout_of_other_layers_decides(tmp_path: Any) -> None:
    """A mean over channels and rows is none over rows and columns of images that have their channels last."""
    subject = read(tmp_path, CONV + "def global_avg_pool(x):\n    return x.mean(axis=(1, 2))\n")
    assert "out" in differing(subject, "GlobalAveragePooling", x=numbers(2, 3, 4, 5), backward=False)


FIRST = {"axis": 1, "place": "[:, c]", "near": "[:, near]"}
LAST = {"axis": 3, "place": "[..., c]", "near": "[..., near]"}


@pytest.mark.parametrize("divided", ["", "/ self.size"])
@pytest.mark.parametrize("axes", [FIRST, LAST])
def test_lrn_is_read(tmp_path: Any, axes: dict[str, Any], divided: str) -> None:
    """What alpha is and where the channels are is found out."""
    subject = read(tmp_path, LRN.format(divided=divided, more=1, **axes))
    assert not differing(subject, "LRN", 3, 2.0, 0.5, 0.75, x=numbers(2, 7, 3, 4), backward=False)


@pytest.mark.parametrize("divided", ["", "/ self.size"])
def test_a_short_window_of_lrn_stays_short(tmp_path: Any, divided: str) -> None:
    """One channel shows what alpha is; the window's mistake shows with several."""
    subject = read(tmp_path, LRN.format(divided=divided, more=0, **FIRST))
    assert "out" in differing(subject, "LRN", 3, 2.0, 0.5, 0.75, x=numbers(2, 7, 3, 4), backward=False)


@pytest.mark.parametrize(("t", "wrong"), [(".T", set()), ("[:0:-1].T", {"dx"})])
def test_pointwise_convolution_is_read(tmp_path: Any, t: str, wrong: set[str]) -> None:
    """Its weights are a matrix there, and four axes here."""
    text = POINTWISE.format(t=t) if not wrong else POINTWISE.format(t=".T * 0.5")
    subject = read(tmp_path, text)
    W, b = numbers(4, 3, 1, 1), numbers(4)
    assert differing(subject, "PointwiseConvolution", W, b, x=numbers(2, 3, 5, 6)) == wrong


def test_a_depthwise_convolution_of_one_filter_a_channel_says_so(tmp_path: Any) -> None:
    """Cases with several filters a channel do not exist for it."""
    text = """
class DepthwiseConv2D:
    def __init__(self, kernel_size):
        self.k, self.kernel = kernel_size, None
    def call(self, x):
        if self.kernel is None:
            self.kernel, self.bias = np.random.randn(self.k, self.k, x.shape[-1], 1), np.zeros(x.shape[-1])
        windows = np.lib.stride_tricks.sliding_window_view(x, (self.k, self.k), axis=(1, 2))
        return np.einsum('nyxcij,ijc->nyxc', windows, self.kernel[..., 0]) + self.bias
"""
    subject = read(tmp_path, text.replace("def call", "def __call__"))
    assert subject.interfaces["DepthwiseConvolution"].reach == {
        "FN": ["C"], "FW": ["FH"], "pad": [0], "stride": [1],
    }  # fmt: skip
    W, b = numbers(3, 1, 2, 2), numbers(3)
    assert not differing(subject, "DepthwiseConvolution", W, b, x=numbers(2, 3, 5, 6), backward=False)


def test_a_fault_of_a_reader_is_not_the_targets(tmp_path: Any, monkeypatch: Any) -> None:
    """A layer whose reader stops is not read; the others are."""
    from reference_tests.subject.conventions import read as reading

    def stops(*_: object) -> None:
        raise NameError("D")

    monkeypatch.setitem(reading.READERS, "GlobalAveragePooling", stops)
    subject = read(tmp_path, CONV + POOL.format(keep=False))
    assert "Convolution" in subject.names and "GlobalAveragePooling" not in subject.names


def test_grouped_convolution_channels_last(tmp_path: Any) -> None:
    """Filters see the channels of their group."""
    text = """
class GroupConv2D:
    def __init__(self, filters, kernel_size, groups=1):
        self.f, self.k, self.g, self.kernel = filters, kernel_size, groups, None
    def __call__(self, x):
        seen = x.shape[3] // self.g
        if self.kernel is None:
            self.kernel, self.bias = np.random.randn(self.k, self.k, seen, self.f), np.zeros(self.f)
        outs, each = [], self.f // self.g
        for i in range(self.g):
            windows = np.lib.stride_tricks.sliding_window_view(
                x[..., i * seen:(i + 1) * seen], (self.k, self.k), axis=(1, 2))
            outs.append(np.einsum('nyxcij,ijcf->nyxf', windows, self.kernel[..., i * each:(i + 1) * each]))
        return np.concatenate(outs, axis=3) + self.bias
"""
    subject = read(tmp_path, text)
    W, b = numbers(6, 2, 2, 2), numbers(6)
    made = (W, b, 1, 0, 3)
    assert not differing(subject, "GroupedConvolution", *made, x=numbers(2, 6, 5, 7), backward=False)
    assert np.shape(subject.names["GroupedConvolution"](*made).forward(numbers(1, 6, 3, 3))) == (1, 6, 2, 2)


def test_a_function_for_lrn_is_given_all_its_arguments(tmp_path: Any) -> None:
    """They are kept in the layer until its forward pass."""
    text = """
def local_response_norm(x, size=5, alpha=1e-4, beta=0.75, k=1.0):
    s = np.zeros_like(x)
    for c in range(x.shape[1]):
        s[:, c] = (x[:, max(0, c - size // 2):c + (size - 1) // 2 + 1] ** 2).sum(1)
    return x / (k + alpha * s / size) ** beta
"""
    subject = read(tmp_path, text)
    assert not differing(subject, "LRN", 3, 2.0, 0.5, 0.75, x=numbers(2, 7, 3, 4), backward=False)
