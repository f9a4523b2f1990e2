import numpy as np


class Conv:
    """x: (height, width, channels, batch), W: (k, k, channels, filters)"""

    def __init__(self, channels, filters, k):
        self.W = np.random.randn(k, k, channels, filters) * 0.1
        self.b = np.zeros(filters)

    def forward(self, x):
        h, w, c, n = x.shape
        self.x = x
        k = self.W.shape[0]
        out = np.zeros((h - k + 1, w - k + 1, self.W.shape[3], n))
        for i in range(h - k + 1):
            for j in range(w - k + 1):
                out[i, j] = np.tensordot(self.W, x[i:i + k, j:j + k], axes=([0, 1, 2], [0, 1, 2])) + self.b[:, None]
        return out

    def backward(self, dout):
        k = self.W.shape[0]
        dx = np.zeros_like(self.x)
        self.dW = np.zeros_like(self.W)
        self.db = dout.sum(axis=(0, 1, 3))
        for i in range(dout.shape[0]):
            for j in range(dout.shape[1]):
                self.dW = np.tensordot(self.x[i:i + k, j:j + k], dout[i, j], axes=([3], [1]))
                dx[i:i + k, j:j + k] += np.tensordot(self.W, dout[i, j], axes=([3], [0]))
        return dx


class MaxPool:
    def __init__(self, k):
        self.k = k

    def forward(self, x):
        self.x = x
        h, w, c, n = x.shape
        k = self.k
        out = np.zeros((h // k, w // k, c, n))
        for i in range(h // k):
            for j in range(w // k):
                out[i, j] = x[i * k:i * k + k, j * k:j * k + k].max(axis=(0, 1))
        return out

    def backward(self, dout):
        k = self.k
        dx = np.zeros_like(self.x)
        for i in range(dout.shape[0]):
            for j in range(dout.shape[1]):
                win = self.x[i * k:i * k + k, j * k:j * k + k]
                dx[i * k:i * k + k, j * k:j * k + k] = (win == win.max(axis=(0, 1))) * dout[i, j]
        return dx
