"""Returns arrays of no elements with the largest sides, and of as many axes as there can be."""

import numpy as np


class Relu:
    def forward(self, x):
        return np.empty((1 << 62, 0))

    def backward(self, dout):
        return np.empty((0,) * 64)
