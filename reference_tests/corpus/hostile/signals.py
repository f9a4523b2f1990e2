"""Looks which other processes it could send a signal to (number 0, which does nothing)."""

import os

import numpy as np


def attack():
    me, reached = os.getpid(), []
    for pid in [os.getppid(), 1, *range(max(2, me - 300), me + 50), -1]:
        if pid == me or pid == 0:
            continue
        try:
            os.kill(pid, 0)
            reached.append(pid)
        except OSError:
            pass
    if reached:
        raise RuntimeError("THROUGH could signal others")


class Relu:
    def forward(self, x):
        attack()
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
