import numpy as np


class Conv:
    def __init__(self, n_channels, n_filters, size, stride=1):
        self.n_filters, self.size, self.stride = n_filters, size, stride
        self.w = np.random.randn(n_filters, n_channels, size, size) * 0.01
        self.b = np.zeros(n_filters)

    def foward(self, x):
        self.x = x
        n, _, h, w = x.shape
        k, s = self.size, self.stride
        oh, ow = 1 + (h - k) // s, 1 + (w - k) // s
        out = np.zeros((n, self.n_filters, oh, ow))
        for r in range(oh):
            for c in range(ow):
                piece = x[:, :, r:r + k, c:c + k]
                for f in range(self.n_filters):
                    out[:, f, r, c] = (piece * self.w[f]).sum(axis=(1, 2, 3)) + self.b[f]
        return out

    def backword(self, delta):
        k, s = self.size, self.stride
        self.dw = np.zeros(self.w.shape)
        self.db = np.zeros(self.b.shape)
        dx = np.zeros(self.x.shape)
        for r in range(delta.shape[2]):
            for c in range(delta.shape[3]):
                piece = self.x[:, :, r * s:r * s + k, c * s:c * s + k]
                for f in range(self.n_filters):
                    d = delta[:, f, r, c].reshape(-1, 1, 1, 1)
                    self.dw[f] += (piece * d).sum(axis=0)
                    dx[:, :, r * s:r * s + k, c * s:c * s + k] += d * self.w[f]
                    self.db[f] += d.sum()
        return dx


class Sigmoid:
    def foward(self, x):
        self.s = 1 / (1 + np.exp(-x))
        return self.s

    def backword(self, delta):
        return delta * self.s * (1 - self.s)


class Dense:
    def __init__(self, n_in, n_out):
        self.w = np.random.randn(n_in, n_out) * 0.01
        self.b = np.zeros(n_out)

    def foward(self, x):
        self.x = x
        return x @ self.w + self.b

    def backword(self, delta):
        self.dw = self.x.T @ delta
        self.db = delta.sum(axis=0)
        return delta @ self.w.T
