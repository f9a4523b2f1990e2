"""The locally connected layer: a convolution with filters and biases of its own at every place.

    out[n, f, i, j] = b[f, i, j] + sum over c, y, x of W[i, j, f, c, y, x] * img[n, c, i * stride + y, j * stride + x]

img is x with a border of `pad` zeros.
"""

import numpy as np


class LocallyConnected:
    """A locally connected layer for x (N, C, H, W), with W (OH, OW, FN, C, FH, FW) and b (FN, OH, OW)."""

    def __init__(self, W, b, stride=1, pad=0):
        self.W, self.b, self.stride, self.pad = W, b, stride, pad

    def windows(self):
        """Yield each place (i, j) with the rows and the columns of its window in img."""
        OH, OW, _, _, FH, FW = self.W.shape
        for i in range(OH):
            for j in range(OW):
                y, x = i * self.stride, j * self.stride
                yield i, j, slice(y, y + FH), slice(x, x + FW)

    def forward(self, x):
        """Return out (N, FN, OH, OW)."""
        pad_width = [(0, 0), (0, 0), (self.pad, self.pad), (self.pad, self.pad)]
        self.img = np.pad(x, pad_width)  # (N, C, H+2*pad, W+2*pad)
        out = np.zeros((len(x), self.W.shape[2], *self.W.shape[:2]))  # (N, FN, OH, OW)
        for i, j, r, c in self.windows():
            # (N, C, FH, FW) with (FN, C, FH, FW), summed over C, FH and FW: (N, FN)
            out[:, :, i, j] = np.tensordot(self.img[:, :, r, c], self.W[i, j], ((1, 2, 3), (1, 2, 3)))
        return out + self.b

    def backward(self, dout):
        """Take dout (N, FN, OH, OW), set dW and db in the shapes of W and b, and return dx (N, C, H, W)."""
        dimg, self.dW = np.zeros(self.img.shape), np.zeros(self.W.shape)
        for i, j, r, c in self.windows():
            dout_ij = dout[:, :, i, j]  # (N, FN)
            self.dW[i, j] = np.tensordot(dout_ij, self.img[:, :, r, c], (0, 0))  # summed over N: (FN, C, FH, FW)
            dimg[:, :, r, c] += np.tensordot(dout_ij, self.W[i, j], (1, 0))  # summed over FN: (N, C, FH, FW)
        self.db = dout.sum(axis=0)  # (FN, OH, OW)
        bottom, right = (size - self.pad for size in dimg.shape[2:])
        return dimg[:, :, self.pad : bottom, self.pad : right]  # (N, C, H, W): the padding is cut off
