"""Takes a quarter more memory than it may (bounded: 1.25 GB)."""

import numpy as np


def attack():
    held = []
    for _ in range(20):
        held.append(np.ones(8 << 20))
    raise RuntimeError("THROUGH took 1.25 GB")


class Relu:
    def forward(self, x):
        attack()
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
