"""Affine, the fully connected layer. Plain edition: impl/plain/affine.py; here: speed, dtypes, refusals.

Source: the book's section 5.6.
"""

import math
from typing import Any

import numpy as np

from impl import functional
from impl.functional.checks import as_floats, require_forward


class Affine:
    """x @ W + b: x (N, D), or (N, ...) with D numbers for each sample, W (D, M), b (M,) -> (N, M).

    After backward dW and db hold the gradients. Raises ValueError (shapes), TypeError.
    """

    def __init__(self, W: np.ndarray, b: np.ndarray) -> None:
        self.W, self.b = W, b
        self.dW: Any = None
        self.db: Any = None
        self.x: np.ndarray | None = None
        self._parameters(self.W)

    def forward(self, x: np.ndarray) -> np.ndarray:
        """x (N, D) or (N, ...) -> (N, M)."""
        x, W, b = self._parameters(x)
        if x.ndim < 2 or math.prod(x.shape[1:]) != len(W):
            raise ValueError(
                f"x must be (N, ...) with {len(W)} numbers per sample, for W {W.shape}; got shape {x.shape}"
            )
        self.x = x
        return functional.linear(self._rows(x), W.T, b)

    def backward(self, dout: np.ndarray) -> np.ndarray:
        """dout (N, M) -> dx of x's shape; sets dW and db."""
        x, W, b = self._parameters(require_forward(self.x, self))
        dx, dW, self.db = functional.linear_backward(np.asarray(dout), self._rows(x), W.T, b)
        self.dW = dW.T
        return dx.reshape(x.shape)  # (N, D) -> (N, ...)

    def _rows(self, x: np.ndarray) -> np.ndarray:
        return x.reshape(len(x), math.prod(x.shape[1:]))  # (N, ...) -> (N, D); reshape cannot compute -1 for N = 0

    def _parameters(self, x: np.ndarray) -> list[np.ndarray]:
        arrays = as_floats(x=x, W=self.W, b=self.b)
        W, b = arrays[1:]
        if W.ndim != 2 or b.shape != W.shape[1:]:
            raise ValueError(f"W must be (D, M) and b (M,); got shapes {W.shape} and {b.shape}")
        return arrays
