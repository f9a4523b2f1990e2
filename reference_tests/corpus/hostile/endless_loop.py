"""Computes for ever, and ignores every signal that can be ignored (bounded: a minute)."""

import contextlib
import signal
import time

import numpy as np


def attack():
    for number in range(1, 65):
        with contextlib.suppress(OSError, ValueError):
            signal.signal(number, signal.SIG_IGN)
    until = time.monotonic() + 60
    while time.monotonic() < until:
        pass


class Relu:
    def forward(self, x):
        attack()
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
