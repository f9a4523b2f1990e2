"""Adaptive average and maximum pooling and the spatial pyramid, with their gradients: a fixed number of windows.

Window i of OH along H pixels goes from floor(i*H/OH) to ceil((i+1)*H/OH), so the windows are spread evenly over any
image and may overlap.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from .checks import Array, check_array, check_upstream
from .shapes import Pair, check_integer, check_pair, plane_size

OptionalPair = int | tuple[int | None, int | None] | list[int | None]

# --- means -----------------------------------------------------------------------------------------------------------


def adaptive_avg_pool2d(input: Array, output_size: OptionalPair) -> Array:
    """The means of output_size (OH, OW) windows spread evenly over input (N, C, H, W) or (C, H, W).

    output_size: pixels, an int or a pair; a None in it keeps that axis. Raises ValueError and TypeError for what torch
    refuses. Source: torch.nn.functional.adaptive_avg_pool2d.
    """
    OH, OW = _output_size(input, output_size)
    total = _window_sums(_window_sums(input, OH, axis=-2), OW, axis=-1)
    total /= _pixel_counts(input, OH, OW)
    return total


def adaptive_avg_pool2d_backward(dout: Array, input: Array, output_size: OptionalPair) -> Array:
    """adaptive_avg_pool2d's gradient for input: each dout, divided by its window's size, to every pixel of it."""
    OH, OW = _output_size(input, output_size)
    H, W = plane_size(input)
    d = check_upstream(dout, (*input.shape[:-2], OH, OW), input.dtype) / _pixel_counts(input, OH, OW)
    # pixel h lies in the windows floor(h*OH/H) to ceil((h+1)*OH/H): the same sums with the sizes exchanged
    return _window_sums(_window_sums(d, H, axis=-2), W, axis=-1)


def _window_sums(x: Array, out: int, axis: int) -> Array:
    """The sums of x over out windows along one axis."""
    x = np.moveaxis(x, axis, -1)
    start, stop = _bounds(x.shape[-1], out)
    total = np.zeros((*x.shape[:-1], out), x.dtype)
    for tap in range(int((stop - start).max(initial=0))):
        (reached,) = np.nonzero(start + tap < stop)
        total[..., reached] += x[..., start[reached] + tap]
    return np.moveaxis(total, -1, axis)


def _pixel_counts(input: Array, OH: int, OW: int) -> Array:
    """The number of pixels of every window, (OH, OW)."""
    heights, widths = (np.subtract(*_bounds(n, out)[::-1]) for n, out in zip(plane_size(input), (OH, OW)))
    return np.multiply.outer(heights, widths).astype(input.dtype)


# --- maxima ----------------------------------------------------------------------------------------------------------


def adaptive_max_pool2d(input: Array, output_size: OptionalPair) -> Array:
    """The largest values of the windows of adaptive_avg_pool2d, whose arguments and errors it shares.

    Source: torch.nn.functional.adaptive_max_pool2d; He et al. 2014 (SPP-net), appendix A.
    """
    OH, OW = _output_size(input, output_size)
    out = np.empty((*input.shape[:-2], OH, OW), input.dtype)
    for i, j, pixels in _windows(input, OH, OW):
        out[..., i, j] = input[pixels].max(axis=(-2, -1))
    return out


def adaptive_max_pool2d_backward(dout: Array, input: Array, output_size: OptionalPair) -> Array:
    """adaptive_max_pool2d's gradient for input: each dout to the pixel of its maximum (the first of equals)."""
    OH, OW = _output_size(input, output_size)
    d = check_upstream(dout, (*input.shape[:-2], OH, OW), input.dtype)
    dx = np.zeros_like(input)
    for i, j, pixels in _windows(input, OH, OW):
        part = input[pixels]
        rows = part.reshape(*part.shape[:-2], part.shape[-2] * part.shape[-1])  # (..., FH*FW)
        best = np.arange(rows.shape[-1]) == rows.argmax(axis=-1)[..., None]
        dx[pixels] += (best * d[..., i, j, None]).reshape(part.shape)
    return dx


def _windows(input: Array, OH: int, OW: int) -> Iterator[tuple[int, int, tuple]]:
    """Yield each window's place (i, j) and the slices of its pixels."""
    rows, columns = ([*zip(*_bounds(n, out))] for n, out in zip(plane_size(input), (OH, OW)))
    for i, (top, bottom) in enumerate(rows):
        for j, (left, right) in enumerate(columns):
            yield i, j, (..., slice(top, bottom), slice(left, right))


# --- the spatial pyramid ---------------------------------------------------------------------------------------------


def spatial_pyramid_pool2d(input: Array, levels: Sequence[int]) -> Array:
    """The maxima of n x n windows over (N, C, H, W) for each n of levels, one after the other: (N, C * sum of n*n).

    A level's numbers have the order (C, n, n); the levels have the order given. Raises ValueError, TypeError.
    Source: He, Zhang, Ren, Sun 2014, section 2.2; the windows: its appendix A.
    """
    check_array("input", input, (4,))
    N, C = input.shape[:2]
    pooled = [adaptive_max_pool2d(input, n).reshape(N, C * n * n) for n in check_levels(levels)]
    return np.concatenate(pooled, axis=1)


def spatial_pyramid_pool2d_backward(dout: Array, input: Array, levels: Sequence[int]) -> Array:
    """The gradient for input: each dout to the pixel of its maximum; levels add up. Raises ValueError, TypeError."""
    check_array("input", input, (4,))
    (N, C), sizes = input.shape[:2], check_levels(levels)
    d = check_upstream(dout, (N, C * sum(n * n for n in sizes)), input.dtype)
    dx, first = np.zeros_like(input), 0
    for n in sizes:
        part = d[:, first : first + C * n * n].reshape(N, C, n, n)
        dx += adaptive_max_pool2d_backward(part, input, n)
        first += C * n * n
    return dx


def check_levels(levels: Sequence[int]) -> list[int]:
    """Return the sides of the grids as ints. Raises ValueError (none, or one below 1), TypeError."""
    if not isinstance(levels, (tuple, list)) or not levels:
        raise ValueError(f"levels must be a tuple of at least one int; got {levels!r}")
    return [check_integer("levels", n, at_least=1) for n in levels]


# --- all three -------------------------------------------------------------------------------------------------------


def _output_size(input: Array, output_size: OptionalPair) -> Pair:
    check_array("input", input, (3, 4))
    if input.dtype.kind != "f":
        raise TypeError(f"input must hold floating-point numbers; got dtype {input.dtype}")
    H, W = plane_size(input)
    if 0 in (H, W):
        raise ValueError(f"input must have at least one row and column; got shape {input.shape}")
    if isinstance(output_size, (tuple, list)) and len(output_size) == 2:
        height, width = output_size
        output_size = (H if height is None else height, W if width is None else width)
    return check_pair("output_size", output_size, at_least=0, single=False)


def _bounds(size: int, out: int) -> tuple[Array, Array]:
    """The first pixel of each of out windows over size pixels, and the pixel after its last."""
    place = np.arange(out)
    return place * size // out, -(-(place + 1) * size // out)
