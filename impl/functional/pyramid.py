"""spatial_pyramid_pool2d: maxima of finer and finer grids, so that an image of any size gives as many numbers."""

from collections.abc import Sequence

import numpy as np

from .adaptive_pooling import adaptive_max_pool2d, adaptive_max_pool2d_backward
from .arrays import Array, array, upstream
from .shapes import integer


def spatial_pyramid_pool2d(input: Array, levels: Sequence[int]) -> Array:
    """Grids of n x n windows over (N, C, H, W) for each n of levels, their maxima side by side: (N, C * sum of n*n).

    A level's numbers stand in the order (C, n, n), the levels in the order given. Raises ValueError, TypeError.
    Source: He, Zhang, Ren, Sun 2014, section 2.2; the windows: its appendix A.
    """
    array("input", input, (4,))
    N, C = input.shape[:2]
    pooled = [adaptive_max_pool2d(input, n).reshape(N, C * n * n) for n in checked_levels(levels)]
    return np.concatenate(pooled, axis=1)


def spatial_pyramid_pool2d_backward(dout: Array, input: Array, levels: Sequence[int]) -> Array:
    """The gradient for input: each dout to the place of its maximum; levels add up. Raises ValueError, TypeError."""
    array("input", input, (4,))
    (N, C), sizes = input.shape[:2], checked_levels(levels)
    d = upstream(dout, (N, C * sum(n * n for n in sizes)), input.dtype)
    dx, first = np.zeros_like(input), 0
    for n in sizes:
        part = d[:, first : first + C * n * n].reshape(N, C, n, n)
        dx += adaptive_max_pool2d_backward(part, input, n)
        first += C * n * n
    return dx


def checked_levels(levels: Sequence[int]) -> list[int]:
    """The sides of the grids as ints. Raises ValueError where there is none or one is below 1, TypeError."""
    if not isinstance(levels, (tuple, list)) or not levels:
        raise ValueError(f"levels must be a tuple of at least one int; got {levels!r}")
    return [integer("levels", n, at_least=1) for n in levels]
