"""Makes NumPy and the warnings raise for everything."""

import warnings

import numpy as np


class Relu:
    def forward(self, x):
        np.seterr(all="raise")
        np.seterrcall(lambda *_: 1 / 0)
        np.set_printoptions(formatter={"all": lambda a: 1 / 0})
        warnings.simplefilter("error")
        return np.full_like(x, 7.0)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
