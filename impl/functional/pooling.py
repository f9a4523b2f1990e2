"""Max, average and adaptive average pooling with their gradients: loops over a window's places (taps) only."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from .arrays import array, batched, like, upstream
from .shapes import IntOrPair, Pair, flag, integer, pair, pool_output_size

Array = np.ndarray[Any, np.dtype[Any]]
OptionalPair = int | tuple[int | None, int | None] | list[int | None]


class Windows(NamedTuple):
    """Where pooling windows lie on a plane of size (H, W); all in pixels, (height, width); out: how many."""

    size: Pair
    kernel: Pair
    stride: Pair
    padding: Pair
    dilation: Pair
    out: Pair

    def reach(self, axis: int, tap: int) -> tuple[slice, slice]:
        """Along one axis: the windows whose tap lies on the plane, and the pixels it lies on."""
        offset, stride = tap * self.dilation[axis] - self.padding[axis], self.stride[axis]
        first = max(0, -(offset // stride))
        last = min(self.out[axis] - 1, (self.size[axis] - 1 - offset) // stride)
        if last < first:
            return slice(0, 0), slice(0, 0)
        return slice(first, last + 1), slice(first * stride + offset, last * stride + offset + 1, stride)

    def taps(self) -> Iterator[tuple[int, tuple[Any, ...], tuple[Any, ...]]]:
        """Each tap's number, the windows it counts in, and the pixels it lies on."""
        columns = [self.reach(1, tap) for tap in range(self.kernel[1])]
        for i in range(self.kernel[0]):
            windows_h, pixels_h = self.reach(0, i)
            for j, (windows_w, pixels_w) in enumerate(columns):
                yield i * self.kernel[1] + j, (..., windows_h, windows_w), (..., pixels_h, pixels_w)


def maxima(x: Array, where: Windows) -> Array:
    """The largest value of every window of x (N, C, H, W), wherever the windows lie."""
    out = np.full((*x.shape[:2], *where.out), _lowest(x.dtype), x.dtype)
    for _, places, pixels in where.taps():
        np.maximum(out[places], x[pixels], out=out[places])
    return out


def maxima_backward(dout: Array, x: Array, where: Windows) -> Array:
    """Each dout to the place its maximum was found (the first of equals)."""
    _, winners = _winners(x, where)
    dx = np.zeros(x.shape, x.dtype)
    for tap, places, pixels in where.taps():
        target = dx[pixels]
        np.add(target, dout[places], out=target, where=winners[places] == tap)
    return dx


def means(x: Array, where: Windows, divisor: Array) -> Array:
    """The sum of every window of x (N, C, H, W) / divisor: rows first, so FH + FW additions and not FH * FW."""
    wide = np.zeros((*x.shape[:3], where.out[1]), x.dtype)
    for tap in range(where.kernel[1]):
        places, pixels = where.reach(1, tap)
        wide[..., places] += x[..., pixels]
    out = np.zeros((*x.shape[:2], *where.out), x.dtype)
    for tap in range(where.kernel[0]):
        places, pixels = where.reach(0, tap)
        out[:, :, places] += wide[:, :, pixels]
    return _divided(out, divisor)


def means_backward(dout: Array, where: Windows, divisor: Array) -> Array:
    """Each dout, divided as in forward, to every pixel of its window."""
    d = _divided(dout.copy(), divisor)
    wide = np.zeros((*d.shape[:2], where.size[0], where.out[1]), d.dtype)
    for tap in range(where.kernel[0]):
        places, pixels = where.reach(0, tap)
        wide[:, :, pixels] += d[:, :, places]
    dx = np.zeros((*d.shape[:2], *where.size), d.dtype)
    for tap in range(where.kernel[1]):
        places, pixels = where.reach(1, tap)
        dx[..., pixels] += wide[..., places]
    return dx


def max_pool2d(
    input: Array,
    kernel_size: IntOrPair,
    stride: IntOrPair | None = None,
    padding: IntOrPair = 0,
    dilation: IntOrPair = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest value of every window of input (N, C, H, W) or (C, H, W); padding never wins, nan always does.

    stride: kernel_size if None; padding: at most half the kernel; ceil_mode: a last window may hang over the edge.
    return_indices: also where each was found, row*W + column, the first of equals: (out, indices).
    Raises ValueError and TypeError for what torch refuses. Source: torch.nn.functional.max_pool2d.
    """
    where = _windows(input, kernel_size, stride, padding, dilation, ceil_mode)
    x = batched(input, 4)
    if return_indices:
        out, winners = _winners(x, where)
        return like(input, 3, out), like(input, 3, _indices(winners, where))
    return like(input, 3, maxima(x, where))


def max_pool2d_backward(
    dout: Array,
    input: Array,
    kernel_size: IntOrPair,
    stride: IntOrPair | None = None,
    padding: IntOrPair = 0,
    dilation: IntOrPair = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Array:
    """max_pool2d's gradient for input: each dout goes to the place its maximum was found (the first of equals)."""
    where = _windows(input, kernel_size, stride, padding, dilation, ceil_mode)
    x = batched(input, 4)
    d = batched(upstream(dout, (*input.shape[:-2], *where.out), input.dtype), 4)
    return like(input, 3, maxima_backward(d, x, where))


def avg_pool2d(
    input: Array,
    kernel_size: IntOrPair,
    stride: IntOrPair | None = None,
    padding: IntOrPair = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Array:
    """The mean of every window of input (N, C, H, W) or (C, H, W).

    stride: kernel_size if None; padding: zeros, at most half the kernel, counted unless count_include_pad is False;
    what hangs over the padding in ceil_mode never counts; divisor_override: divide by this instead. Whole numbers are
    divided towards zero. Raises ValueError and TypeError for what torch refuses.
    Source: torch.nn.functional.avg_pool2d.
    """
    where = _windows(input, kernel_size, stride, padding, 1, ceil_mode)
    x, divisor = batched(input, 4), divisors(where, input.dtype, count_include_pad, divisor_override)
    return like(input, 3, means(x, where, divisor))


def avg_pool2d_backward(
    dout: Array,
    input: Array,
    kernel_size: IntOrPair,
    stride: IntOrPair | None = None,
    padding: IntOrPair = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Array:
    """avg_pool2d's gradient for input: each dout, divided as in forward, goes to every pixel of its window."""
    where = _windows(input, kernel_size, stride, padding, 1, ceil_mode)
    divisor = divisors(where, input.dtype, count_include_pad, divisor_override)
    d = batched(upstream(dout, (*input.shape[:-2], *where.out), input.dtype), 4)
    return like(input, 3, means_backward(d, where, divisor))


def _windows(
    input: Array,
    kernel_size: IntOrPair,
    stride: IntOrPair | None,
    padding: IntOrPair,
    dilation: IntOrPair,
    ceil_mode: bool,
) -> Windows:
    array("input", input, (3, 4))
    if 0 in batched(input, 4).shape[1:]:
        raise ValueError(f"input must have at least one channel, row and column; got shape {input.shape}")
    kernel = pair("kernel_size", kernel_size, at_least=1)
    steps = kernel if stride is None or stride == () else pair("stride", stride, at_least=1)
    edge, dilated = pair("padding", padding, at_least=0), pair("dilation", dilation, at_least=1)
    if edge[0] > kernel[0] // 2 or edge[1] > kernel[1] // 2:
        raise ValueError(f"padding must be at most half of kernel_size {kernel}; got {padding!r}")
    ceil_mode = flag("ceil_mode", ceil_mode)
    H, W = input.shape[-2:]
    try:
        OH, OW = (pool_output_size(*axis, ceil_mode) for axis in zip((H, W), kernel, steps, edge, dilated))
    except ValueError as error:
        raise ValueError(f"kernel_size {kernel} does not fit input {input.shape}: {error}") from None
    return Windows((H, W), kernel, steps, edge, dilated, (OH, OW))


def _winners(x: Array, where: Windows) -> tuple[Array, Array]:
    """The maxima and the number of the tap that each was found at: the first of equals, the last nan."""
    shape = (*x.shape[:2], *where.out)
    out, winners = np.full(shape, _lowest(x.dtype), x.dtype), np.empty(shape, np.intp)
    winners[...] = _first_tap(where, 0)[:, None] * where.kernel[1] + _first_tap(where, 1)
    for tap, places, pixels in where.taps():
        value, best = x[pixels], out[places]
        better = (value > best) | (value != value)
        np.copyto(winners[places], tap, where=better)
        np.copyto(best, value, where=better)
    return out, winners


def _first_tap(where: Windows, axis: int) -> Array:
    """The first tap of every window that does not lie in the padding before the plane."""
    before = where.padding[axis] - where.stride[axis] * np.arange(where.out[axis])
    return np.maximum(0, -(-before // where.dilation[axis]))


def _indices(winners: Array, where: Windows) -> Array:
    """Tap numbers as places on the input's plane, row*W + column."""
    taps = np.divmod(winners, where.kernel[1])
    row, column = (np.arange(where.out[axis]) * where.stride[axis] - where.padding[axis] for axis in (0, 1))
    rows, columns = row[:, None] + taps[0] * where.dilation[0], column + taps[1] * where.dilation[1]
    return (rows * where.size[1] + columns).astype(np.int64, copy=False)


def _lowest(dtype: np.dtype[Any]) -> Any:
    if dtype.kind == "b":
        return False
    return -np.inf if dtype.kind == "f" else np.iinfo(dtype).min


def divisors(
    where: Windows, dtype: np.dtype[Any], count_include_pad: bool = True, divisor_override: int | None = None
) -> Array:
    """What every window's sum is divided by, (OH, OW) or one number; in ceil_mode only what lies within the padding."""
    include = flag("count_include_pad", count_include_pad)
    if divisor_override is not None:
        if integer("divisor_override", divisor_override) == 0:
            raise ValueError("divisor_override must be an int other than 0, or None; got 0")
        return np.array(divisor_override, dtype)
    counts = []
    for axis in (0, 1):
        start = np.arange(where.out[axis]) * where.stride[axis] - where.padding[axis]
        stop = np.minimum(start + where.kernel[axis], where.size[axis] + where.padding[axis])
        if not include:
            start, stop = np.maximum(start, 0), np.minimum(stop, where.size[axis])
        counts.append(stop - start)
    return np.multiply.outer(*counts).astype(dtype)


def _divided(total: Array, divisor: Array) -> Array:
    """total / divisor, in place; whole numbers towards zero, as C does."""
    if total.dtype.kind == "f":
        total /= divisor
        return total
    quotient = total // divisor
    return quotient + ((total % divisor != 0) & (quotient < 0)).astype(total.dtype)


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
