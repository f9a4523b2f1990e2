"""Only what came in is kept; backward works everything out again."""

import numpy as np

from . import whole
from .fancy_index import col2im, conv_output_size, im2col


class Convolution:
    def __init__(self, W, b, stride=1, pad=0):
        self.W, self.b, self.how = W, b, (stride, pad)

    def forward(self, x):
        self.x = x
        FN, C, FH, FW = self.W.shape
        out = im2col(x, FH, FW, *self.how) @ self.W.reshape(FN, C * FH * FW).T + self.b
        oh, ow = conv_output_size(x.shape[2], FH, *self.how), conv_output_size(x.shape[3], FW, *self.how)
        return out.reshape(len(x), oh * ow, FN).swapaxes(1, 2).reshape(len(x), FN, oh, ow)

    def backward(self, dout):
        FN, _, FH, FW = self.W.shape
        rows = dout.transpose(0, 2, 3, 1).reshape(-1, FN)
        self.dW = (rows.T @ im2col(self.x, FH, FW, *self.how)).reshape(self.W.shape)
        self.db = rows.sum(axis=0)
        return col2im(rows @ self.W.reshape(FN, -1), self.x.shape, FH, FW, *self.how)


class Pooling(whole.Pooling):
    def forward(self, x):
        self.given = x
        out = super().forward(x)
        del self.x, self.out
        return out

    def backward(self, dout):
        super().forward(self.given)
        return super().backward(dout)


class Relu:
    def forward(self, x):
        self.x = x
        return np.where(x > 0, x, 0)

    def backward(self, dout):
        return np.where(self.x > 0, dout, 0)


class Sigmoid:
    def forward(self, x):
        self.x = x
        return 1 / (1 + np.exp(-x))

    def backward(self, dout):
        return dout / (2 + np.exp(self.x) + np.exp(-self.x))


class Tanh:
    def forward(self, x):
        self.x = x
        return np.tanh(x)

    def backward(self, dout):
        return dout / np.cosh(self.x) ** 2


class Affine:
    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, x):
        self.x = x
        return np.dot(x.reshape(len(x), self.W.shape[0]), self.W) + self.b

    def backward(self, dout):
        self.dW, self.db = np.dot(self.x.reshape(len(dout), self.W.shape[0]).T, dout), np.sum(dout, 0)
        return np.dot(dout, self.W.T).reshape(self.x.shape)


class SoftmaxWithLoss:
    def forward(self, x, t):
        self.x, self.t = x, t
        shifted = x - x.max(axis=1, keepdims=True)
        right = t.argmax(axis=1) if t.ndim == 2 else t
        return np.mean(np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(x)), right])

    def backward(self, dout=1):
        e = np.exp(self.x - self.x.max(axis=1, keepdims=True))
        truth = self.t if self.t.ndim == 2 else np.eye(e.shape[1])[self.t]
        return dout * (e / e.sum(axis=1, keepdims=True) - truth) / len(e)


class SimpleConvNet(whole.SimpleConvNet):
    PARTS = Convolution, Relu, Pooling, Affine, SoftmaxWithLoss
