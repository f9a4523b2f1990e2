"""Has the kernel send its signal: makes another process the owner of a pipe."""

import fcntl
import os

import numpy as np


def attack():
    for fd in range(3, 8):
        try:
            fcntl.fcntl(fd, fcntl.F_SETOWN, os.getppid())
        except OSError:
            continue
        raise RuntimeError("THROUGH gave a pipe to another process")


class Relu:
    def forward(self, x):
        attack()
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
