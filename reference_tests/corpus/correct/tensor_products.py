"""Products over named axes: tensordot for the filters and the dense layer, a band matrix for LRN's neighbours."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


class Convolution:
    def __init__(self, W, b, stride=1, pad=0):
        self.W, self.b, self.stride, self.pad = W, b, stride, pad

    def forward(self, x):
        s, p = self.stride, self.pad
        self.shape = x.shape
        padded = np.pad(x, [(0, 0), (0, 0), (p, p), (p, p)])
        if np.any(np.less(padded.shape[2:], self.W.shape[2:])):
            raise ValueError("the filter is larger than the padded input")
        self.windows = sliding_window_view(padded, self.W.shape[2:], axis=(2, 3))[:, :, ::s, ::s]
        out = np.tensordot(self.windows, self.W, axes=((1, 4, 5), (1, 2, 3)))
        return np.moveaxis(out + self.b, -1, 1)

    def backward(self, dout):
        self.db = np.tensordot(dout, np.ones(dout.shape[2:]), axes=((2, 3), (0, 1))).sum(axis=0)
        self.dW = np.tensordot(dout, self.windows, axes=((0, 2, 3), (0, 2, 3)))
        parts = np.tensordot(dout, self.W, axes=((1,), (0,)))
        n, c, h, w = self.shape
        dx = np.zeros((n, c, h + 2 * self.pad, w + 2 * self.pad))
        for i, j in np.ndindex(dout.shape[2:]):
            y, x = i * self.stride, j * self.stride
            dx[:, :, y : y + self.W.shape[2], x : x + self.W.shape[3]] += parts[:, i, j]
        return dx[:, :, self.pad : self.pad + h, self.pad : self.pad + w]


class Affine:
    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, x):
        self.x, axes = x, list(range(1, x.ndim))
        return np.tensordot(x, self.W.reshape(*x.shape[1:], -1), axes=(axes, [a - 1 for a in axes])) + self.b

    def backward(self, dout):
        self.dW = np.tensordot(self.x, dout, axes=(0, 0)).reshape(self.W.shape)
        self.db = np.ones(len(dout)) @ dout
        return np.tensordot(dout, self.W.reshape(*self.x.shape[1:], -1), axes=(1, -1))


class LRN:
    def __init__(self, n=5, k=2.0, alpha=1e-4, beta=0.75):
        self.n, self.k, self.alpha, self.beta = n, k, alpha, beta

    def near(self, a):
        ones, half = np.ones((a.shape[1],) * 2), self.n // 2
        band = np.triu(np.tril(ones, half), -half)
        return np.moveaxis(np.tensordot(a, band, axes=(1, 0)), -1, 1)

    def forward(self, x):
        self.x, self.s = x, self.k + self.alpha * self.near(np.square(x))
        return x * np.exp(-self.beta * np.log(self.s))

    def backward(self, dout):
        power = np.exp(-self.beta * np.log(self.s))
        return dout * power - 2 * self.alpha * self.beta * self.x * self.near(dout * self.x * power / self.s)
