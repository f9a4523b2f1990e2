"""Of t that is probabilities three pairs of a loss and a gradient are right, and a refusal; no other pair is."""

import numpy as np
import pytest

from impl.layers import SoftmaxWithLoss as Ours
from impl.networks.simple_conv_net import SimpleConvNet as OurNet
from reference_tests.conformance.contract import all_checks
from reference_tests.conformance.judge import judge_all
from reference_tests.quality.subjects import InProcessSubject


def as_they_are(t):
    return t


def by_argmax(t):
    return np.eye(t.shape[1])[t.argmax(axis=1)]


def rounded_up(t):
    return np.ceil(t)


def refuse(t):
    raise ValueError("t must be labels or one-hot")


def stumble(t):
    return t[0][0][0]


PAIRS = {  # what the loss takes, what the gradient takes -> how the check ends
    (as_they_are, as_they_are): "pass",
    (by_argmax, by_argmax): "pass",
    (by_argmax, as_they_are): "pass",
    (refuse, as_they_are): "pass",
    (as_they_are, by_argmax): "gradient-by-argmax",
    (as_they_are, rounded_up): "fail",
    (by_argmax, rounded_up): "fail",
    (rounded_up, as_they_are): "fail",
    (rounded_up, rounded_up): "fail",
    (stumble, as_they_are): "advice",
}
every_pair = pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: "-".join(f.__name__ for f in pair))


class Loss:
    """Softmax with loss for t of two axes. 1e-7 is inside its log, as in the book's."""

    pair = (as_they_are, as_they_are)

    def forward(self, x, t):
        of_loss, of_gradient = self.pair
        e = np.exp(x - x.max(axis=1, keepdims=True))
        self.y, self.t = e / e.sum(axis=1, keepdims=True), of_gradient(t)
        return -(of_loss(t) * np.log(self.y + 1e-7)).sum() / len(x)

    def backward(self, dout=1):
        return (self.y - self.t) / len(self.y)


class Net(OurNet):
    """Our network with such a loss in place of its own."""

    pair = (as_they_are, as_they_are)

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.last_layer = type("Own", (Loss,), {"pair": self.pair})()


def ending(name: str, thing: type) -> str:
    """Return how the check of probabilities ends: pass, fail, advice, or the name of the mistake."""
    component = {"SoftmaxWithLoss": "softmax_with_loss", "SimpleConvNet": "simple_conv_net"}[name]
    checks = [check for check in all_checks([component]) if check.scenario.id == "its-own-loss"]
    (verdict,) = judge_all(checks, InProcessSubject({name: thing}))
    code = next((p.code for p in verdict.problems), "").rpartition(".")[2]
    return code or ("advice" if verdict.check.level == "advice" else verdict.status)


@every_pair
def test_the_gradient_of_a_layer_belongs_to_its_loss(pair):
    assert ending("SoftmaxWithLoss", type("SoftmaxWithLoss", (Loss,), {"pair": pair})) == PAIRS[pair]


@every_pair
def test_the_gradients_of_a_network_belong_to_its_loss(pair):
    assert ending("SimpleConvNet", type("SimpleConvNet", (Net,), {"pair": pair})) == PAIRS[pair]


def test_ours_are_right():
    assert (ending("SoftmaxWithLoss", Ours), ending("SimpleConvNet", OurNet)) == ("pass", "pass")
