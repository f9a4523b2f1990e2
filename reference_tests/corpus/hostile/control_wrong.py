"""The wrong control: answers of the right shape, all of them wrong. No points."""

import numpy as np


class Relu:
    def forward(self, x):
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
