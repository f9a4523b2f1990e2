"""SpatialPyramidPooling. Plain edition: impl/plain/spatial_pyramid_pooling.py; here: speed, dtypes, refusals.

Source: He, Zhang, Ren, Sun 2014, section 2.2.
"""

import numpy as np

from impl import functional
from impl.functional.adaptive_pooling import checked_levels

from ..functional.checks import floats, images, seen


class SpatialPyramidPooling:
    """The maxima of n x n windows spread evenly over x (N, C, H, W), for each n of levels: (N, C * sum of n*n).

    As many numbers whatever H and W, so a fully connected layer can follow. A level's numbers stand in the order
    (C, n, n), the levels in the order given. Raises ValueError, TypeError.
    """

    def __init__(self, levels: tuple[int, ...] = (4, 2, 1)) -> None:
        self.levels = checked_levels(levels)
        self.x: np.ndarray | None = None

    def forward(self, x: np.ndarray) -> np.ndarray:
        (x,) = floats(x=x)
        self.x = images("x", x)
        return functional.spatial_pyramid_pool2d(x, self.levels)

    def backward(self, dout: np.ndarray) -> np.ndarray:
        return functional.spatial_pyramid_pool2d_backward(np.asarray(dout), seen(self.x, self), self.levels)
