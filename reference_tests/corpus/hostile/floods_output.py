"""Writes 20 MB to what it takes for standard output and error."""

import contextlib
import os

import numpy as np


def attack():
    for _ in range(0 if DONE else 8):
        print("flood" * (1 << 18))
        for fd in (1, 2):
            with contextlib.suppress(OSError):
                os.write(fd, b"flood" * (1 << 18))
    DONE.append(True)


DONE = []


class Relu:
    def forward(self, x):
        attack()
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
