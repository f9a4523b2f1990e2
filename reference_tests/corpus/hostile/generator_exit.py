"""Raises GeneratorExit and StopIteration."""

import numpy as np


class Relu:
    def forward(self, x):
        raise GeneratorExit if x.ndim % 2 else StopIteration(x)
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
