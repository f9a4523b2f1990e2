"""The ways of computing one convolution. Each is a module of three functions over (N, C, H, W) arrays:

output(x, weight, bias, geometry) -> (N, FN, OH, OW)
input_gradient(dout, weight, shape, geometry) -> dx of the given shape
weight_gradient(x, dout, geometry) -> dW (FN, C/groups, FH, FW), db (FN,)

and, where it cannot do all, can(geometry, size) for images of that size. They differ in time only: beside the results
they need a few MB whatever the batch or the image, and they keep nothing between calls.
"""

from types import ModuleType

import numpy as np

from ..checks import Array
from ..shapes import Geometry
from . import banded, batched_im2col, im2col, pointwise, winograd

__all__ = ["Geometry", "choose"]

SPREADING = (banded, winograd)  # multiply by zeros or add what cancels: an inf or nan would reach its neighbours


def choose(geo: Geometry, shape: tuple[int, ...], filters: int, *factors: Array) -> ModuleType:
    """The way for images of this shape (N, C, H, W) and so many filters; factors: the arrays that get multiplied."""
    way = quickest(geo, shape, filters, factors[0].dtype)
    return im2col if way in SPREADING and not all(map(_is_tame, factors)) else way


def quickest(geo: Geometry, shape: tuple[int, ...], filters: int, dtype: np.dtype[np.generic]) -> ModuleType:
    """Thresholds measured beside the other ways, reference_tests/benchmarks/README.md."""
    (N, C), size, (OH, OW) = shape[:2], (shape[2], shape[3]), geo.out
    if pointwise.can(geo, size):
        return pointwise
    if OH * OW <= batched_im2col.PLACES:
        return batched_im2col
    narrow = 2 * geo.kernel[1] >= OW and banded.matrix_bytes(geo, C, filters, dtype) <= 1 << 19
    if banded.can(geo, size) and narrow and dtype == np.float32 and 1 < C <= 16 and N * OH >= 64:
        return banded
    fits = winograd.tile_bytes(geo, C, filters, dtype) <= winograd.BUDGET
    if winograd.can(geo, size) and fits and dtype.kind == "f" and geo.kernel[0] >= 3 and min(C, filters) >= 16:
        return winograd
    return im2col


def _is_tame(a: Array) -> bool:
    """Finite, and so far from overflow that no sum on a roundabout way can. One pass at the speed of memory."""
    return bool(np.vdot(a, a) < 1e-8 * np.finfo(a.dtype).max)
