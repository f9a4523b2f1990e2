"""Returns a view that claims 16 GB."""

import numpy as np


class Relu:
    def forward(self, x):
        return np.broadcast_to(np.float64(7.0), (1 << 31,))

    def backward(self, dout):
        return np.broadcast_to(np.float64(7.0), (1 << 31,))
