"""Losses in the words of other authors: order of arguments, methods, a loss for each image, nothing returned."""

import numpy as np
import pytest

import impl.layers

from .special.targets import numbers, read

SOFTMAX = """
def softmax(x):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)
"""
METHODS = """
class CategoricalCrossEntropy:
    def loss(self, y_true, y_pred):
        return -np.mean(np.sum(y_true * np.log(softmax(y_pred)), axis=1))
    def gradient(self, y_true, y_pred):
        return (softmax(y_pred) - y_true){share}
"""
EACH = """
def softmax_crossentropy_with_logits(logits, answers):
    return -np.log(softmax(logits)[np.arange(len(logits)), answers])
def grad_softmax_crossentropy_with_logits(logits, answers):
    return (softmax(logits) - np.eye(logits.shape[1])[answers]){share}
"""
NNFS = """
class Softmax:
    def forward(self, inputs, training):
        self.output = softmax(inputs)
    def backward(self, dvalues):
        s = self.output
        self.dinputs = s * (dvalues - (dvalues * s).sum(axis=1, keepdims=True))
class Loss:
    def calculate(self, output, y):
        return np.mean(self.forward(output, y))
class Loss_CategoricalCrossentropy(Loss):
    def forward(self, y_pred, y_true):
        return -np.log(np.clip(y_pred, 1e-7, 1 - 1e-7)[range(len(y_pred)), y_true])
    def backward(self, dvalues, y_true):
        self.dinputs = -np.eye(dvalues.shape[1])[y_true] / dvalues{share}
"""
SUMMED = """
def softmax_cross_entropy(scores, y):
    p = softmax(scores)
    return -np.log(p[np.arange(len(y)), y]).sum(), (p - np.eye(p.shape[1])[y]){share}
"""
SHARES = {METHODS: " / len(y_true)", EACH: " / len(logits)", NNFS: " / len(dvalues)", SUMMED: ""}


def differing(folder, text: str) -> set[str]:
    """Return in what the loss that is read differs from ours."""
    kind = read(folder, SOFTMAX + text).names["SoftmaxWithLoss"]
    x, t = numbers(4, 5), np.array([1, 0, 4, 2])
    layers = kind(), impl.layers.SoftmaxWithLoss()
    found = [{"loss": layer.forward(x, t), "dx": layer.backward()} for layer in layers]
    return {k for k in found[1] if not np.allclose(found[0][k], found[1][k])}


@pytest.mark.parametrize("text", SHARES, ids=["methods", "each", "nnfs", "summed"])
def test_loss_agrees(tmp_path, text):
    assert differing(tmp_path, text.format(share=SHARES[text])) == set()


@pytest.mark.parametrize("text", SHARES, ids=["methods", "each", "nnfs", "summed"])
def test_wrong_share_is_seen(tmp_path, text):
    share = " / 1" if SHARES[text] else " / len(y)"
    assert differing(tmp_path, text.format(share=share)) == {"dx"}


BOOK = (
    SOFTMAX
    + """
class SoftmaxWithLoss:
    def forward(self, x, t):
        self.y, self.t = softmax(x), t if t.ndim == 1 else t.argmax(axis=1)
        return -np.log(self.y[np.arange(len(x)), self.t] + 1e-7).{mean}()
    def backward({arguments}):
        dx = self.y.copy()
        dx[np.arange(len(dx)), self.t] -= 1
        return dx{share}
"""
)
RIGHT = {"mean": "mean", "arguments": "self", "share": " / len(dx)"}
TAKES_NONE = "its backward takes no upstream gradient, which is 1"


@pytest.mark.parametrize(
    ("change", "wrong"),
    [({}, set()), ({"share": ""}, {"dx"}), ({"mean": "sum"}, {"loss"}), ({"mean": "sum", "share": ""}, {"loss", "dx"})],
    ids=["right", "gradient-summed", "loss-summed", "both-summed"],
)
def test_loss_whose_backward_takes_nothing_is_judged_as_the_books(tmp_path, change, wrong):
    text = BOOK.format(**RIGHT | change)
    assert differing(tmp_path, text) == wrong
    assert read(tmp_path, SOFTMAX + text).interfaces["SoftmaxWithLoss"].spoken.notes == (TAKES_NONE,)


def test_loss_whose_backward_takes_nothing_stops_where_it_stops(tmp_path):
    layer = read(tmp_path, BOOK.format(**RIGHT).replace("self.y.copy()", "self.yy.copy()")).names["SoftmaxWithLoss"]()
    layer.forward(numbers(4, 5), np.array([1, 0, 4, 2]))
    with pytest.raises(AttributeError, match="yy"):
        layer.backward(1)


@pytest.mark.parametrize("arguments", ["self, dout=1", "dout", "self, *dout"])
def test_loss_whose_backward_takes_dout_is_called_as_it_is(tmp_path, arguments):
    assert "SoftmaxWithLoss" not in read(tmp_path, BOOK.format(**RIGHT | {"arguments": arguments})).interfaces


def test_other_layer_whose_backward_takes_nothing_is_told_what_it_lacks(tmp_path):
    text = """
class Relu:
    def forward(self, x):
        self.mask = x > 0
        return x * self.mask
    def backward(self):
        return self.mask * 1.0
"""
    assert [one.why for one in read(tmp_path, text).unread] == ["it takes no dout"]
