"""Layers as dataclasses whose gradients and caches are fields of the constructor too."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


@dataclass
class Conv:
    W: np.ndarray
    b: np.ndarray
    stride: int = 1
    pad: int = 0
    dW: np.ndarray | None = field(default=None, repr=False)
    db: np.ndarray | None = field(default=None, repr=False)
    _cache: Any = field(default=None, repr=False)

    def forward(self, x: np.ndarray) -> np.ndarray:
        p, s = self.pad, self.stride
        padded = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
        windows = sliding_window_view(padded, self.W.shape[2:], axis=(2, 3))[:, :, ::s, ::s]
        self._cache = padded.shape, windows
        return np.einsum("nchwij,fcij->nfhw", windows, self.W) + self.b[:, None, None]

    def backward(self, dout: np.ndarray) -> np.ndarray:
        shape, windows = self._cache
        p, s = self.pad, self.stride
        self.dW = np.einsum("nchwij,nfhw->fcij", windows, dout)
        self.db = dout.sum(axis=(0, 2, 3))
        dpadded = np.zeros(shape)
        oh, ow = dout.shape[2:]
        for i in range(self.W.shape[2]):
            for j in range(self.W.shape[3]):
                part = np.einsum("nfhw,fc->nchw", dout, self.W[:, :, i, j])
                dpadded[:, :, i : i + s * oh : s, j : j + s * ow : s] += part
        return dpadded[:, :, p : shape[2] - p, p : shape[3] - p]


@dataclass
class Linear:
    W: np.ndarray
    b: np.ndarray
    dW: np.ndarray | None = None
    db: np.ndarray | None = None
    _x: np.ndarray | None = None

    def forward(self, x: np.ndarray) -> np.ndarray:
        self._x = x
        return x @ self.W + self.b

    def backward(self, dout: np.ndarray) -> np.ndarray:
        self.dW = self._x.T @ dout
        self.db = dout.sum(axis=0)
        return dout @ self.W.T
