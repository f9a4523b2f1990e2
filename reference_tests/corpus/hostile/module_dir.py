"""Has a __dir__ and a __getattr__ that never end to give names."""

import itertools

import numpy as np


class Relu:
    def forward(self, x):
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)


def __dir__():
    return (f"name{n}" for n in itertools.count())


def __getattr__(name):
    return globals()["Relu"]
