"""Gradients that overwrite what they should be added to, or divide it: each gets its own name."""

from typing import Any

import numpy as np
import pytest

from impl import plain
from reference_tests.conformance.contract import layer
from reference_tests.conformance.examination import Request, examine
from reference_tests.quality.subjects import InProcessSubject

pytestmark = pytest.mark.slow


def codes(component: str, kind: Any) -> set[str]:
    subject = InProcessSubject({layer(component).OP.name: kind}, files=(__file__,))
    found = examine(subject, Request(only=(component,), fresh=3, seed=1)).components[component]
    bad = [v for v in found if v.status == "fail" and v.check.level == "core" and v.check.scenario.id == "plain"]
    return {v.diagnosis.code if v.diagnosis else "" for v in bad}


def overwriting(right: Any, filters: str) -> Any:
    """Make a layer whose dx is overwritten. filters: "added", or "inside" or "outside" the windows."""

    class Layer(right):
        def forward(self, x):
            self.seen = x
            return super().forward(x)

        def backward(self, dout):
            super().backward(dout)
            x, W, p, s = self.seen, self.W, self.pad, self.stride
            (fn, channels, fh, fw), (c, (oh, ow)) = W.shape, (x.shape[1], dout.shape[2:])
            each = fn // (c // channels)  # filters of a group
            wide = np.zeros((len(x), c, x.shape[2] + 2 * p, x.shape[3] + 2 * p))
            order = [(f, i, j) for f in range(fn) for i in range(oh) for j in range(ow)]
            for f, i, j in order if filters == "outside" else sorted(order, key=lambda at: (*at[1:], at[0])):
                first = f // each * channels
                window = wide[:, first : first + channels, i * s : i * s + fh, j * s : j * s + fw]
                if filters != "added" or f % each == 0:
                    window[:] = 0
                window += dout[:, f, i, j, None, None, None] * W[f]
            return wide[:, :, p : p + x.shape[2], p : p + x.shape[3]]

    return Layer


@pytest.mark.parametrize("filters", ["added", "inside", "outside"])
@pytest.mark.parametrize("component", ["depthwise_convolution", "grouped_convolution"])
def test_windows_that_overwrite_each_other_in_dx_are_named(component, filters):
    right = getattr(plain, layer(component).OP.name)
    prefix = {"depthwise_convolution": "depthwise", "grouped_convolution": "groups"}[component]
    assert codes(component, overwriting(right, filters)) == {f"{prefix}.dx-overwrites"}


class Averaging(plain.PointwiseConvolution):
    """Its dW is averaged over the places of an image."""

    def backward(self, dout):
        dx = super().backward(dout)
        self.dW = self.dW / dout[0, 0].size
        return dx


def test_a_mean_over_the_places_is_named():
    assert codes("pointwise_convolution", Averaging) == {"pointwise.dW-mean"}


class WorkingInSoftmax(plain.SoftmaxWithLoss):
    """Its backward works in the array of softmax itself."""

    def forward(self, x, t):
        loss = super().forward(x, t)
        self.kept = np.exp(x - x.max(axis=1, keepdims=True))
        self.kept /= self.kept.sum(axis=1, keepdims=True)
        self.labels = t if t.ndim == 1 else t.argmax(axis=1)
        return loss

    def backward(self, dout=1):
        dx = self.kept
        dx[np.arange(len(dx)), self.labels] -= 1
        dx *= dout / len(dx)
        return dx


def test_backward_that_works_in_softmax_itself_is_named_at_its_second_call():
    subject = InProcessSubject({"SoftmaxWithLoss": WorkingInSoftmax}, files=(__file__,))
    found = examine(subject, Request(only=("softmax_with_loss",), fresh=0)).components["softmax_with_loss"]
    twice = [v for v in found if v.check.scenario.id == "backward-twice"]
    assert {v.diagnosis.code for v in twice if v.diagnosis} == {"loss.y-overwritten"}
