"""Kills itself by a signal that has no name in Python."""

import os

import numpy as np


class Relu:
    def forward(self, x):
        os.kill(os.getpid(), 35)
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
