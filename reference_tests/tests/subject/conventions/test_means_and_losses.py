"""A loss that hands back p - y, beside layers whose gradients are means over the images."""

import numpy as np
import pytest

from impl.layers import SoftmaxWithLoss

from .special.targets import numbers, read

NET = """
class Dense:
    def __init__(self, n_in, n_out):
        self.W, self.b = np.random.randn(n_in, n_out), np.zeros(n_out)
    def forward(self, x):
        self.x = x
        return x @ self.W + self.b
    def backward(self, d):
        self.dW, self.db = self.x.T @ d{by}, d.sum(0){by}
        return d @ self.W.T
class SoftmaxCrossEntropy:
    def forward(self, z, y):
        e = np.exp(z - z.max(1, keepdims=True))
        self.p, self.y = e / e.sum(1, keepdims=True), y
        return -np.log(self.p[np.arange(len(y)), y]).mean()
    def backward(self):
        d = self.p.copy()
        d[np.arange(len(self.y)), self.y] -= 1
        return d{of_loss}
"""
ROWS = 4


@pytest.mark.parametrize(("by", "of_loss", "times"), [(" / len(d)", "", 1), ("", "", ROWS), ("", " / len(d)", 1)])
def test_division_by_the_images_happens_once(tmp_path, by, of_loss, times):
    layer, ours = read(tmp_path, NET.format(by=by, of_loss=of_loss)).names["SoftmaxWithLoss"](), SoftmaxWithLoss()
    x, t = numbers(ROWS, 3), np.array([0, 2, 1, 1])
    assert np.isclose(layer.forward(x, t), ours.forward(x, t))
    assert np.allclose(layer.backward(), times * ours.backward())
