"""Raises groups of exceptions, nested 3,000 times."""

import numpy as np


class Relu:
    def forward(self, x):
        error = ValueError("innermost")
        for _ in range(3000):
            error = ExceptionGroup("x", [error])
        raise error
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
