"""Of equal numbers the last is the largest."""

import numpy as np

from . import whole


class Pooling(whole.Pooling):
    def taps(self, size):
        return reversed(list(super().taps(size)))


class Relu:
    """As a maximum over (x, 0) where 0 comes last: no slope at 0."""

    def forward(self, x):
        self.which = 1 - np.stack([np.zeros(x.shape), x]).argmax(axis=0)
        return np.choose(self.which, [x, 0])

    def backward(self, dout):
        return np.choose(self.which, [dout, 0])
