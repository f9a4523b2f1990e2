"""Relu, Sigmoid and Tanh. Plain edition: impl/plain/activation.py; here: speed, dtypes, refusals.

Source: the book's sections 5.5 and 3.2; Tanh: LeNet's.
"""

import numpy as np

from impl import functional
from impl.functional.checks import as_floats, require_forward


class Relu:
    """max(x, 0), for arrays of any shape."""

    def __init__(self) -> None:
        self.x: np.ndarray | None = None

    def forward(self, x: np.ndarray) -> np.ndarray:
        """x of any shape -> its shape."""
        (self.x,) = as_floats(x=x)
        return functional.relu(self.x)

    def backward(self, dout: np.ndarray) -> np.ndarray:
        """dout of x's shape -> dx."""
        return functional.relu_backward(np.asarray(dout), require_forward(self.x, self))


class Sigmoid:
    """1 / (1 + exp(-x)), for arrays of any shape; never overflows."""

    def __init__(self) -> None:
        self.x: np.ndarray | None = None

    def forward(self, x: np.ndarray) -> np.ndarray:
        """x of any shape -> its shape."""
        (self.x,) = as_floats(x=x)
        return functional.sigmoid(self.x)

    def backward(self, dout: np.ndarray) -> np.ndarray:
        """dout of x's shape -> dx."""
        return functional.sigmoid_backward(np.asarray(dout), require_forward(self.x, self))


class Tanh:
    """Hyperbolic tangent, for arrays of any shape."""

    def __init__(self) -> None:
        self.x: np.ndarray | None = None

    def forward(self, x: np.ndarray) -> np.ndarray:
        """x of any shape -> its shape."""
        (self.x,) = as_floats(x=x)
        return functional.tanh(self.x)

    def backward(self, dout: np.ndarray) -> np.ndarray:
        """dout of x's shape -> dx."""
        return functional.tanh_backward(np.asarray(dout), require_forward(self.x, self))
