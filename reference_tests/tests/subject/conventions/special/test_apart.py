"""Softmax apart from its loss: both are judged together, whichever of them gives the gradient."""

import numpy as np
import pytest

import impl.layers

from .targets import numbers, read

LAYER = """
class Softmax{layer}:
    def forward(self, x):
        e = np.exp(x - x.max(axis=1, keepdims=True))
        self.out = e / e.sum(axis=1, keepdims=True)
        return self.out
    def backward(self, dout{rate}):
        s = self.out
        return {jacobian}
"""
FUNCTION = """
def softmax(x):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)
"""
LOSS = """
class CrossEntropy{loss}:
    def forward(self, {order}):
        self.p, self.y = p, y
        return -np.log(p[np.arange(len(y)), y]).mean()
    def backward(self):
        p, y = self.p, self.y
        t = np.eye(p.shape[1])[y]
        return {gradient}
"""
PAIR = """
def cross_entropy(p, y):
    return -np.mean(np.sum(y * np.log(p + 1e-12), axis=1))
def cross_entropy_backward(p, y):
    return {gradient}
"""
WHOLE = "s * (dout - (dout * s).sum(axis=1, keepdims=True))"
WORDS = {"layer": "", "loss": "Loss", "order": "p, y", "rate": "", "jacobian": WHOLE, "gradient": "-t / p / len(p)"}


def differing(folder, text: str) -> set[str]:
    """Return in what the loss that is read differs from ours."""
    kind = read(folder, text).names["SoftmaxWithLoss"]
    x, t = numbers(4, 5), np.array([1, 0, 4, 2])
    found = []
    for layer in (kind(), impl.layers.SoftmaxWithLoss()):
        loss = layer.forward(x, t)
        found.append({"loss": loss, "dx": layer.backward()})
    return {k for k in found[1] if not np.allclose(found[0][k], found[1][k])}


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({}, set()),
        ({"layer": "Module", "loss": "Module"}, set()),
        ({"order": "y, p"}, set()),
        ({"rate": ", learning_rate"}, set()),
        ({"gradient": "(p - t) / len(p)", "jacobian": "dout"}, set()),
        ({"gradient": "(p - t) / len(p)"}, set()),
        ({"gradient": "-t / p"}, {"dx"}),
        ({"jacobian": "s * (1 - s) * dout"}, {"dx"}),
        ({"gradient": "p - t", "jacobian": "dout"}, {"dx"}),
    ],
)
def test_layer_and_loss_agree(tmp_path, change, wrong):
    assert differing(tmp_path, (LAYER + LOSS).format(**WORDS | change)) == wrong


@pytest.mark.parametrize(
    ("gradient", "wrong"), [("(p - y) / len(y)", set()), ("p - y", {"dx"}), ("(y - p) / len(y)", {"dx"})]
)
def test_functions_agree(tmp_path, gradient, wrong):
    assert differing(tmp_path, FUNCTION + PAIR.format(gradient=gradient)) == wrong


def test_a_gradient_by_the_probabilities_alone_is_not_judged(tmp_path):
    subject = read(tmp_path, FUNCTION + PAIR.format(gradient="-y / p / len(y)"))
    assert not hasattr(subject.names["SoftmaxWithLoss"], "backward")
    assert [(one.name, one.part) for one in subject.unread] == [("SoftmaxWithLoss", "backward")]


def test_a_loss_of_probabilities_without_a_softmax_is_not_judged(tmp_path):
    text = LOSS.format(**WORDS) + "class Tanh:\n    def forward(self, x):\n        return np.tanh(x)\n"
    (unread,) = read(tmp_path, text).unread
    assert unread.why == "it takes probabilities: the softmax is elsewhere"


OF_ALL = """
def softmax(raw_preds):
    out = np.exp(raw_preds)
    return out / np.sum(out)
def categoricalCrossEntropy(probs, label):
    return -np.sum(label * np.log(probs)){share}
class Tanh:
    def forward(self, x):
        return np.tanh(x)
"""


def test_softmax_and_loss_of_one_image_are_not_judged(tmp_path):
    assert read(tmp_path, OF_ALL.format(share="")).interfaces.keys() == set()
    scores = OF_ALL.format(share="").replace("probs", "logits")  # a name by which it is surely meant as the loss
    (unread,) = read(tmp_path, scores).unread
    assert unread.why == "it is of one image at a time"


def test_softmax_over_a_whole_batch_is_a_mistake(tmp_path):
    kind = read(tmp_path, OF_ALL.format(share=" / len(label)")).names["SoftmaxWithLoss"]
    assert not np.isclose(kind().forward(np.zeros((4, 5)), np.array([1, 0, 4, 2])), np.log(5))
