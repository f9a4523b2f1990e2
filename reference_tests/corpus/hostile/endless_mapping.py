"""Returns a dict whose items never end."""

import itertools

import numpy as np


class Endless(dict):
    def items(self):
        return itertools.repeat(("key", np.zeros(16)))

    def __iter__(self):
        return itertools.repeat("key")


class Relu:
    def forward(self, x):
        return Endless(out=x)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
