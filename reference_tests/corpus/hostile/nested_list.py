"""Returns a list that is nested a million times."""

import numpy as np


class Relu:
    def forward(self, x):
        nested = []
        for _ in range(1_000_000):
            nested = [nested]
        return nested

    def backward(self, dout):
        return np.full_like(dout, 7.0)
