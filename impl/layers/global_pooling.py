"""Global pooling. Plain edition: impl/plain/global_pooling.py; here: speed, dtypes, refusals.

AdaptiveAveragePooling, which makes a few numbers of each plane in place of one, has no plain edition.
"""

import numpy as np

from impl import functional
from impl.functional.checks import as_floats, check_images, require_forward
from impl.functional.shapes import check_integer


class GlobalAveragePooling:
    """The mean of every channel of x (N, C, H, W): (N, C). Source: Lin, Chen, Yan 2013 (NIN), section 3.2."""

    def __init__(self) -> None:
        self.x: np.ndarray | None = None

    def forward(self, x: np.ndarray) -> np.ndarray:
        """x (N, C, H, W) -> (N, C)."""
        (x,) = as_floats(x=x)
        self.x = check_images("x", x)
        return functional.adaptive_avg_pool2d(x, 1).reshape(x.shape[:2])  # (N, C, 1, 1) -> (N, C)

    def backward(self, dout: np.ndarray) -> np.ndarray:
        """dout (N, C) -> dx (N, C, H, W)."""
        x = require_forward(self.x, self)
        return functional.adaptive_avg_pool2d_backward(_planes(dout), x, 1)


class GlobalMaxPooling:
    """The largest value of every channel of x (N, C, H, W): (N, C). The gradient goes to the first of equal maxima."""

    def __init__(self) -> None:
        self.x: np.ndarray | None = None

    def forward(self, x: np.ndarray) -> np.ndarray:
        """x (N, C, H, W) -> (N, C)."""
        (x,) = as_floats(x=x)
        self.x = check_images("x", x)
        return functional.adaptive_max_pool2d(x, 1).reshape(x.shape[:2])  # (N, C, 1, 1) -> (N, C)

    def backward(self, dout: np.ndarray) -> np.ndarray:
        """dout (N, C) -> dx (N, C, H, W)."""
        return functional.adaptive_max_pool2d_backward(_planes(dout), require_forward(self.x, self), 1)


class AdaptiveAveragePooling:
    """The means of size x size windows spread evenly over x (N, C, H, W): (N, C, size, size) for any H and W.

    Raises ValueError, TypeError. Source: torch.nn.AdaptiveAvgPool2d.
    """

    def __init__(self, size: int) -> None:
        self.size = check_integer("size", size, at_least=1)
        self.x: np.ndarray | None = None

    def forward(self, x: np.ndarray) -> np.ndarray:
        """x (N, C, H, W) -> (N, C, size, size)."""
        (x,) = as_floats(x=x)
        self.x = check_images("x", x)
        return functional.adaptive_avg_pool2d(x, self.size)

    def backward(self, dout: np.ndarray) -> np.ndarray:
        """dout (N, C, size, size) -> dx (N, C, H, W)."""
        return functional.adaptive_avg_pool2d_backward(np.asarray(dout), require_forward(self.x, self), self.size)


def _planes(dout: np.ndarray) -> np.ndarray:
    return np.asarray(dout)[..., None, None]  # (N, C) -> (N, C, 1, 1)
