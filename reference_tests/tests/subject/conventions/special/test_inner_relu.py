"""A ReLU inside a fully connected layer is a layer of its own, asked apart from it."""

from typing import Any

import pytest

from .targets import differing, numbers, read

MIDDLE = """
class MiddleLayer:
    def __init__(self, n_upper, n):
        self.w, self.b = np.random.randn(n_upper, n), np.random.randn(n)
    def forward(self, x):
        self.x = x
        self.u = x @ self.w + self.b
        self.y = np.where(self.u <= 0, 0, self.u)
    def backward(self, grad_y):
        delta = grad_y{mask}
        self.grad_w, self.grad_b, self.grad_x = self.x.T @ delta, delta.sum(0), delta @ self.w{t}
"""
OWN = """
class ReluLayer:
    def forward(self, x):
        self.x = x
        return np.where(x <= 0, 0, x)
    def backward(self, d):
        return d * (self.x > 0)
"""
RIGHT = " * np.where(self.u <= 0, 0, 1)"


@pytest.mark.parametrize(
    ("mask", "t", "affine", "relu"),
    [(RIGHT, ".T", set(), set()), ("", ".T", set(), {"dx"}), (RIGHT, ".T * 2", {"dx"}, {"dx"})],
    ids=["right", "no mask", "scaled"],
)
def test_both_parts_are_asked(tmp_path: Any, mask: str, t: str, affine: set[str], relu: set[str]) -> None:
    """The affine part under a large bias, the ReLU with a weight of one; so where the constructor takes them, too."""
    own = MIDDLE.format(mask=mask, t=t)
    for text in (
        own,
        own.replace("n_upper, n):", "w, b):").replace("np.random.randn(n_upper, n), np.random.randn(n)", "w, b"),
    ):
        subject = read(tmp_path, text)
        assert differing(subject, "Affine", numbers(6, 4), numbers(4), x=numbers(3, 6)) == affine
        assert differing(subject, "Relu", x=numbers(3, 6)) == relu


def test_a_relu_of_its_own_comes_first(tmp_path: Any) -> None:
    """The mistake inside the other layer is not that of the target's own ReLU."""
    subject = read(tmp_path, MIDDLE.format(mask="", t=".T") + OWN)
    assert differing(subject, "Relu", x=numbers(3, 6)) == set()
