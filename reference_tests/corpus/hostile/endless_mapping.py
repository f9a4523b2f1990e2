"""Returns a dict whose items never end."""

import itertools

import numpy as np


class Endless(dict):
    def items(self):
        return ((f"key{n}", np.zeros(1 << 10)) for n in itertools.count())

    def __iter__(self):
        return (f"key{n}" for n in itertools.count())


class Relu:
    def forward(self, x):
        return Endless(out=x)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
