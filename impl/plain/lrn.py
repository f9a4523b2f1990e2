"""Local response normalization: each number is divided by the activity of n channels at the same pixel.

    s[c] = k + alpha * sum of x[j]^2 over the channels j from c - n//2 to c + n//2 that exist
    out[c] = x[c] * s[c]^-beta

x[c] appears in its own s and in those of its neighbours, so that its gradient has two parts:

    dx[c] = dout[c] * s[c]^-beta - 2 * alpha * beta * x[c] * sum of dout[j] * x[j] * s[j]^(-beta-1) over the same j

(Krizhevsky, Sutskever and Hinton, 2012; alpha is not divided by n there.)
"""

import numpy as np


class LRN:
    """Local response normalization of x (N, C, H, W) over its channels."""

    def __init__(self, n=5, k=2.0, alpha=1e-4, beta=0.75):
        self.n, self.k, self.alpha, self.beta = n, k, alpha, beta

    def window_sum(self, a):
        """Return, for each channel of a (N, C, H, W), the sum of the channels around it: (N, C, H, W)."""
        C, half = a.shape[1], self.n // 2
        out = np.zeros(a.shape)
        for i in range(C):
            out[:, i] = a[:, max(0, i - half) : min(C - 1, i + half) + 1].sum(axis=1)  # (N, H, W)
        return out

    def forward(self, x):
        self.x = x
        self.s = self.k + self.alpha * self.window_sum(x**2)  # (N, C, H, W)
        return x * self.s**-self.beta  # (N, C, H, W)

    def backward(self, dout):
        shared = self.window_sum(dout * self.x * self.s ** (-self.beta - 1))  # (N, C, H, W)
        return dout * self.s**-self.beta - 2 * self.alpha * self.beta * self.x * shared  # (N, C, H, W)
