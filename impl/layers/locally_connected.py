"""LocallyConnected. Plain edition: impl/plain/locally_connected.py; here: speed, dtypes, refusals.

It is a convolution whose filters are not shared. Source: Taigman et al. 2014 (DeepFace), section 3.
"""

from typing import Any

import numpy as np

from impl import functional
from impl.functional.checks import as_floats, check_images, require_forward
from impl.functional.shapes import check_integer


class LocallyConnected:
    """A convolution whose place (i, j) has filters of its own, W[i, j], and biases of its own, b[:, i, j].

    x (N, C, H, W), W (OH, OW, FN, C, FH, FW), b (FN, OH, OW) -> (N, FN, OH, OW). stride, pad: pixels.
    After backward dW and db hold the gradients. Raises ValueError (shapes, sizes), TypeError.
    """

    def __init__(self, W: np.ndarray, b: np.ndarray, stride: int = 1, pad: int = 0) -> None:
        self.W, self.b = W, b
        self.stride, self.pad = check_integer("stride", stride, at_least=1), check_integer("pad", pad, at_least=0)
        self.dW: Any = None
        self.db: Any = None
        self.x: np.ndarray | None = None

    def forward(self, x: np.ndarray) -> np.ndarray:
        """x (N, C, H, W) -> (N, FN, OH, OW)."""
        x, W, b = as_floats(x=x, W=self.W, b=self.b)
        out = functional.locally_connected2d(check_images("x", x), W, b, self.stride, self.pad)
        self.x = x
        return out

    def backward(self, dout: np.ndarray) -> np.ndarray:
        """dout (N, FN, OH, OW) -> dx (N, C, H, W); sets dW and db."""
        x, W, b = as_floats(x=require_forward(self.x, self), W=self.W, b=self.b)
        dx, self.dW, self.db = functional.locally_connected2d_backward(np.asarray(dout), x, W, b, self.stride, self.pad)
        return dx
