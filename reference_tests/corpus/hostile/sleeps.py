"""Sleeps on whatever is raised (bounded: a minute)."""

import contextlib
import time

import numpy as np


def attack():
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with contextlib.suppress(BaseException):
            time.sleep(1)


class Relu:
    def forward(self, x):
        attack()
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
