"""dW and db are allocated once and filled in place; gradient() gives the same arrays each time."""

import numpy as np

from . import whole


class Affine:
    def __init__(self, W, b):
        self.W, self.b, self.dW, self.db = W, b, np.zeros(W.shape), np.zeros(b.shape)

    def forward(self, x):
        self.shape, self.x = x.shape, x.reshape(len(x), len(self.W)).astype(float)
        return self.x @ self.W + self.b

    def backward(self, dout):
        np.matmul(self.x.T, dout, out=self.dW)
        np.add.reduce(dout, axis=0, out=self.db)
        return (dout @ self.W.T).reshape(self.shape)


class Convolution(whole.Convolution):
    def __init__(self, W, b, stride=1, pad=0):
        super().__init__(W, b, stride, pad)
        self.filled = np.zeros(W.shape), np.zeros(b.shape)

    def backward(self, dout):
        dx = super().backward(dout)
        self.filled[0][...], self.filled[1][...] = self.dW, self.db
        self.dW, self.db = self.filled
        return dx


class SimpleConvNet(whole.SimpleConvNet):
    PARTS = Convolution, whole.Relu, whole.Pooling, Affine, whole.SoftmaxWithLoss

    def gradient(self, x, t):
        if not hasattr(self, "grads"):
            self.grads = {name: np.zeros(a.shape) for name, a in self.params.items()}
        for name, a in super().gradient(x, t).items():
            np.copyto(self.grads[name], a)
        return self.grads
