"""Pointwise convolution: a convolution with filters of 1x1, which is an affine layer at each pixel.

    out[n, f, h, w] = b[f] + sum over c of W[f, c, 0, 0] * x[n, c, h, w]

In einsum's letters, n is the image, c the channel, f the filter, and h and w the pixel. A letter that is missing to
the right of the arrow is summed over.
"""

import numpy as np


class PointwiseConvolution:
    """A 1x1 convolution of x (N, C, H, W) with W (FN, C, 1, 1) and b (FN,)."""

    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, x):
        self.x = x
        return np.einsum("fc,nchw->nfhw", self.W[:, :, 0, 0], x) + self.b[:, None, None]  # (N, FN, H, W)

    def backward(self, dout):
        self.dW = np.einsum("nfhw,nchw->fc", dout, self.x)[:, :, None, None]  # (FN, C) -> (FN, C, 1, 1)
        self.db = np.einsum("nfhw->f", dout)  # (FN,)
        return np.einsum("fc,nfhw->nchw", self.W[:, :, 0, 0], dout)  # (N, C, H, W)
