"""Transposed convolution: each pixel of x stamps the filters onto the output, scaled by its number.

    out[n, f, i * stride + y - pad, j * stride + x - pad] += x[n, c, i, j] * W[c, f, y, x]        then + b[f]

Overlapping stamps are summed, and `pad` rows and columns are cut off at each border. This is the backward pass of a
convolution with the same stride and pad, so that its own backward pass is that convolution's forward pass.
"""

import numpy as np


class TransposedConvolution:
    """A transposed convolution of x (N, C, H, W) with W (C, FN, FH, FW) and b (FN,)."""

    def __init__(self, W, b, stride=1, pad=0):
        self.W, self.b, self.stride, self.pad = W, b, stride, pad

    def stamps(self):
        """Yield each pixel (i, j) of x with the rows and the columns of its stamp in the output before cutting."""
        (H, W), (FH, FW) = self.x.shape[2:], self.W.shape[2:]
        for i in range(H):
            for j in range(W):
                y, x = i * self.stride, j * self.stride
                yield i, j, slice(y, y + FH), slice(x, x + FW)

    def forward(self, x):
        """Return out (N, FN, OH, OW), where OH = (H - 1) * stride + FH - 2 * pad."""
        self.x = x
        size = [(n - 1) * self.stride + f for n, f in zip(x.shape[2:], self.W.shape[2:])]  # of full, in pixels
        full = np.zeros((len(x), self.W.shape[1], *size))  # (N, FN, OH+2*pad, OW+2*pad)
        for i, j, r, c in self.stamps():
            full[:, :, r, c] += np.tensordot(x[:, :, i, j], self.W, (1, 0))  # (N, C) with W, over C: (N, FN, FH, FW)
        self.full_shape = full.shape
        out = full[:, :, self.pad : size[0] - self.pad, self.pad : size[1] - self.pad]  # (N, FN, OH, OW)
        return out + self.b[:, None, None]

    def backward(self, dout):
        """Take dout (N, FN, OH, OW), set dW (C, FN, FH, FW) and db (FN,), and return dx (N, C, H, W)."""
        full = np.zeros(self.full_shape)  # (N, FN, OH+2*pad, OW+2*pad)
        full[:, :, self.pad : self.full_shape[2] - self.pad, self.pad : self.full_shape[3] - self.pad] = dout
        dx, self.dW = np.zeros(self.x.shape), np.zeros(self.W.shape)
        for i, j, r, c in self.stamps():
            dx[:, :, i, j] = np.tensordot(full[:, :, r, c], self.W, ((1, 2, 3), (1, 2, 3)))  # (N, C)
            self.dW += np.tensordot(self.x[:, :, i, j], full[:, :, r, c], (0, 0))  # over N: (C, FN, FH, FW)
        self.db = dout.sum(axis=(0, 2, 3))  # (FN,)
        return dx
