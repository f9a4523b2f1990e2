"""Gradients that are means over the images are right beside a loss whose gradient is not divided."""

import pytest

from .targets import differing, numbers, read

DENSE = """
class Dense:
    def __init__(self, n_in, n_out):
        self.W, self.b = np.random.randn(n_in, n_out), np.zeros((1, n_out))
    def forward(self, X):
        self.X = X
        return X @ self.W + self.b
    def backward(self, dZ):
        m = len(self.X)
        self.dW = self.X.T @ dZ / m
        self.db = dZ.sum(0, keepdims=True){mean}
        return dZ @ self.W.T
"""
BOTH = DENSE.format(mean=" / m")
LOSSES = {
    "none": ("", {"dW", "db"}),
    "sum": ("class MSE:\n    def backward(self, y_true, y_pred):\n        return y_pred - y_true\n", set()),
    "function": ("def mse_prime(y_true, y_pred):\n    return 2 * (y_pred - y_true) / np.size(y_true)\n", {"dW", "db"}),
    "labels": ("def loss_grad(p, y):\n    return (p - np.eye(3)[y]) / len(y)\n", {"dW", "db"}),
    "class": (
        "class CrossEntropyLoss:\n    def forward(self, p, t):\n        self.p, self.t = p, t\n        return 1.0\n"
        "    def backward(self):\n        return (self.p - self.t) / len(self.t)\n",
        {"dW", "db"},
    ),
    "beside": ("def l2_loss(x, t):\n    return ((x - t) ** 2).sum(), (x - t) / len(x)\n", {"dW", "db"}),
}


@pytest.mark.parametrize("loss", LOSSES)
def test_means_stand_with_the_loss_beside_them(tmp_path, loss):
    text, wrong = LOSSES[loss]
    subject = read(tmp_path, BOTH + text)
    assert differing(subject, "Affine", numbers(4, 3), numbers(3), x=numbers(5, 4)) == wrong


def test_one_mean_beside_a_sum_is_a_mistake(tmp_path):
    subject = read(tmp_path, DENSE.format(mean=""))
    assert differing(subject, "Affine", numbers(4, 3), numbers(3), x=numbers(5, 4)) == {"dW"}
