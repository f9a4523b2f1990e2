"""The layers that only LeNet-5 has: ScaledTanh, Subsampling, PartialConvolution and RBF. They have no plain edition.

Source: LeCun et al. 1998, II.B.
"""

from typing import Any

import numpy as np

from impl import functional
from impl.functional.checks import as_floats, check_images, check_upstream, require_forward
from impl.functional.shapes import check_integer

A, S = 1.7159, 2 / 3  # the paper's appendix A: f(1) = 1 and f(-1) = -1, where the curvature is largest


class ScaledTanh:
    """1.7159 * tanh(2/3 * x), for arrays of any shape."""

    def __init__(self) -> None:
        self.x: np.ndarray | None = None

    def forward(self, x: np.ndarray) -> np.ndarray:
        """x of any shape -> its shape."""
        (x,) = as_floats(x=x)
        self.x = x
        return x.dtype.type(A) * functional.tanh(x.dtype.type(S) * x)

    def backward(self, dout: np.ndarray) -> np.ndarray:
        """dout of x's shape -> dx."""
        x = require_forward(self.x, self)
        return x.dtype.type(A * S) * functional.tanh_backward(np.asarray(dout), x.dtype.type(S) * x)


class Subsampling:
    """The sum of every size x size block of x (N, C, H, W), times W[c], plus b[c]: (N, C, H/size, W/size).

    W, b (C,): two trained numbers for each channel. Pixels that do not fill a block are left out. Raises ValueError.
    """

    def __init__(self, W: np.ndarray, b: np.ndarray, size: int = 2) -> None:
        self.W, self.b, self.size = W, b, check_integer("size", size, at_least=1)
        self.dW: Any = None
        self.db: Any = None
        self.cache: Any = None

    def forward(self, x: np.ndarray) -> np.ndarray:
        """x (N, C, H, W) -> (N, C, H/size, W/size)."""
        x, W, b = as_floats(x=x, W=self.W, b=self.b)
        total = functional.avg_pool2d(check_images("x", x), self.size, divisor_override=1)
        self.cache = x, total
        return total * W[:, None, None] + b[:, None, None]

    def backward(self, dout: np.ndarray) -> np.ndarray:
        """dout (N, C, H/size, W/size) -> dx (N, C, H, W); sets dW and db."""
        x, total = require_forward(self.cache, self)
        (W,) = as_floats(W=self.W)
        dout = check_upstream(np.asarray(dout), total.shape, x.dtype)
        self.dW, self.db = (dout * total).sum(axis=(0, 2, 3)), dout.sum(axis=(0, 2, 3))
        share = dout * W.astype(x.dtype)[:, None, None]
        return functional.avg_pool2d_backward(share, x, self.size, divisor_override=1)


class PartialConvolution:
    """A convolution whose filter f sees only the channels table[f]: LeNet-5's C3.

    x (N, C, H, W), W (connections, FH, FW), one plane for each channel of table[0], then of table[1] ..., b (FN,).
    Raises ValueError (shapes), TypeError.
    """

    def __init__(self, W: np.ndarray, b: np.ndarray, table: tuple[tuple[int, ...], ...], channels: int) -> None:
        self.W, self.b, self.channels = W, b, channels
        self.filters = np.repeat(np.arange(len(table)), [len(row) for row in table])
        self.seen_channels = np.concatenate([np.asarray(row) for row in table])
        if np.ndim(W) != 3 or len(W) != len(self.filters) or np.shape(b) != (len(table),):
            raise ValueError(
                f"W must be ({len(self.filters)}, FH, FW) and b ({len(table)},) for this table; "
                f"got shapes {np.shape(W)} and {np.shape(b)}"
            )
        self.dW: Any = None
        self.db: Any = None
        self.x: np.ndarray | None = None

    def forward(self, x: np.ndarray) -> np.ndarray:
        """x (N, C, H, W) -> (N, FN, OH, OW)."""
        x, W, b = as_floats(x=x, W=self.W, b=self.b)
        out = functional.conv2d(check_images("x", x), self._full(W), b)
        self.x = x
        return out

    def backward(self, dout: np.ndarray) -> np.ndarray:
        """dout (N, FN, OH, OW) -> dx (N, C, H, W); sets dW and db."""
        x, W, b = as_floats(x=require_forward(self.x, self), W=self.W, b=self.b)
        dx, dW, self.db = functional.conv2d_backward(np.asarray(dout), x, self._full(W), b)
        self.dW = dW[self.filters, self.seen_channels]
        return dx

    def _full(self, W: np.ndarray) -> np.ndarray:
        """The filters (FN, C, FH, FW), 0 where the table has no connection."""
        full = np.zeros((len(self.b), self.channels, *W.shape[1:]), W.dtype)
        full[self.filters, self.seen_channels] = W
        return full


class RBF:
    """-sum over j of (x_j - codes[k, j])**2 for each class k: x (N, D), codes (K, D) -> scores (N, K).

    codes are fixed, not trained. The paper's units give the distance; its negative is largest for the nearest code.
    """

    def __init__(self, codes: np.ndarray) -> None:
        self.codes = codes
        self.x: np.ndarray | None = None

    def forward(self, x: np.ndarray) -> np.ndarray:
        """x (N, D) -> scores (N, K)."""
        x, codes = as_floats(x=x, codes=self.codes)
        if x.ndim != 2 or x.shape[1] != codes.shape[1]:
            raise ValueError(f"x must be (N, {codes.shape[1]}); got shape {x.shape}")
        self.x = x
        return -((x[:, None] - codes) ** 2).sum(axis=2)  # (N, K, D) -> (N, K)

    def backward(self, dout: np.ndarray) -> np.ndarray:
        """dout (N, K) -> dx (N, D)."""
        x, codes = as_floats(x=require_forward(self.x, self), codes=self.codes)
        dout = check_upstream(np.asarray(dout), (len(x), len(codes)), x.dtype)
        return -2 * (dout[..., None] * (x[:, None] - codes)).sum(axis=1)
