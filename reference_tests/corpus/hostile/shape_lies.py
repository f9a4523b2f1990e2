"""Returns an array whose shape, size and bytes are not what they say."""

import numpy as np


class Liar(np.ndarray):
    @property
    def shape(self):
        return (1 << 40,)

    @property
    def nbytes(self):
        return -1

    size = 3

    def __array_finalize__(self, other):
        raise ValueError("__array_finalize__")

    def tobytes(self, order="C"):
        return b"7" * (64 << 20)


class Relu:
    def forward(self, x):
        return np.full_like(x, 7.0).view(Liar)

    def backward(self, dout):
        return np.full_like(dout, 7.0)
