"""Calls itself, through C, until the stack is full."""

import sys

import numpy as np


class Endless:
    def __repr__(self):
        return repr(self)


class Relu:
    def forward(self, x):
        sys.setrecursionlimit(10**9)
        repr(Endless())
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
