"""Kills itself as the system does when memory runs out."""

import os
import signal

import numpy as np


class Relu:
    def forward(self, x):
        os.kill(os.getpid(), signal.SIGKILL)
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
