"""The wrong control: answers of the right shape, all of them wrong. No points."""

import numpy as np


class Relu:
    def forward(self, x):
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)


class Affine:
    def __init__(self, W, b):
        self.dW, self.db = np.full_like(W, 7.0), np.full_like(b, 7.0)

    def forward(self, x):
        self.x = x
        return np.full((x.shape[0], self.dW.shape[1]), 7.0)

    def backward(self, dout):
        return np.full_like(self.x, 7.0)
