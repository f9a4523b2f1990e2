"""Returns an object whose text has 256 MB."""

import numpy as np


class Huge:
    def __repr__(self):
        return "x" * (256 << 20)


class Relu:
    def forward(self, x):
        return Huge()

    def backward(self, dout):
        return np.full_like(dout, 7.0)
