"""Asks for a quarter more memory than it may (bounded: 640 MB, not filled)."""

import numpy as np


def attack():
    held = [np.empty(8 << 20) for _ in range(10)]
    del held
    raise RuntimeError("THROUGH took 640 MB")


class Relu:
    def forward(self, x):
        attack()
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
