"""Settings that are members of an enumeration, a class or a module, and modes that are numbers."""

import pytest

from ..special.targets import differing, numbers, read

POOL = """
class Pool2D:
    def __init__(self, size, stride, mode={default}):
        self.size, self.stride, self.mode = size, stride, mode
    def forward(self, x):
        windows = np.lib.stride_tricks.sliding_window_view(x, (self.size, self.size), axis=(2, 3))
        windows = windows[:, :, :: self.stride, :: self.stride]
        return windows.max((-1, -2)) if self.mode {test} else windows.mean((-1, -2))
"""
FORMS = {
    "enumeration": ("from enum import Enum\nclass Mode(Enum):\n    MAX, MEAN = 0, 1\n", "Mode.MAX", "is Mode.MAX"),
    "the other by default": (
        "from enum import Enum\nclass Mode(Enum):\n    MAX, MEAN = 0, 1\n",
        "Mode.MEAN",
        "is Mode.MAX",
    ),
    "class": ("class Mode:\n    MAX = 0\n    MEAN = 1\n", "Mode.MAX", "== Mode.MAX"),
}


@pytest.mark.parametrize("name", ["Pooling", "AveragePooling"])
@pytest.mark.parametrize("form", FORMS)
def test_mode_is_a_member(tmp_path, form, name):
    before, default, test = FORMS[form]
    subject = read(tmp_path, before + POOL.format(default=default, test=test))
    assert differing(subject, name, 2, 2, 2, x=numbers(2, 3, 6, 8), backward=False) == set()


def test_number_without_a_word_is_no_mode(tmp_path):
    subject = read(tmp_path, POOL.format(default="1", test="== 1") + "def relu(x):\n    return np.maximum(x, 0)\n")
    assert {"Pooling", "AveragePooling"} & subject.names.keys() == set()
    assert {one.why for one in subject.unread} == {"what stands for which mode cannot be told"}


PADDED = """
from enum import Enum
class Padding(Enum):
    SAME = "same"
    VALID = "valid"
class Conv2D:
    def __init__(self, in_channels, out_channels, kernel_size, padding=Padding.{default}):
        self.W = np.random.randn(out_channels, in_channels, kernel_size, kernel_size)
        self.b, self.padding = np.zeros(out_channels), padding
    def forward(self, x):
        k = self.W.shape[2]
        p = (k - 1) // 2 if self.padding is Padding.SAME else 0
        x = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
        windows = np.lib.stride_tricks.sliding_window_view(x, (k, k), axis=(2, 3))
        return np.einsum("nchwij,fcij->nfhw", windows, self.W) + self.b[:, None, None]
"""


@pytest.mark.parametrize("default", ["SAME", "VALID"])
@pytest.mark.parametrize("pad", [0, 1])
def test_padding_is_a_member(tmp_path, default, pad):
    subject = read(tmp_path, PADDED.format(default=default))
    W, b, x = numbers(4, 3, 3, 3), numbers(4), numbers(2, 3, 5, 6)
    assert differing(subject, "Convolution", W, b, 1, pad, x=x, backward=False) == set()


BOTH = """
class Affine:
    def __init__(self, W, b):
        self.W, self.b = W, b
    def forward(self, x):
        self.x = x
        return x @ self.W + self.b
    def backward(self, dout):
        return dout @ self.W.T, [self.x.T @ dout, dout.sum(0)]
class Relu:
    def forward(self, x):
        self.x = x
        return np.maximum(x, 0)
    def backward(self, dout):
        return dout * (self.x > 0), []
"""


def test_every_backward_gives_a_pair(tmp_path):
    subject = read(tmp_path, BOTH)
    assert differing(subject, "Relu", x=numbers(3, 4)) == set()


def test_one_backward_alone_gives_a_pair(tmp_path):
    subject = read(tmp_path, "class Relu:" + BOTH.partition("class Relu:")[2])
    layer = subject.names["Relu"]()
    layer.forward(numbers(3, 4))
    assert isinstance(layer.backward(numbers(3, 4)), tuple)


TABLE = """
ACTIVATIONS = {{"relu": lambda z: np.maximum(z, 0), "{word}": lambda z: z}}
class Conv2D:
    def __init__(self, in_ch, out_ch, k, stride=1, pad=0, activation="relu"):
        self.W, self.b = np.random.randn(out_ch, in_ch, k, k), np.zeros(out_ch)
        self.stride, self.pad, self.act = stride, pad, ACTIVATIONS[activation]
    def forward(self, x):
        x = np.pad(x, ((0, 0), (0, 0), (self.pad, self.pad), (self.pad, self.pad)))
        windows = np.lib.stride_tricks.sliding_window_view(x, self.W.shape[2:], axis=(2, 3))
        windows = windows[:, :, :: self.stride, :: self.stride]
        return self.act(np.einsum("nchwij,fcij->nfhw", windows, self.W) + self.b[:, None, None])
"""


@pytest.mark.parametrize("word", ["linear", "Identity", "none"])
def test_activation_that_changes_nothing_is_the_tables_own(tmp_path, word):
    subject = read(tmp_path, TABLE.format(word=word))
    W, b, x = numbers(4, 3, 2, 2), numbers(4), numbers(2, 3, 5, 6)
    assert differing(subject, "Convolution", W, b, 1, 1, x=x, backward=False) == set()
