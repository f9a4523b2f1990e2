"""max_pool2d and avg_pool2d with their gradients."""

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from .checks import Array, array, batched, like, masked, upstream
from .shapes import IntOrPair, Pair, blocks, flag, integer, pair, pool_output_size, size

BUDGET = 1 << 20  # bytes of planes at a time: what is made of them stays in the second-level cache


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
    out = np.empty((*x.shape[:2], *where.out), x.dtype)
    for planes, best in _in_blocks(where, x, out):
        _maxima_of_planes(planes, where, best)
    return out


def maxima_backward(dout: Array, x: Array, where: Windows) -> Array:
    """Each dout to the place its maximum was found (the first of equals, the last nan)."""
    dx = np.zeros(x.shape, x.dtype)
    for d, planes, dplanes in _in_blocks(where, dout, x, dx):
        _add_to_winners(d, planes, where, dplanes)
    return dx


def _in_blocks(where: Windows, *arrays: Array) -> Iterator[list[Array]]:
    """Some planes at a time (n, H, W) of arrays (N, C, H, W), the last of them views that are written to."""
    flat = [a.reshape(-1, *a.shape[2:]) for a in arrays]  # (N*C, H, W)
    for some, _ in blocks(len(flat[0]), 1, math.prod(where.size) * arrays[0].itemsize, BUDGET):
        yield [a[some] for a in flat]


def _maxima_of_planes(x: Array, where: Windows, out: Array) -> None:
    """Of x (n, H, W) into out (n, OH, OW): rows first, so FH + FW comparisons and not FH * FW."""
    wide = np.empty((len(x), where.out[0], x.shape[2]), x.dtype)
    _maxima_along(0, x, where, wide)
    _maxima_along(1, wide, where, out)


def _maxima_along(axis: int, x: Array, where: Windows, out: Array) -> None:
    planes = (slice(None),) * (axis + 1)
    taps = [where.reach(axis, tap) for tap in range(where.kernel[axis])]
    whole = [tap for tap in taps if tap[0] == slice(0, where.out[axis])]  # of every window, on the plane
    if whole:
        (_, first), (_, last) = whole[0], whole[-1]
        np.maximum(x[*planes, first], x[*planes, last], out=out)
    else:
        out.fill(_lowest(x.dtype))
    for places, pixels in taps:
        if (places, pixels) not in (whole[:1] + whole[-1:]):
            np.maximum(out[*planes, places], x[*planes, pixels], out=out[*planes, places])


def _add_to_winners(dout: Array, x: Array, where: Windows, dx: Array) -> None:
    """maxima_backward of some planes, added to dx."""
    out = np.empty((len(x), *where.out), x.dtype)
    _maxima_of_planes(x, where, out)
    taps = winners(x, where)[1] if np.isnan(out).any() else None  # several times slower, and nan equals nothing
    free = np.ones(out.shape, bool)
    for tap, places, pixels in where.taps():
        if taps is None:
            found = x[pixels] == out[places]
            found &= free[places]
            free[places] ^= found
        else:
            found = taps[places] == tap
        dx[pixels] += masked(found, dout[places])


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


def winners(x: Array, where: Windows) -> tuple[Array, Array]:
    """The maxima and the number of the tap that each was found at: the first of equals, the last nan."""
    shape = (*x.shape[:-2], *where.out)
    out, taps = np.full(shape, _lowest(x.dtype), x.dtype), np.empty(shape, np.int64)
    taps[...] = _first_tap(where, 0)[:, None] * where.kernel[1] + _first_tap(where, 1)
    for tap, places, pixels in where.taps():
        value, best = x[pixels], out[places]
        better = (value > best) | (value != value)
        np.copyto(taps[places], tap, where=better)
        np.copyto(best, value, where=better)
    return out, taps


def _first_tap(where: Windows, axis: int) -> Array:
    """The first tap of every window that does not lie in the padding before the plane."""
    before = where.padding[axis] - where.stride[axis] * np.arange(where.out[axis])
    return np.maximum(0, -(-before // where.dilation[axis]))


def indices(taps: Array, where: Windows) -> Array:
    """Tap numbers as places on the input's plane, row*W + column."""
    rows, columns = np.divmod(taps, where.kernel[1])
    row, column = (np.arange(where.out[axis]) * where.stride[axis] - where.padding[axis] for axis in (0, 1))
    rows, columns = row[:, None] + rows * where.dilation[0], column + columns * where.dilation[1]
    return rows * where.size[1] + columns


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
        out, taps = winners(x, where)
        return like(input, 3, out), like(input, 3, indices(taps, where))
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
    plane = size(input)
    try:
        OH, OW = (pool_output_size(*axis, ceil_mode) for axis in zip(plane, kernel, steps, edge, dilated))
    except ValueError as error:
        raise ValueError(f"kernel_size {kernel} does not fit input {input.shape}: {error}") from None
    return Windows(plane, kernel, steps, edge, dilated, (OH, OW))
