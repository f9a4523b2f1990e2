"""Recurses until the stack is full."""

import sys

import numpy as np


def deeper(n):
    return [deeper(n + 1)]


def attack():
    sys.setrecursionlimit(10**9)
    sorted([1, 2], key=deeper)


class Relu:
    def forward(self, x):
        attack()
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
