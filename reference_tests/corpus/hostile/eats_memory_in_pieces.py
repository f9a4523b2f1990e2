"""Fills its memory, lets go and fills it again."""

import numpy as np


class Relu:
    def forward(self, x):
        for _ in range(20):
            pieces = []
            try:
                pieces.extend(np.ones(1 << 20) for _ in range(80))  # 640 MB, more than it may have
            except MemoryError:
                pieces.clear()
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
