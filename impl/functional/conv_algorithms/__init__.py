"""Algorithms that compute one convolution, and the choice among them. Each is a module of four functions:

supports(window, C, dtype) -> whether it can compute this convolution
output(x, weight, bias, window) -> (N, FN, OH, OW)
input_gradient(dout, weight, window) -> dx (N, C, H, W)
weight_gradient(x, dout, window) -> dW (FN, C/groups, FH, FW), db (FN,)

x is (N, C, H, W), weight (FN, C/groups, FH, FW), bias (FN,) or None, dout (N, FN, OH, OW). The algorithms differ in
time only: beside the results they need a few MB for any batch or image, and they keep nothing between calls.
"""

from types import ModuleType

import numpy as np

from ..checks import Array
from ..shapes import Window
from ..threads import run_blocks
from . import banded, batched_im2col, im2col, pointwise, taps, winograd

ALGORITHMS = (im2col, batched_im2col, pointwise, banded, winograd, taps)
SPREADING = (banded, winograd)  # multiply by zeros or add numbers that cancel: an inf or nan would reach its neighbours
SPREADING_BACK = (banded, winograd, taps)  # the same of their gradients
CHECKED = 1 << 18  # numbers that are checked at a time


def select(window: Window, N: int, C: int, FN: int, *factors: Array, forward: bool = False) -> ModuleType:
    """Return the algorithm for N images of C channels and FN filters.

    factors: the arrays that get multiplied. forward: whether only the output will be computed.
    """
    algorithm = _fastest(window, N, C, FN, factors[0].dtype)
    if algorithm is banded and forward:
        return im2col  # banded gains on the way back
    spreads = algorithm in (SPREADING if forward else SPREADING_BACK)
    return im2col if spreads and not all(map(is_safely_finite, factors)) else algorithm


def is_safely_finite(a: Array) -> bool:
    """True if all values are finite and small enough that no intermediate sum overflows."""
    parts = np.split(a.reshape(-1), range(CHECKED, a.size, CHECKED))
    small = np.empty(len(parts), bool)

    def work(number: int) -> None:  # one pass at the speed of memory
        small[number] = np.vdot(parts[number], parts[number]) < 1e-8 * np.finfo(a.dtype).max

    run_blocks(work, [(number,) for number in range(len(parts))])
    return bool(small.all())


def _fastest(window: Window, N: int, C: int, FN: int, dtype: np.dtype[np.generic]) -> ModuleType:
    """Return the fastest algorithm that supports this; thresholds measured, reference_tests/benchmarks/README.md."""
    OH, OW = window.out
    if pointwise.supports(window, C, dtype):
        return pointwise
    if window.groups == C and FN <= taps.MOST_FILTERS * C and taps.supports(window, C, dtype):
        return taps
    if OH * OW <= batched_im2col.PLACES:
        return batched_im2col
    narrow = 2 * window.kernel[1] >= OW and banded.matrix_bytes(window, C, FN, dtype) <= 1 << 19
    if banded.supports(window, C, dtype) and narrow and dtype == np.float32 and 1 < C <= 16 and N * OH >= 64:
        return banded
    fits = winograd.tile_bytes(window, C, FN, dtype) <= winograd.BUDGET
    if winograd.supports(window, C, dtype) and fits and window.kernel[0] >= 3 and min(C, FN) >= 16:
        return winograd
    return im2col
