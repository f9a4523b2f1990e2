"""Raises when the module is asked for a name that it does not have."""

import numpy as np


class Relu:
    def forward(self, x):
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)


def __getattr__(name):
    raise KeyError(name)
