"""Raises KeyboardInterrupt while it is loaded."""

import numpy as np


class Relu:
    raise KeyboardInterrupt("stop")

    def forward(self, x):
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
