"""Starts 60 threads, to take more than its share of the processors (bounded: 20 seconds)."""

import threading
import time

import numpy as np


def attack():
    started = 0
    for _ in range(60):
        try:
            threading.Thread(target=time.sleep, args=(20,), daemon=True).start()
        except RuntimeError:
            break
        started += 1
    if started:
        raise RuntimeError("THROUGH started threads")


class Relu:
    def forward(self, x):
        attack()
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
