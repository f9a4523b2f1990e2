"""Everything that sums over axes written as one einsum."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def windows(x, height, width, stride):
    """(N, C, OH, OW, height, width), without a copy."""
    if height > x.shape[2] or width > x.shape[3]:
        raise ValueError("the window is larger than the padded input")
    return sliding_window_view(x, (height, width), axis=(2, 3))[:, :, ::stride, ::stride]


def scatter(parts, shape, stride):
    """The windows' numbers back to their places, summed."""
    OH, OW, FH, FW = parts.shape[2:]
    places_h = np.arange(OH)[:, None] * stride + np.arange(FH) == np.arange(shape[2])[:, None, None]
    places_w = np.arange(OW)[:, None] * stride + np.arange(FW) == np.arange(shape[3])[:, None, None]
    return np.einsum("ncijab,yia,xjb->ncyx", parts, places_h, places_w, optimize=True)


class Convolution:
    def __init__(self, W, b, stride=1, pad=0):
        self.W, self.b, self.stride, self.pad = W, b, stride, pad

    def forward(self, x):
        p = self.pad
        self.x = np.pad(x, [(0, 0), (0, 0), (p, p), (p, p)])
        self.windows = windows(self.x, *self.W.shape[2:], self.stride)
        return np.einsum("ncijab,fcab->nfij", self.windows, self.W) + np.einsum("f->f", self.b)[None, :, None, None]

    def backward(self, dout):
        self.dW, self.db = np.einsum("ncijab,nfij->fcab", self.windows, dout), np.einsum("nfij->f", dout)
        dx = scatter(np.einsum("nfij,fcab->ncijab", dout, self.W), self.x.shape, self.stride)
        p = self.pad
        return dx[:, :, p : self.x.shape[2] - p, p : self.x.shape[3] - p]


class AveragePooling:
    def __init__(self, pool_h, pool_w, stride=2, pad=0):
        self.size, self.stride, self.pad = (pool_h, pool_w), stride, pad

    def forward(self, x):
        p = self.pad
        padded = np.pad(x, [(0, 0), (0, 0), (p, p), (p, p)])
        self.shape = padded.shape
        return np.einsum("ncijab->ncij", windows(padded, *self.size, self.stride)) / np.prod(self.size)

    def backward(self, dout):
        parts = np.einsum("ncij,ab->ncijab", dout, np.full(self.size, 1 / np.prod(self.size)))
        dx, p = scatter(parts, self.shape, self.stride), self.pad
        return dx[:, :, p : self.shape[2] - p, p : self.shape[3] - p]


class Affine:
    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, x):
        self.shape, self.x = x.shape, np.reshape(x, (len(x), self.W.shape[0]))
        return np.einsum("nd,dm->nm", self.x, self.W) + self.b

    def backward(self, dout):
        self.dW, self.db = np.einsum("nd,nm->dm", self.x, dout), np.einsum("nm->m", dout)
        return np.einsum("nm,dm->nd", dout, self.W).reshape(self.shape)
