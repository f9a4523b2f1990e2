"""A convention that is named is the whole reading: what no trial shows is taken as it declares, and judged."""

import pytest

from reference_tests.subject.load import load
from reference_tests.tests.subject.conventions.test_read import CONV, LINEAR, status

STOPS = LINEAR.replace("x @ self.weight.T", "x @ self.weight")
RELU = """
class ReLU:
    def forward(self, x):
        return np.maximum(x, 0)
"""
LAST = """
import numpy as np

def conv_forward(A_prev, W, b, hparameters):
    s, p = hparameters['stride'], hparameters['pad']
    x = np.pad(A_prev, ((0, 0), (p, p), (p, p), (0, 0)))
    f = W.shape[0]
    OH, OW = (x.shape[1] - f) // s + 1, (x.shape[2] - f) // s + 1
    Z = np.zeros((len(x), OH, OW, W.shape[3]))
    for i in range(OH):
        for j in range(OW):
            Z[:, i, j] = np.tensordot(x[:, i*s:i*s+f, j*s:j*s+f], W, 3) + b.reshape(-1)
    return Z, (A_prev, W, b, hparameters)
"""
NORM = """
import numpy as np

class BatchNorm1d:
    def __init__(self, num_features, alpha=0.1):
        self.alpha, self.eps = alpha, 1e-5
        self.BW, self.Bb = np.ones((1, num_features)), np.zeros((1, num_features))
        self.running_M, self.running_V = np.zeros((1, num_features)), np.ones((1, num_features))

    def forward(self, Z, eval=False):
        M, V = (self.running_M, self.running_V) if eval else (Z.mean(0), Z.var(0))
        if not eval:
            self.running_M = self.alpha * self.running_M + (1 - self.alpha) * M
            self.running_V = self.alpha * self.running_V + (1 - self.alpha) * V
        return self.BW * (Z - M) / np.sqrt(V + self.eps) + self.Bb
"""


@pytest.mark.slow
def test_a_class_that_stops_in_every_trial_is_judged_as_the_convention_declares_it(write):
    path = write("layers.py", LINEAR.replace("x @ self.weight.T", "self.product(x)") + RELU)
    assert status(load(path), "affine") == "unread"
    assert status(load(path, convention="torch-nn"), "affine") == "fail"


@pytest.mark.slow
def test_a_dense_layer_whose_shapes_never_fit_is_judged_as_it_declares_itself(write):
    """All layouts are tried: that none fits is the mistake."""
    assert status(load(write("layers.py", STOPS)), "affine") == "fail"


@pytest.mark.slow
@pytest.mark.parametrize(
    "code, convention, outcome",
    [
        (LINEAR, "torch-nn", "partial"),
        (CONV, "cs231n", "pass"),
        (CONV, "coursera", "fail"),
        (LAST, "coursera", "partial"),
        (LAST, "cs231n", "fail"),
        (LAST.replace("+ b.reshape(-1)", ""), "coursera", "fail"),
        (LAST.replace("Z, (A", "Z.transpose(0, 3, 1, 2), (A"), "coursera", "fail"),
    ],
    ids=["dense", "first", "first as last", "last", "last as first", "no bias", "output first"],
)
def test_a_pinned_convention_says_the_layouts(code, convention, outcome, write):
    component = "affine" if code == LINEAR else "convolution"
    assert status(load(write("layers.py", code), convention=convention), component) == outcome


@pytest.mark.slow
@pytest.mark.parametrize("pin, outcome", [("", "partial"), ("mytorch", "fail")])
def test_a_pinned_convention_says_what_momentum_is(pin, outcome, write):
    """The default 0.1 tells of a share of the new: by itself it is one that decays the other way round."""
    code = NORM.replace("self.alpha * self.running", "(1 - self.alpha) * self.running").replace(
        "(1 - self.alpha) * M", "self.alpha * M").replace("(1 - self.alpha) * V", "self.alpha * V")  # fmt: skip
    assert status(load(write("layers.py", code), convention=pin), "batch_norm") == outcome
