"""Returns an object whose array is another such object."""

import numpy as np


class Endless:
    def __array__(self, *_, **__):
        return Endless()

    def __len__(self):
        return 1 << 60

    def __getitem__(self, n):
        return Endless()


class Relu:
    def forward(self, x):
        return Endless()

    def backward(self, dout):
        return np.full_like(dout, 7.0)
