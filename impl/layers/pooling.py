"""Pooling (max) and AveragePooling. Plain edition: impl/plain/pooling.py; here: speed, dtypes, refusals.

Source: the book's section 7.4.4.
"""

import numpy as np

from impl.functional.checks import as_floats, check_images, check_upstream, remember, require_forward
from impl.functional.pooling import mean_divisors, pool_max, pool_max_backward, pool_mean, pool_mean_backward
from impl.functional.shapes import Window, check_integer, check_rounding, fit_window, plane_size


class _WindowPooling:
    """The arguments that both kinds share, and the window that forward caches for backward."""

    def __init__(self, pool_h: int, pool_w: int, stride: int = 2, pad: int = 0, *, rounding: str = "exact") -> None:
        self.pool_h = check_integer("pool_h", pool_h, at_least=1)
        self.pool_w = check_integer("pool_w", pool_w, at_least=1)
        self.stride, self.pad = check_integer("stride", stride, at_least=1), check_integer("pad", pad, at_least=0)
        self.rounding = check_rounding(rounding)
        self.cache: tuple[np.ndarray, Window] | None = None

    def _cache_window(self, x: np.ndarray) -> tuple[np.ndarray, Window]:
        """Cache and return x (N, C, H, W), as floats, and the window over its planes. Raises ValueError, TypeError."""
        (x,) = as_floats(x=x)
        self.cache = x, _window(x, self.pool_h, self.pool_w, self.stride, self.pad, self.rounding)
        return self.cache

    def _cached_window(self, dout: np.ndarray) -> tuple[np.ndarray, np.ndarray, Window]:
        """Return dout, in the dtype of x, and the cached x and window. Raises ValueError, TypeError, RuntimeError."""
        x, window = require_forward(self.cache, self)
        return check_upstream(np.asarray(dout), (*x.shape[:2], *window.out), x.dtype), x, window


class Pooling(_WindowPooling):
    """The largest value of every pool_h x pool_w window of x (N, C, H, W): (N, C, OH, OW). Padding never wins.

    stride, pad: pixels. rounding, for a stride that does not divide: "exact" refuses, "floor" leaves the rest out,
    "ceil" lets a last window hang over the edge. The gradient goes to the first of equal maxima.
    Raises ValueError (shapes, sizes), TypeError (no ints, no numbers).
    """

    def forward(self, x: np.ndarray) -> np.ndarray:
        """x (N, C, H, W) -> (N, C, OH, OW)."""
        return pool_max(*self._cache_window(x))

    def backward(self, dout: np.ndarray) -> np.ndarray:
        """dout (N, C, OH, OW) -> dx (N, C, H, W)."""
        return pool_max_backward(*self._cached_window(dout))


class AveragePooling(_WindowPooling):
    """The mean of every pool_h x pool_w window of x (N, C, H, W): (N, C, OH, OW). Padded zeros count.

    Arguments and errors as Pooling's; with "ceil" pixels beyond the padding do not count.
    """

    def forward(self, x: np.ndarray) -> np.ndarray:
        """x (N, C, H, W) -> (N, C, OH, OW)."""
        x, window = self._cache_window(x)
        return pool_mean(x, window, mean_divisors(window, x.dtype))

    def backward(self, dout: np.ndarray) -> np.ndarray:
        """dout (N, C, OH, OW) -> dx (N, C, H, W)."""
        dout, x, window = self._cached_window(dout)
        return pool_mean_backward(dout, window, mean_divisors(window, x.dtype))


@remember
def _window(x: np.ndarray, pool_h: int, pool_w: int, stride: int, pad: int, rounding: str) -> Window:
    """Return the window over the planes of x. Raises ValueError for an x that it does not fit."""
    plane, kernel = plane_size(check_images("x", x)), (pool_h, pool_w)
    misfit = f"x {x.shape} does not fit a pooling window of {kernel}"
    return fit_window(misfit, plane, kernel, (stride, stride), (pad, pad), rounding=rounding)
