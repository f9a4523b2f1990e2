"""Ignores the alarm of the time limit, and waits."""

import signal

import numpy as np


class Relu:
    def forward(self, x):
        signal.signal(signal.SIGALRM, signal.SIG_IGN)
        while True:
            pass
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
