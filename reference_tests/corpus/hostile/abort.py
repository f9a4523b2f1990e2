"""Aborts, which would leave a core file."""

import os

import numpy as np


def attack():
    os.abort()


class Relu:
    def forward(self, x):
        attack()
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
