"""TransposedConvolution. Plain edition: impl/plain/transposed_convolution.py; here: speed, dtypes, refusals.

Also called deconvolution: its forward does to x what a convolution's backward does to dout.
"""

from typing import Any

import numpy as np

from impl import functional
from impl.functional.checks import as_floats, check_images, require_forward
from impl.functional.shapes import check_integer


class TransposedConvolution:
    """Every pixel of x (N, C, H, W) adds its filters W (C, FN, FH, FW), times itself, to the output around its place.

    -> (N, FN, OH, OW) plus b (FN,), OH = (H - 1) * stride - 2 * pad + FH. It is the dx of the convolution with these
    W, stride and pad. After backward dW and db hold the gradients. Raises ValueError (shapes, sizes), TypeError.
    Source: Zeiler et al. 2010; Dumoulin, Visin 2016, section 4.
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
        out = functional.conv_transpose2d(check_images("x", x), W, b, self.stride, self.pad)
        self.x = x
        return out

    def backward(self, dout: np.ndarray) -> np.ndarray:
        """dout (N, FN, OH, OW) -> dx (N, C, H, W); sets dW and db."""
        x, W, b = as_floats(x=require_forward(self.x, self), W=self.W, b=self.b)
        dx, self.dW, self.db = functional.conv_transpose2d_backward(np.asarray(dout), x, W, b, self.stride, self.pad)
        return dx
