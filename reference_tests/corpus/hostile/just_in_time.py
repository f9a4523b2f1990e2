"""Takes nearly all of its time for every check, to keep the grader busy."""

import time

import numpy as np


def attack():
    time.sleep(0.8)


class Relu:
    def forward(self, x):
        attack()
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
