"""Kills itself, to look as if memory had run out."""

import os
import signal

import numpy as np


def attack():
    os.kill(os.getpid(), signal.SIGKILL)


class Relu:
    def forward(self, x):
        attack()
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
