"""Average pooling and LRN from running sums: a window is a difference of four, or two, of them."""

import numpy as np

from .refusing import conv_output_size


class AveragePooling:
    def __init__(self, pool_h, pool_w, stride=2, pad=0):
        self.size, self.stride, self.pad = (pool_h, pool_w), stride, pad

    def forward(self, x):
        (h, w), s, p = self.size, self.stride, self.pad
        self.shape = x.shape
        self.out = [
            conv_output_size(length - (length + 2 * p - f) % s, f, s, p) for length, f in zip(x.shape[2:], (h, w))
        ]
        sums = np.pad(
            np.pad(x, [(0, 0), (0, 0), (p, p), (p, p)]).cumsum(2, float).cumsum(3), [(0, 0), (0, 0), (1, 0), (1, 0)]
        )
        top, left = (slice(0, s * (n - 1) + 1, s) for n in self.out)
        bottom, right = (slice(f, f + s * (n - 1) + 1, s) for n, f in zip(self.out, (h, w)))
        total = sums[:, :, bottom, right] - sums[:, :, top, right] - sums[:, :, bottom, left] + sums[:, :, top, left]
        return total / (h * w)

    def backward(self, dout):
        (h, w), s, p = self.size, self.stride, self.pad
        n, c, height, width = self.shape
        steps = np.zeros((n, c, height + 2 * p + 1, width + 2 * p + 1))
        top, left = (slice(0, s * (k - 1) + 1, s) for k in self.out)
        bottom, right = (slice(f, f + s * (k - 1) + 1, s) for k, f in zip(self.out, (h, w)))
        for rows, columns, sign in ((top, left, 1), (bottom, left, -1), (top, right, -1), (bottom, right, 1)):
            steps[:, :, rows, columns] += sign * dout / (h * w)
        return steps.cumsum(2).cumsum(3)[:, :, p : p + height, p : p + width]


class LRN:
    def __init__(self, n=5, k=2.0, alpha=1e-4, beta=0.75):
        self.n, self.k, self.alpha, self.beta = n, k, alpha, beta

    def near(self, a):
        half, C = self.n // 2, a.shape[1]
        sums = np.concatenate([np.zeros_like(a[:, :1], float), np.cumsum(a, axis=1, dtype=float)], axis=1)
        low, high = np.clip([np.arange(C) - half, np.arange(C) + half + 1], 0, C)
        return sums[:, high] - sums[:, low]

    def forward(self, x):
        self.x, self.s = x, self.k + self.alpha * self.near(np.square(x, dtype=float))
        return x * np.power(self.s, -self.beta)

    def backward(self, dout):
        near = self.near(dout * self.x * np.power(self.s, -self.beta - 1))
        return dout * np.power(self.s, -self.beta) - (2 * self.alpha * self.beta) * self.x * near
