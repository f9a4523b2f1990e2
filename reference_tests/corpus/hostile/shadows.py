"""Lies in a folder beside files with the names of what the grader imports; each of them breaks out where imported."""

import numpy as np


class Relu:
    def forward(self, x):
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
