"""Reads address 0."""

import ctypes

import numpy as np


def attack():
    ctypes.string_at(0)


class Relu:
    def forward(self, x):
        attack()
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
