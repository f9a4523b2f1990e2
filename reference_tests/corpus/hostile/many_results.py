"""Returns a dict of 100,000 arrays."""

import numpy as np


class Relu:
    def forward(self, x):
        return {f"key{n}": np.zeros(16) for n in range(100_000)}

    def backward(self, dout):
        return np.full_like(dout, 7.0)
