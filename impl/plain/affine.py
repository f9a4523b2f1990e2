"""The affine (fully connected) layer: a matrix product and a bias.

    out = x @ W + b        dx = dout @ W.T        dW = x.T @ dout        db = sum of dout over the batch

An image (C, H, W) is first laid out as a row of D = C*H*W numbers, and dx gets the shape of x back.
"""

import numpy as np


class Affine:
    """An affine layer for x (N, D) or (N, C, H, W), with the weights W (D, M) and the biases b (M,)."""

    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, x):
        """Return out (N, M)."""
        self.x_shape = x.shape
        self.x = x.reshape(x.shape[0], int(np.prod(x.shape[1:])))  # (N, C, H, W) -> (N, D)
        return np.dot(self.x, self.W) + self.b  # (N, M)

    def backward(self, dout):
        """Take dout (N, M), set dW (D, M) and db (M,), and return dx in the shape of x."""
        dx = np.dot(dout, self.W.T)  # (N, D)
        self.dW = np.dot(self.x.T, dout)  # (D, M)
        self.db = np.sum(dout, axis=0)  # (M,)
        return dx.reshape(self.x_shape)  # (N, D) -> (N, C, H, W)
