"""Starts 60 processes that outlive it in sessions of their own (bounded: 60, for 20 seconds)."""

import ctypes
import os
import time

import numpy as np


def attack():
    started = 0
    for _ in range(60):
        try:
            pid = os.fork()
        except OSError:
            break
        if pid == 0:
            os.setsid()
            ctypes.CDLL(None).prctl(15, b"convcheck-bait")  # its name
            os.closerange(0, 256)
            time.sleep(20)
            os._exit(0)
        started += 1
    if started:
        raise RuntimeError("THROUGH started processes")


class Relu:
    def forward(self, x):
        attack()
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
