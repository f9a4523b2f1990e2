"""Softmax and cross-entropy: scores to probabilities, and the loss that training makes small.

    y[n, k] = exp(x[n, k]) / sum over j of exp(x[n, j])        loss = -1/N * sum over n of log(y[n, t[n]] + 1e-7)

Together they have a simple gradient, where t is one-hot:

    dx = (y - t) / N

1e-7 keeps the logarithm finite. The gradient does without it, as in the book.
"""

import numpy as np


def softmax(x):
    """Return the probabilities (N, K) of scores (N, K). Subtracting the row's maximum prevents overflow."""
    e = np.exp(x - np.max(x, axis=1, keepdims=True))  # (N, K)
    return e / np.sum(e, axis=1, keepdims=True)  # (N, K): each row sums to 1


def cross_entropy(y, t):
    """Return the mean loss of probabilities y (N, K) for the labels t (N,)."""
    N = y.shape[0]
    return -np.sum(np.log(y[np.arange(N), t] + 1e-7)) / N  # y[np.arange(N), t]: (N,)


class SoftmaxWithLoss:
    """The softmax and the loss in one layer, for scores x (N, K) and t: labels (N,) or one-hot (N, K)."""

    def forward(self, x, t):
        """Return the loss, one number."""
        self.t = np.argmax(t, axis=1) if t.ndim == 2 else t  # (N,)
        self.y = softmax(x)  # (N, K)
        return cross_entropy(self.y, self.t)

    def backward(self, dout=1):
        """Return dx (N, K). dout is 1, as the loss is the last layer."""
        N = self.t.shape[0]
        dx = self.y.copy()  # (N, K)
        dx[np.arange(N), self.t] -= 1
        return dx / N  # (N, K)
