"""Goes to another folder, and takes numpy's place in the modules."""

import os
import sys

import numpy as np


class Relu:
    def forward(self, x):
        os.chdir("/")
        sys.modules["numpy"] = sys.modules[__name__]
        sys.path[:] = []
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
