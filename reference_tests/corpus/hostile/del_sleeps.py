"""Sleeps in __del__, where no alarm is heard."""

import contextlib
import time

import numpy as np


class Last:
    def __del__(self):
        for _ in range(100):
            with contextlib.suppress(BaseException):
                time.sleep(1000)


class Relu:
    def forward(self, x):
        Last()
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
