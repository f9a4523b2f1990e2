from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.lib.stride_tricks import as_strided


def unroll(x: np.ndarray, fh: int, fw: int, stride: int) -> np.ndarray:
    """(N, C, H, W) -> view (N, OH, OW, C, fh, fw)"""
    n, c, h, w = x.shape
    sn, sc, sh, sw = x.strides
    shape = (n, (h - fh) // stride + 1, (w - fw) // stride + 1, c, fh, fw)
    return as_strided(x, shape, (sn, sh * stride, sw * stride, sc, sh, sw), writeable=False)


@dataclass
class Conv:
    """Convolution. W (F, C, fh, fw), b (F,)."""

    W: np.ndarray
    b: np.ndarray
    stride: int = 1
    pad: int = 0
    dW: np.ndarray | None = field(default=None, init=False, repr=False)
    db: np.ndarray | None = field(default=None, init=False, repr=False)

    def forward(self, x: np.ndarray) -> np.ndarray:
        p = self.pad
        self.padded = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
        self.view = unroll(self.padded, *self.W.shape[2:], self.stride)
        return np.einsum("nhwckl,fckl->nfhw", self.view, self.W[:, :, ::-1]) + self.b[None, :, None, None]

    def backward(self, dout: np.ndarray) -> np.ndarray:
        fh, fw = self.W.shape[2:]
        self.dW = np.einsum("nfhw,nhwckl->fckl", dout, self.view)
        self.db = np.einsum("nfhw->f", dout)
        dpadded = np.zeros_like(self.padded)
        _, _, oh, ow = dout.shape
        for k in range(fh):
            for m in range(fw):
                dpadded[:, :, k:k + oh * self.stride:self.stride, m:m + ow * self.stride:self.stride] += np.einsum(
                    "nfhw,fc->nchw", dout, self.W[:, :, k, m])
        p = self.pad
        h, w = dpadded.shape[2:]
        return dpadded[:, :, p:h - p, p:w - p]


@dataclass
class MaxPool:
    size: int = 2
    stride: int = 2

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.shape = x.shape
        v = unroll(np.ascontiguousarray(x), self.size, self.size, self.stride)
        flat = v.reshape(*v.shape[:4], -1)
        self.where = flat.argmax(axis=-1)
        return flat.max(axis=-1).transpose(0, 3, 1, 2)

    def backward(self, dout: np.ndarray) -> np.ndarray:
        dx = np.zeros(self.shape)
        n, i, j, c = np.indices(self.where.shape)
        row, col = np.divmod(self.where, self.size)
        np.add.at(dx, (n, c, i * self.stride + row, j * self.stride + col), dout.transpose(0, 2, 3, 1))
        return dx


@dataclass
class Relu:
    def forward(self, x: np.ndarray) -> np.ndarray:
        self.positive = x > 0
        return x * self.positive

    def backward(self, dout: np.ndarray) -> np.ndarray:
        return dout * self.positive


@dataclass
class Dense:
    W: np.ndarray
    b: np.ndarray

    def forward(self, x: np.ndarray) -> np.ndarray:
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout: np.ndarray) -> np.ndarray:
        self.dW = self.x.T @ dout
        self.db = dout.sum(axis=0)
        return dout @ self.W.T
