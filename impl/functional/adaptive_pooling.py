"""adaptive_avg_pool2d and adaptive_max_pool2d with their gradients: so many windows, spread evenly."""

from collections.abc import Iterator, Sequence

import numpy as np

from .checks import Array, array, upstream
from .shapes import Pair, integer, pair

OptionalPair = int | tuple[int | None, int | None] | list[int | None]


def adaptive_avg_pool2d(input: Array, output_size: OptionalPair) -> Array:
    """The means of output_size (OH, OW) windows spread evenly over input (N, C, H, W) or (C, H, W).

    Window i of an axis goes from floor(i*H/OH) to ceil((i+1)*H/OH). output_size: pixels, an int or a pair; None in it
    keeps that axis. Raises ValueError and TypeError for what torch refuses.
    Source: torch.nn.functional.adaptive_avg_pool2d.
    """
    OH, OW = _adaptive_size(input, output_size)
    total = _window_sums(_window_sums(input, OH, axis=-2), OW, axis=-1)
    total /= _adaptive_counts(input, OH, OW)
    return total


def adaptive_avg_pool2d_backward(dout: Array, input: Array, output_size: OptionalPair) -> Array:
    """adaptive_avg_pool2d's gradient for input: each dout, divided by its window's size, to every pixel of it."""
    OH, OW = _adaptive_size(input, output_size)
    H, W = input.shape[-2:]
    d = upstream(dout, (*input.shape[:-2], OH, OW), input.dtype) / _adaptive_counts(input, OH, OW)
    # pixel h lies in the windows floor(h*OH/H) to ceil((h+1)*OH/H): the same sums with the sizes exchanged
    return _window_sums(_window_sums(d, H, axis=-2), W, axis=-1)


def adaptive_max_pool2d(input: Array, output_size: OptionalPair) -> Array:
    """The largest values of the windows of adaptive_avg_pool2d; arguments and refusals are its too.

    Source: torch.nn.functional.adaptive_max_pool2d; He et al. 2014 (SPP-net), appendix A.
    """
    OH, OW = _adaptive_size(input, output_size)
    out = np.empty((*input.shape[:-2], OH, OW), input.dtype)
    for i, j, window in _adaptive_windows(input, OH, OW):
        out[..., i, j] = input[window].max(axis=(-2, -1))
    return out


def adaptive_max_pool2d_backward(dout: Array, input: Array, output_size: OptionalPair) -> Array:
    """adaptive_max_pool2d's gradient for input: each dout to the place of its maximum (the first of equals)."""
    OH, OW = _adaptive_size(input, output_size)
    d = upstream(dout, (*input.shape[:-2], OH, OW), input.dtype)
    dx = np.zeros_like(input)
    for i, j, window in _adaptive_windows(input, OH, OW):
        part = input[window]
        rows = part.reshape(*part.shape[:-2], part.shape[-2] * part.shape[-1])  # (..., FH*FW)
        best = np.arange(rows.shape[-1]) == rows.argmax(axis=-1)[..., None]
        dx[window] += (best * d[..., i, j, None]).reshape(part.shape)
    return dx


def _adaptive_windows(input: Array, OH: int, OW: int) -> Iterator[tuple[int, int, tuple]]:
    rows, columns = ([*zip(*_adaptive_bounds(n, out))] for n, out in zip(input.shape[-2:], (OH, OW)))
    for i, (top, bottom) in enumerate(rows):
        for j, (left, right) in enumerate(columns):
            yield i, j, (..., slice(top, bottom), slice(left, right))


def _adaptive_size(input: Array, output_size: OptionalPair) -> Pair:
    array("input", input, (3, 4))
    if input.dtype.kind != "f":
        raise TypeError(f"input must hold floating-point numbers; got dtype {input.dtype}")
    H, W = input.shape[-2:]
    if 0 in (H, W):
        raise ValueError(f"input must have at least one row and column; got shape {input.shape}")
    if isinstance(output_size, (tuple, list)) and len(output_size) == 2:
        height, width = output_size
        output_size = (H if height is None else height, W if width is None else width)
    return pair("output_size", output_size, at_least=0, single=False)


def _adaptive_bounds(size: int, out: int) -> tuple[Array, Array]:
    """Where each of out windows over size pixels starts, and where it stops."""
    window = np.arange(out)
    return window * size // out, -(-(window + 1) * size // out)


def _adaptive_counts(input: Array, OH: int, OW: int) -> Array:
    """(OH, OW): how many pixels every window has."""
    heights, widths = (np.subtract(*_adaptive_bounds(n, out)[::-1]) for n, out in zip(input.shape[-2:], (OH, OW)))
    return np.multiply.outer(heights, widths).astype(input.dtype)


def _window_sums(x: Array, out: int, axis: int) -> Array:
    """The sums of x over out adaptive windows along one axis."""
    x = np.moveaxis(x, axis, -1)
    start, stop = _adaptive_bounds(x.shape[-1], out)
    total = np.zeros((*x.shape[:-1], out), x.dtype)
    for tap in range(int((stop - start).max(initial=0))):
        (reached,) = np.nonzero(start + tap < stop)
        total[..., reached] += x[..., start[reached] + tap]
    return np.moveaxis(total, -1, axis)


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
