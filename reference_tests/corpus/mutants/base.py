"""The contract, implemented rightly and plainly: what the mutants are patches of. Complete but for nothing."""

import numpy as np


class Relu:
    def forward(self, x):
        self.mask = x <= 0
        out = x.copy()
        out[self.mask] = 0
        return out

    def backward(self, dout):
        dx = dout.copy()
        dx[self.mask] = 0
        return dx


class Sigmoid:
    def forward(self, x):
        e = np.exp(-np.abs(x))
        self.out = np.where(x >= 0, 1, e) / (1 + e)
        return self.out

    def backward(self, dout):
        return dout * (1 - self.out) * self.out


class Tanh:
    def forward(self, x):
        self.out = np.tanh(x)
        return self.out

    def backward(self, dout):
        return dout * (1 - self.out**2)


class Affine:
    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, x):
        self.x_shape = x.shape
        self.x = x.reshape(x.shape[0], int(np.prod(x.shape[1:])))
        return np.dot(self.x, self.W) + self.b

    def backward(self, dout):
        dx = np.dot(dout, self.W.T)
        self.dW = np.dot(self.x.T, dout)
        self.db = np.sum(dout, axis=0)
        return dx.reshape(self.x_shape)


def softmax(x):
    e = np.exp(x - np.max(x, axis=1, keepdims=True))
    return e / np.sum(e, axis=1, keepdims=True)


def cross_entropy(y, t):
    N = y.shape[0]
    return -np.sum(np.log(y[np.arange(N), t] + 1e-7)) / N


class SoftmaxWithLoss:
    def forward(self, x, t):
        self.t = np.argmax(t, axis=1) if t.ndim == 2 else t
        self.y = softmax(x)
        return cross_entropy(self.y, self.t)

    def backward(self, dout=1):
        N = self.t.shape[0]
        dx = self.y.copy()
        dx[np.arange(N), self.t] -= 1
        return dx / N


class Dropout:
    def __init__(self, dropout_ratio=0.5):
        self.dropout_ratio = dropout_ratio

    def forward(self, x, train_flg=True):
        if train_flg:
            self.mask = np.random.rand(*x.shape) > self.dropout_ratio  # noqa: NPY002
            return x * self.mask
        return x * (1.0 - self.dropout_ratio)

    def backward(self, dout):
        return dout * self.mask


class LRN:
    def __init__(self, n=5, k=2.0, alpha=1e-4, beta=0.75):
        self.n, self.k, self.alpha, self.beta = n, k, alpha, beta

    def window_sum(self, a):
        C, half = a.shape[1], self.n // 2
        out = np.zeros(a.shape)
        for i in range(C):
            out[:, i] = a[:, max(0, i - half) : min(C - 1, i + half) + 1].sum(axis=1)
        return out

    def forward(self, x):
        self.x = x
        self.s = self.k + self.alpha * self.window_sum(x**2)
        return x * self.s**-self.beta

    def backward(self, dout):
        shared = self.window_sum(dout * self.x * self.s ** (-self.beta - 1))
        return dout * self.s**-self.beta - 2 * self.alpha * self.beta * self.x * shared
