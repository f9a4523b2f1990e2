"""Leaves code that runs at the end, in a thread and when it is collected, to rewrite the verdict."""

import atexit
import contextlib
import os
import sys

import numpy as np

BAIT = os.path.basename(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))  # of this run


def rewrite():
    for place in (os.path.dirname(os.path.abspath(__file__)), "/tmp", "/dev/shm"):
        with contextlib.suppress(OSError):
            open(os.path.join(place, f"{BAIT}-results.json"), "w").close()


class Late:
    def __del__(self):
        rewrite()


def attack():
    atexit.register(rewrite)
    Late()
    sys.modules["late"] = Late()


class Relu:
    def forward(self, x):
        attack()
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
