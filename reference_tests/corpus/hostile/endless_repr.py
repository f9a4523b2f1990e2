"""Returns an object whose text never comes."""

import numpy as np


class Endless:
    def __repr__(self):
        while True:
            pass


class Relu:
    def forward(self, x):
        return Endless()

    def backward(self, dout):
        return np.full_like(dout, 7.0)
