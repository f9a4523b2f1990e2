"""Raises an exception whose text is an exception."""

import numpy as np


class Hostile(Exception):
    def __str__(self):
        raise Hostile

    __repr__ = __str__

    @property
    def args(self):
        raise Hostile


class Relu:
    def forward(self, x):
        raise Hostile
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
