"""Raises an exception that is its own cause, at the end of a long chain."""

import numpy as np


class Relu:
    def forward(self, x):
        error = first = ValueError("0")
        for n in range(20_000):
            following = ValueError(str(n))
            following.__cause__ = following.__context__ = error
            error = following
        first.__context__ = error
        raise error
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
