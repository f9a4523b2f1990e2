"""Dropout by choosing places; relu, sigmoid and tanh by writing only where something is to do."""

import numpy as np


class Dropout:
    """A permutation would keep the same number each time; so each place has a number of its own."""

    def __init__(self, dropout_ratio=0.5):
        self.dropout_ratio = dropout_ratio

    def forward(self, x, train_flg=True):
        if not train_flg:
            return x - self.dropout_ratio * x
        self.dropped = np.flatnonzero(np.random.uniform(size=x.size) < self.dropout_ratio)  # noqa: NPY002
        return self.without(x)

    def without(self, a):
        a = np.array(a, order="C")
        a.reshape(-1)[self.dropped] = 0
        return a

    def backward(self, dout):
        return self.without(dout)


class Relu:
    def forward(self, x):
        out = np.array(x)
        self.below = np.nonzero(out <= 0)
        out[self.below] = 0
        return out

    def backward(self, dout):
        dx = np.array(dout)
        dx[self.below] = 0
        return dx


class Sigmoid:
    def forward(self, x):
        self.out = np.empty(x.shape)
        below = x < 0
        powers = np.exp(x[below])
        self.out[below], self.out[~below] = powers / (1 + powers), 1 / (1 + np.exp(-x[~below]))
        return self.out.copy()

    def backward(self, dout):
        return dout * self.out * (1 - self.out)


class Tanh:
    def forward(self, x):
        powers = np.expm1(-2 * np.abs(x))
        self.out = np.copysign(-powers / (powers + 2), x)
        return self.out.copy()

    def backward(self, dout):
        return (1 - self.out * self.out) * dout
