"""Raises KeyboardInterrupt, as if the teacher had stopped the run."""

import numpy as np


class Relu:
    def forward(self, x):
        raise KeyboardInterrupt
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
