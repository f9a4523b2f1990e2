"""Starts 60 processes that outlive it in sessions of their own (bounded: 60, for 20 seconds)."""

import ctypes
import os
import time

import numpy as np

BAIT = os.path.basename(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))  # of this run


def attack():
    started = 0
    ctypes.CDLL(None).prctl(15, BAIT.encode())  # its name, and its children's
    for _ in range(60 if not STARTED else 0):
        try:
            pid = os.fork()
        except OSError:
            break
        if pid == 0:
            os.setsid()
            os.closerange(0, 256)
            time.sleep(20)
            os._exit(0)
        started += 1
    STARTED.append(started)
    if started:
        raise RuntimeError("THROUGH started processes")


STARTED = []


class Relu:
    def forward(self, x):
        attack()
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
