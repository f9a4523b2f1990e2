"""SpatialPyramidPooling. Plain edition: impl/plain/spatial_pyramid_pooling.py; here: speed, dtypes, refusals.

Source: He, Zhang, Ren, Sun 2014, section 2.2.
"""

import numpy as np

from impl import functional
from impl.functional.adaptive_pooling import check_levels
from impl.functional.checks import as_floats, check_images, require_forward


class SpatialPyramidPooling:
    """The maxima of n x n windows spread evenly over x (N, C, H, W), for each n of levels: (N, C * sum of n*n).

    Their number does not depend on H and W, so a fully connected layer can follow. A level's numbers have the order
    (C, n, n); the levels have the order given. Raises ValueError, TypeError.
    """

    def __init__(self, levels: tuple[int, ...] = (4, 2, 1)) -> None:
        self.levels = check_levels(levels)
        self.x: np.ndarray | None = None

    def forward(self, x: np.ndarray) -> np.ndarray:
        """x (N, C, H, W) -> (N, C * sum of n*n)."""
        (x,) = as_floats(x=x)
        self.x = check_images("x", x)
        return functional.spatial_pyramid_pool2d(x, self.levels)

    def backward(self, dout: np.ndarray) -> np.ndarray:
        """dout (N, C * sum of n*n) -> dx (N, C, H, W)."""
        return functional.spatial_pyramid_pool2d_backward(np.asarray(dout), require_forward(self.x, self), self.levels)
