"""Raises SystemExit(0), and again while that is handled."""

import sys

import numpy as np


def attack():
    try:
        raise SystemExit(0)
    finally:
        sys.exit(0)


class Relu:
    def forward(self, x):
        attack()
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
