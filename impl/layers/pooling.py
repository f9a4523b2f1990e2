"""Pooling (max) and AveragePooling. Plain edition: impl/plain/pooling.py; here: speed, dtypes, refusals.

Source: the book's section 7.4.4.
"""

import numpy as np

from impl.functional.checks import upstream
from impl.functional.pooling import Windows, divisors, maxima, maxima_backward, means, means_backward
from impl.functional.shapes import conv_output_size, integer

from ..functional.checks import floats, images, seen
from ..functional.shapes import one_of_roundings


class Pooling:
    """The largest value of every pool_h x pool_w window of x (N, C, H, W): (N, C, OH, OW). Padding never wins.

    stride, pad: pixels. rounding: what happens where the stride does not divide, "exact" refuses, "floor" leaves the
    rest out, "ceil" lets a last window hang over the edge. The gradient goes to the first of equal maxima.
    Raises ValueError (shapes, sizes), TypeError (no ints, no numbers).
    """

    def __init__(self, pool_h: int, pool_w: int, stride: int = 2, pad: int = 0, *, rounding: str = "exact") -> None:
        self.pool_h, self.pool_w = integer("pool_h", pool_h, at_least=1), integer("pool_w", pool_w, at_least=1)
        self.stride, self.pad = integer("stride", stride, at_least=1), integer("pad", pad, at_least=0)
        self.rounding = one_of_roundings(rounding)
        self.kept: tuple[np.ndarray, Windows] | None = None

    def forward(self, x: np.ndarray) -> np.ndarray:
        (x,) = floats(x=x)
        self.kept = x, _windows(self, x)
        return maxima(*self.kept)

    def backward(self, dout: np.ndarray) -> np.ndarray:
        x, where = seen(self.kept, self)
        return maxima_backward(upstream(np.asarray(dout), (*x.shape[:2], *where.out), x.dtype), x, where)


class AveragePooling:
    """The mean of every pool_h x pool_w window of x (N, C, H, W): (N, C, OH, OW). Padded zeros count.

    Arguments and errors as Pooling's; with "ceil" what hangs over the padding does not count.
    """

    def __init__(self, pool_h: int, pool_w: int, stride: int = 2, pad: int = 0, *, rounding: str = "exact") -> None:
        self.pool_h, self.pool_w = integer("pool_h", pool_h, at_least=1), integer("pool_w", pool_w, at_least=1)
        self.stride, self.pad = integer("stride", stride, at_least=1), integer("pad", pad, at_least=0)
        self.rounding = one_of_roundings(rounding)
        self.kept: tuple[np.ndarray, Windows] | None = None

    def forward(self, x: np.ndarray) -> np.ndarray:
        (x,) = floats(x=x)
        self.kept = x, _windows(self, x)
        return means(*self.kept, divisors(self.kept[1], x.dtype))

    def backward(self, dout: np.ndarray) -> np.ndarray:
        x, where = seen(self.kept, self)
        dout = upstream(np.asarray(dout), (*x.shape[:2], *where.out), x.dtype)
        return means_backward(dout, where, divisors(where, x.dtype))


def _windows(layer: Pooling | AveragePooling, x: np.ndarray) -> Windows:
    H, W = images("x", x).shape[2:]
    kernel, stride, pad = (layer.pool_h, layer.pool_w), layer.stride, layer.pad
    try:
        OH, OW = (conv_output_size(n, k, stride, pad, rounding=layer.rounding) for n, k in zip((H, W), kernel))
    except ValueError as error:
        raise ValueError(f"x {x.shape} does not fit a pooling window of {kernel}: {error}") from None
    return Windows((H, W), kernel, (stride, stride), (pad, pad), (1, 1), (OH, OW))
