"""A dense layer with its softmax inside is judged through the shares that it gives; its mistakes are seen."""

import pytest

from reference_tests.conformance import spoken
from reference_tests.corpus.conventions import FOLDER
from reference_tests.subject.load import load
from reference_tests.tests.subject.conventions.test_read import status

pytestmark = pytest.mark.slow

ONE = (FOLDER / "one_image" / "right.py").read_text()
AZUMA = """
import numpy as np

class OutputLayer:
    def __init__(self, n_upper, n):
        self.w = 0.1 * np.random.randn(n_upper, n)
        self.b = 0.1 * np.random.randn(n)

    def forward(self, x):
        self.x = x
        u = x @ self.w + self.b
        self.y = np.exp(u) / np.sum(np.exp(u), axis=1, keepdims=True)

    def backward(self, t):
        delta = self.y - t
        self.grad_w = self.x.T @ delta
        self.grad_b = np.sum(delta, axis=0)
        self.grad_x = delta @ self.w.T
"""
BATCH = """
import numpy as np

class SoftmaxLayer:
    def __init__(self, n_in, n_out):
        self.W, self.b = np.random.randn(n_out, n_in), np.zeros((1, n_out))

    def forward(self, x):
        self.x, z = x, x @ self.W.T + self.b
        e = np.exp(z - z.max(axis=1, keepdims=True))
        self.p = e / e.sum(axis=1, keepdims=True)
        return self.p

    def backward(self, grad):
        dz = self.p * (grad - (grad * self.p).sum(axis=1, keepdims=True))
        self.dW, self.db = dz.T @ self.x, dz.sum(axis=0, keepdims=True)
        return dz @ self.W
"""
MISTAKES = [
    (ONE, "return e / e.sum()", "return e"),
    (ONE, "d_out_d_t[i] = e[i] * (S - e[i]) / S ** 2", "d_out_d_t[i] = e[i] / S ** 2"),
    (ONE, "self.biases -= learn_rate * d_L_d_t", "self.biases += learn_rate * d_L_d_t"),
    (ONE, "np.outer(self.last_input, d_L_d_t)", "np.outer(self.last_input, d_L_d_out)"),
    (AZUMA, "delta = self.y - t", "delta = t - self.y"),
    (AZUMA, "np.sum(delta, axis=0)", "np.mean(delta, axis=0)"),
    (AZUMA, "/ np.sum(np.exp(u), axis=1, keepdims=True)", "/ np.sum(np.exp(u))"),
    (BATCH, "grad - (grad * self.p).sum(axis=1, keepdims=True)", "grad"),
    (BATCH, "(grad * self.p).sum(axis=1, keepdims=True)", "(grad * self.p).sum()"),
    (BATCH, "e.sum(axis=1, keepdims=True)", "e.sum(axis=0, keepdims=True)"),
    (BATCH, "dz.T @ self.x", "grad.T @ self.x"),
]


@pytest.mark.parametrize("code", [ONE, AZUMA, BATCH], ids=["one image", "given the target", "batches"])
def test_right_layers_agree(code, write):
    subject = load(write("layers.py", code))
    assert "a softmax is inside" in spoken.read_as(subject.interfaces["Affine"])
    assert status(subject, "affine") == "partial"  # of images, or of tiny gradients, not all can be asked


@pytest.mark.parametrize("code, old, new", MISTAKES, ids=lambda text: text[:20] if len(text) < 90 else "")
def test_mistake_in_the_layer_or_its_softmax_is_seen(code, old, new, write):
    assert old in code
    assert status(load(write("layers.py", code.replace(old, new))), "affine") == "fail"


def test_a_dense_layer_of_its_own_comes_first(write):
    dense = "class Dense:\n    def __init__(self, W, b): self.W, self.b = W, b\n"
    dense += "    def forward(self, x): return x @ self.W + self.b\n"
    subject = load(write("layers.py", ONE + dense))
    assert "softmax" not in spoken.read_as(subject.interfaces["Affine"])
