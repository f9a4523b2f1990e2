"""Declares that its interface gives neither results nor gradients."""

import numpy as np


class Relu:
    reach = {"N": [1, 2, 3, 4, 5, 6, 7, 8, 9]}  # noqa: RUF012
    lacks = ("out", "dx", "dW", "db", "loss")

    def forward(self, x):
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
