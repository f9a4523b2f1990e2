"""Raises an exception that takes for ever to be printed (bounded: a minute)."""

import contextlib
import time

import numpy as np


class Slow(Exception):
    def __str__(self):
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with contextlib.suppress(BaseException):
                time.sleep(1)
        return "slow"


def attack():
    raise Slow


class Relu:
    def forward(self, x):
        attack()
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
