"""Blocks every signal, and waits."""

import signal

import numpy as np


class Relu:
    def forward(self, x):
        signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 64))
        while True:
            pass
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
