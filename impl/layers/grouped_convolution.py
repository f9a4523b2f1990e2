"""GroupedConvolution. Plain edition: impl/plain/grouped_convolution.py; here: speed, dtypes, refusals.

Its two ends are DepthwiseConvolution, with as many groups as channels, and PointwiseConvolution, with filters of 1x1
(plain edition: impl/plain/pointwise_convolution.py).
"""

from typing import Any

import numpy as np

from impl import functional
from impl.functional.checks import as_floats, check_images, require_forward
from impl.functional.shapes import check_integer


class GroupedConvolution:
    """A convolution in `groups` parts, each of FN/groups filters that see C/groups channels.

    x (N, C, H, W), W (FN, C/groups, FH, FW), b (FN,) -> (N, FN, OH, OW); a size that does not divide is rounded down.
    stride, pad: pixels. After backward dW and db hold the gradients. Raises ValueError (shapes, sizes), TypeError.
    Source: Krizhevsky, Sutskever, Hinton 2012, section 3.5.
    """

    def __init__(self, W: np.ndarray, b: np.ndarray, stride: int = 1, pad: int = 0, groups: int = 1) -> None:
        self.W, self.b = W, b
        self.stride, self.pad = check_integer("stride", stride, at_least=1), check_integer("pad", pad, at_least=0)
        self.groups = check_integer("groups", groups, at_least=1)
        self.dW: Any = None
        self.db: Any = None
        self.x: np.ndarray | None = None

    def forward(self, x: np.ndarray) -> np.ndarray:
        """x (N, C, H, W) -> (N, FN, OH, OW)."""
        x, W, b = as_floats(x=x, W=self.W, b=self.b)
        out = functional.conv2d(check_images("x", x), W, b, self.stride, self.pad, groups=self.groups)
        self.x = x
        return out

    def backward(self, dout: np.ndarray) -> np.ndarray:
        """dout (N, FN, OH, OW) -> dx (N, C, H, W); sets dW and db."""
        x, W, b = as_floats(x=require_forward(self.x, self), W=self.W, b=self.b)
        dx, self.dW, self.db = functional.conv2d_backward(
            np.asarray(dout), x, W, b, self.stride, self.pad, groups=self.groups
        )
        return dx


class DepthwiseConvolution(GroupedConvolution):
    """Every channel has filters of its own: W (C*M, 1, FH, FW), M for each channel. Source: Howard et al. 2017."""

    def __init__(self, W: np.ndarray, b: np.ndarray, stride: int = 1, pad: int = 0) -> None:
        super().__init__(W, b, stride, pad)

    def forward(self, x: np.ndarray) -> np.ndarray:
        """x (N, C, H, W) -> (N, C*M, OH, OW)."""
        self.groups = check_images("x", np.asarray(x)).shape[1]
        return super().forward(x)


class PointwiseConvolution(GroupedConvolution):
    """1x1 filters: an Affine over the channels at every pixel; W (FN, C, 1, 1). Source: Lin, Chen, Yan 2013."""

    def __init__(self, W: np.ndarray, b: np.ndarray) -> None:
        if np.ndim(W) != 4 or np.shape(W)[2:] != (1, 1):
            raise ValueError(f"W must be (FN, C, 1, 1); got shape {np.shape(W)}")
        super().__init__(W, b)
