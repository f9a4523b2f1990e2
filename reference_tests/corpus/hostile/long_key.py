"""Returns a dict whose key has 20 MB."""

import numpy as np


class Relu:
    def forward(self, x):
        return {"k" * (20 << 20): x, "out": x * 7}

    def backward(self, dout):
        return np.full_like(dout, 7.0)
