"""max_pool2d and avg_pool2d with their gradients."""

from typing import Any

from .arrays import Array, array, batched, like, upstream
from .pool_windows import Windows, divisors, indices, maxima, maxima_backward, means, means_backward, winners
from .shapes import IntOrPair, flag, pair, pool_output_size, size


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
