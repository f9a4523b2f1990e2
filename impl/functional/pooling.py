"""max_pool2d and avg_pool2d with their gradients."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .checks import Array, add_batch, check_array, check_upstream, drop_batch, keep_where, remember
from .memory import split_into_blocks
from .shapes import IntOrPair, Window, check_flag, check_integer, check_pair, fit_window, plane_size, pool_output_size
from .threads import run_blocks

BUDGET = 1 << 20  # bytes of planes at a time, so that what is computed from them stays in the second-level cache

# --- torch's functions -----------------------------------------------------------------------------------------------


def max_pool2d(
    input: Array, kernel_size: IntOrPair, stride: IntOrPair | None = None, padding: IntOrPair = 0,
    dilation: IntOrPair = 1, ceil_mode: bool = False, return_indices: bool = False,
) -> Any:  # fmt: skip
    """The largest value of every window of input (N, C, H, W) or (C, H, W); padding never wins, nan always does.

    stride: kernel_size if None; padding: at most half the kernel; ceil_mode: a last window may hang over the edge.
    return_indices: also each maximum's index, row*W + column, the first of equals: (out, indices).
    Raises ValueError and TypeError for what torch refuses. Source: torch.nn.functional.max_pool2d.
    """
    window = _window(input, kernel_size, stride, padding, dilation, ceil_mode)
    x = add_batch(input, 4)
    if return_indices:
        out, taps = find_maxima(x, window)
        return drop_batch(input, 3, out), drop_batch(input, 3, _tap_indices(taps, window))
    return drop_batch(input, 3, pool_max(x, window))


def max_pool2d_backward(
    dout: Array, input: Array, kernel_size: IntOrPair, stride: IntOrPair | None = None, padding: IntOrPair = 0,
    dilation: IntOrPair = 1, ceil_mode: bool = False, return_indices: bool = False,
) -> Array:  # fmt: skip
    """max_pool2d's gradient for input: each dout goes to the pixel of its maximum (the first of equals)."""
    window = _window(input, kernel_size, stride, padding, dilation, ceil_mode)
    d = add_batch(check_upstream(dout, (*input.shape[:-2], *window.out), input.dtype), 4)
    return drop_batch(input, 3, pool_max_backward(d, add_batch(input, 4), window))


def avg_pool2d(
    input: Array, kernel_size: IntOrPair, stride: IntOrPair | None = None, padding: IntOrPair = 0,
    ceil_mode: bool = False, count_include_pad: bool = True, divisor_override: int | None = None,
) -> Array:  # fmt: skip
    """The mean of every window of input (N, C, H, W) or (C, H, W).

    stride: kernel_size if None; padding: zeros, at most half the kernel, counted unless count_include_pad is False;
    pixels beyond the padding in ceil_mode never count; divisor_override: divide by this instead. Whole numbers are
    divided towards zero. Raises ValueError and TypeError for what torch refuses.
    Source: torch.nn.functional.avg_pool2d.
    """
    window = _window(input, kernel_size, stride, padding, 1, ceil_mode)
    divisors = mean_divisors(window, input.dtype, count_include_pad, divisor_override)
    return drop_batch(input, 3, pool_mean(add_batch(input, 4), window, divisors))


def avg_pool2d_backward(
    dout: Array, input: Array, kernel_size: IntOrPair, stride: IntOrPair | None = None, padding: IntOrPair = 0,
    ceil_mode: bool = False, count_include_pad: bool = True, divisor_override: int | None = None,
) -> Array:  # fmt: skip
    """avg_pool2d's gradient for input: each dout, divided as in forward, goes to every pixel of its window."""
    window = _window(input, kernel_size, stride, padding, 1, ceil_mode)
    divisors = mean_divisors(window, input.dtype, count_include_pad, divisor_override)
    d = add_batch(check_upstream(dout, (*input.shape[:-2], *window.out), input.dtype), 4)
    return drop_batch(input, 3, pool_mean_backward(d, window, divisors))


@remember
def _window(
    input: Array, kernel_size: IntOrPair, stride: IntOrPair | None, padding: IntOrPair, dilation: IntOrPair,
    ceil_mode: bool,
) -> Window:  # fmt: skip
    check_array("input", input, (3, 4))
    if 0 in add_batch(input, 4).shape[1:]:
        raise ValueError(f"input must have at least one channel, row and column; got shape {input.shape}")
    kernel = check_pair("kernel_size", kernel_size, at_least=1)
    steps = (
        kernel
        if stride is None or (isinstance(stride, tuple) and not stride)
        else check_pair("stride", stride, at_least=1)
    )
    edge, dilated = check_pair("padding", padding, at_least=0), check_pair("dilation", dilation, at_least=1)
    if edge[0] > kernel[0] // 2 or edge[1] > kernel[1] // 2:
        raise ValueError(f"padding must be at most half of kernel_size {kernel}; got {padding!r}")
    ceil_mode = check_flag("ceil_mode", ceil_mode)
    misfit = f"kernel_size {kernel} does not fit input {input.shape}"
    return fit_window(misfit, plane_size(input), kernel, steps, edge, dilated, ceil_mode, output_size=pool_output_size)


# --- maxima ----------------------------------------------------------------------------------------------------------


def pool_max(x: Array, window: Window) -> Array:
    """The largest value of every window of x (N, C, H, W): (N, C, OH, OW); the padding may have any size."""
    out = np.empty((*x.shape[:2], *window.out), x.dtype)
    _run_planes(lambda planes, maxima: _max_of_planes(planes, window, maxima), window, x, out)
    return out


def pool_max_backward(dout: Array, x: Array, window: Window) -> Array:
    """Each dout (N, C, OH, OW) added to the pixel of its maximum (the first of equals, the last nan): (N, C, H, W)."""
    dx = np.empty(x.shape, x.dtype)
    _run_planes(lambda d, planes, dplanes: _add_to_maxima(d, planes, window, dplanes), window, dout, x, dx)
    return dx


def _run_planes(work: Callable[..., None], window: Window, *arrays: Array) -> None:
    """Call work on some planes (n, H, W) at a time of each array (N, C, H, W), as views; the last one is written to."""
    flat = [a.reshape(-1, *a.shape[2:]) for a in arrays]  # (N*C, H, W)
    blocks = split_into_blocks(len(flat[0]), 1, math.prod(window.size) * arrays[0].itemsize, BUDGET)
    run_blocks(lambda some, _: work(*[a[some] for a in flat]), blocks)


def _max_of_planes(x: Array, window: Window, out: Array) -> None:
    """Write the maxima of x (n, H, W) to out (n, OH, OW): rows first, so FH + FW comparisons and not FH * FW."""
    wide = np.empty((len(x), window.out[0], x.shape[2]), x.dtype)
    lowest = _lowest(x.dtype)
    _combine_along(0, np.maximum, lowest, x, window, wide)
    _combine_along(1, np.maximum, lowest, wide, window, out)


def _combine_along(axis: int, function: np.ufunc, start: Any, x: Array, window: Window, out: Array) -> None:
    """Write function (a sum, a maximum) of start and the pixels under each place, along an axis of x (n, H, W)."""
    planes = (slice(None),) * (axis + 1)
    taps = [window.reach(axis, tap) for tap in range(window.kernel[axis])]
    whole = [tap for tap in taps if tap[0] == slice(0, window.out[axis])]  # those that lie on the plane in every window
    if len(whole) > 1:
        (_, first), (_, last) = pair = whole[0], whole[-1]
        function(x[*planes, first], x[*planes, last], out=out)
        taps = [tap for tap in taps if tap not in pair]
    else:
        out.fill(start)
    for places, pixels in taps:
        function(out[*planes, places], x[*planes, pixels], out=out[*planes, places])


def _add_to_maxima(dout: Array, x: Array, window: Window, dx: Array) -> None:
    """pool_max_backward for some planes, written to dx (n, H, W)."""
    dx[...] = 0
    out = np.empty((len(x), *window.out), x.dtype)
    _max_of_planes(x, window, out)
    taps = find_maxima(x, window)[1] if np.isnan(out).any() else None  # several times slower, but nan equals nothing
    free = np.ones(out.shape, bool)
    for tap, places, pixels in window.taps():
        if taps is None:
            is_maximum = x[pixels] == out[places]
            is_maximum &= free[places]
            free[places] ^= is_maximum
        else:
            is_maximum = taps[places] == tap
        dx[pixels] += keep_where(is_maximum, dout[places])


def find_maxima(x: Array, window: Window) -> tuple[Array, Array]:
    """The maxima of x (..., H, W) and the number of each one's tap (the first of equals, the last nan)."""
    shape = (*x.shape[:-2], *window.out)
    out, taps = np.full(shape, _lowest(x.dtype), x.dtype), np.empty(shape, np.int64)
    taps[...] = _first_tap(window, 0)[:, None] * window.kernel[1] + _first_tap(window, 1)
    for tap, places, pixels in window.taps():
        value, best = x[pixels], out[places]
        better = (value > best) | (value != value)
        np.copyto(taps[places], tap, where=better)
        np.copyto(best, value, where=better)
    return out, taps


def _first_tap(window: Window, axis: int) -> Array:
    """The first tap of every window that does not lie in the padding before the plane."""
    before = window.pads[axis][0] - window.stride[axis] * np.arange(window.out[axis])
    return np.maximum(0, -(-before // window.dilation[axis]))


def _tap_indices(taps: Array, window: Window) -> Array:
    """Tap numbers as indices into the input's plane, row*W + column."""
    rows, columns = np.divmod(taps, window.kernel[1])
    row, column = (np.arange(window.out[axis]) * window.stride[axis] - window.pads[axis][0] for axis in (0, 1))
    rows, columns = row[:, None] + rows * window.dilation[0], column + columns * window.dilation[1]
    return rows * window.size[1] + columns


def _lowest(dtype: np.dtype[Any]) -> Any:
    if dtype.kind == "b":
        return False
    return -np.inf if dtype.kind == "f" else np.iinfo(dtype).min


# --- means -----------------------------------------------------------------------------------------------------------


def pool_mean(x: Array, window: Window, divisors: Array) -> Array:
    """The sum of every window of x (N, C, H, W) / divisors: rows first, so FH + FW additions and not FH * FW."""
    out = np.empty((*x.shape[:2], *window.out), x.dtype)

    def work(planes: Array, means: Array) -> None:
        tall = np.empty((len(planes), window.out[0], x.shape[3]), x.dtype)
        _combine_along(0, np.add, 0, planes, window, tall)
        _combine_along(1, np.add, 0, tall, window, means)
        _divide(means, divisors)

    _run_planes(work, window, x, out)
    return out


def pool_mean_backward(dout: Array, window: Window, divisors: Array) -> Array:
    """Each dout (N, C, OH, OW), divided as in forward, added to every pixel of its window: (N, C, H, W)."""
    dx = np.empty((*dout.shape[:2], *window.size), dout.dtype)

    def work(upstream: Array, planes: Array) -> None:
        d = upstream.copy()
        _divide(d, divisors)
        wide = np.zeros((len(d), window.size[0], window.out[1]), d.dtype)
        for tap in range(window.kernel[0]):
            places, pixels = window.reach(0, tap)
            wide[:, pixels] += d[:, places]
        planes[...] = 0
        for tap in range(window.kernel[1]):
            places, pixels = window.reach(1, tap)
            planes[..., pixels] += wide[..., places]

    _run_planes(work, window, dout, dx)
    return dx


def mean_divisors(
    window: Window, dtype: np.dtype[Any], count_include_pad: bool = True, divisor_override: int | None = None
) -> Array:
    """The divisor of every window's sum, (OH, OW) or one number; pixels beyond the padding never count."""
    include = check_flag("count_include_pad", count_include_pad)
    if divisor_override is not None:
        if check_integer("divisor_override", divisor_override) == 0:
            raise ValueError("divisor_override must be an int other than 0, or None; got 0")
        return np.array(divisor_override, dtype)
    counts = []
    for axis in (0, 1):
        size, pad = window.size[axis], window.pads[axis][0]
        start = np.arange(window.out[axis]) * window.stride[axis] - pad
        stop = np.minimum(start + window.kernel[axis], size + pad)
        if not include:
            start, stop = np.maximum(start, 0), np.minimum(stop, size)
        counts.append(stop - start)
    return np.multiply.outer(*counts).astype(dtype)


def _divide(total: Array, divisors: Array) -> None:
    """total /= divisors; whole numbers are divided towards zero, as in C."""
    if total.dtype.kind == "f":
        total /= divisors
        return
    quotient = total // divisors
    total[...] = quotient + ((total % divisors != 0) & (quotient < 0)).astype(total.dtype)
