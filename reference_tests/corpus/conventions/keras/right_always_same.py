"""Pooling that always pads, by TensorFlow's rule for same: an output for each stride that begins inside the image."""

import numpy as np


class MaxPool2D:
    def __init__(self, pool_size, strides):
        self.pool_size, self.strides = pool_size, strides

    def forward(self, x):
        k, s = self.pool_size, self.strides
        n, c, h, w = x.shape
        oh, ow = int(np.ceil(h / s)), int(np.ceil(w / s))
        ph, pw = max((oh - 1) * s + k - h, 0), max((ow - 1) * s + k - w, 0)
        self.top, self.left = ph // 2, pw // 2
        self.x = x
        self.xp = np.pad(x, ((0, 0), (0, 0), (ph // 2, ph - ph // 2), (pw // 2, pw - pw // 2)), constant_values=-np.inf)
        out = np.zeros((n, c, oh, ow))
        for i in range(oh):
            for j in range(ow):
                out[:, :, i, j] = self.xp[:, :, i * s : i * s + k, j * s : j * s + k].max(axis=(2, 3))
        return out

    def backward(self, dout):
        k, s = self.pool_size, self.strides
        n, c, oh, ow = dout.shape
        dxp = np.zeros_like(self.xp)
        for i in range(oh):
            for j in range(ow):
                window = self.xp[:, :, i * s : i * s + k, j * s : j * s + k].reshape(n, c, -1)
                best = window.argmax(axis=2)
                for a in range(n):
                    for b in range(c):
                        dxp[a, b, i * s + best[a, b] // k, j * s + best[a, b] % k] += dout[a, b, i, j]
        h, w = self.x.shape[2:]
        return dxp[:, :, self.top : self.top + h, self.left : self.left + w]


class AveragePool2D:
    def __init__(self, pool_size):
        self.pool_size = pool_size

    def forward(self, x):
        k = self.pool_size
        n, c, h, w = x.shape
        oh, ow = -(-h // k), -(-w // k)
        self.shape = x.shape
        self.pads = (oh * k - h) // 2, (ow * k - w) // 2
        padding = [(0, 0), (0, 0), (self.pads[0], oh * k - h - self.pads[0]), (self.pads[1], ow * k - w - self.pads[1])]
        self.count = np.pad(np.ones(x.shape), padding).reshape(n, c, oh, k, ow, k).sum(axis=(3, 5))
        return np.pad(x, padding).reshape(n, c, oh, k, ow, k).sum(axis=(3, 5)) / self.count

    def backward(self, dout):
        k, (top, left), (h, w) = self.pool_size, self.pads, self.shape[2:]
        spread = np.repeat(np.repeat(dout / self.count, k, axis=2), k, axis=3)
        return spread[:, :, top : top + h, left : left + w]
