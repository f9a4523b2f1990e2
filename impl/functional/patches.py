"""Windows and columns: im2col and col2im as in the book, unfold and fold as in torch, and the views under them."""

from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided

from .checks import Array, array, batched, like, upstream
from .shapes import IntOrPair, Pair, conv_output_size, integer, pair, size


def im2col(
    input_data: Array, filter_h: int, filter_w: int, stride: int = 1, pad: int = 0, rounding: str = "exact"
) -> Array:
    """Every window of (N, C, H, W) as a row: (N*OH*OW, C*FH*FW); rows over (N, OH, OW), columns over (C, FH, FW).

    Sizes in pixels. rounding: "exact" refuses a stride that does not divide, "floor" leaves the rest out.
    Raises ValueError and TypeError for what does not fit. Source: the book, section 7.4.3.
    """
    x = array("input_data", input_data, (4,))
    kernel, out, stride, pad = _book_sizes(x.shape, filter_h, filter_w, stride, pad, rounding)
    patches = windows(padded(x, ((pad, pad), (pad, pad))), kernel, (stride, stride), (1, 1), out)
    N, C, FH, FW, OH, OW = patches.shape
    return patches.transpose(0, 4, 5, 1, 2, 3).reshape(N * OH * OW, C * FH * FW)  # (N, OH, OW, C, FH, FW)


def col2im(
    col: Array,
    input_shape: tuple[int, ...],
    filter_h: int,
    filter_w: int,
    stride: int = 1,
    pad: int = 0,
    rounding: str = "exact",
) -> Array:
    """The way back from im2col's rows to input_shape (N, C, H, W); overlapping places are summed.

    It is im2col's gradient, not its inverse. Arguments and errors as im2col's. Source: the book, section 7.4.3.
    """
    col = array("col", col, (2,))
    if not isinstance(input_shape, (tuple, list)) or len(input_shape) != 4:
        raise ValueError(f"input_shape must be (N, C, H, W); got {input_shape!r}")
    N, C, H, W = (integer("input_shape", size, at_least=0) for size in input_shape)
    (FH, FW), (OH, OW), stride, pad = _book_sizes((N, C, H, W), filter_h, filter_w, stride, pad, rounding)
    if col.shape != (N * OH * OW, C * FH * FW):
        raise ValueError(
            f"col must be (N*OH*OW, C*FH*FW) = {(N * OH * OW, C * FH * FW)} for input_shape {(N, C, H, W)}, "
            f"filter {FH}x{FW}, stride {stride}, pad {pad}; got {col.shape}"
        )
    patches = col.reshape(N, OH, OW, C, FH, FW).transpose(0, 3, 4, 5, 1, 2)  # (N, C, FH, FW, OH, OW)
    pads = (pad, pad), (pad, pad)
    image = padded_zeros((N, C, H, W), pads, col.dtype)
    add_windows(image, patches, (stride, stride), (1, 1))
    return unpadded(image, pads)


def _book_sizes(
    shape: tuple[int, ...], filter_h: int, filter_w: int, stride: int, pad: int, rounding: str
) -> tuple[Pair, Pair, int, int]:
    kernel = integer("filter_h", filter_h, at_least=1), integer("filter_w", filter_w, at_least=1)
    stride, pad = integer("stride", stride, at_least=1), integer("pad", pad, at_least=0)
    if rounding not in ("exact", "floor"):
        raise ValueError(f"rounding must be 'exact' or 'floor'; got {rounding!r}")
    OH, OW = (conv_output_size(n, k, stride, pad, rounding=rounding) for n, k in zip(shape[2:], kernel))
    return kernel, (OH, OW), stride, pad


def unfold(
    input: Array, kernel_size: IntOrPair, dilation: IntOrPair = 1, padding: IntOrPair = 0, stride: IntOrPair = 1
) -> Array:
    """Every window of (N, C, H, W) as a column: (N, C*FH*FW, OH*OW); (C, H, W) gives (C*FH*FW, OH*OW).

    Arguments, rounding down and refusals as torch.nn.functional.unfold; raises ValueError and TypeError.
    """
    places = _unfold_places(input, kernel_size, dilation, padding, stride)
    x = padded(batched(input, 4), places.pads)
    patches = windows(x, places.kernel, places.stride, places.dilation, places.out)
    N, C, FH, FW, OH, OW = patches.shape
    return like(input, 3, patches.reshape(N, C * FH * FW, OH * OW))


def unfold_backward(
    dout: Array,
    input: Array,
    kernel_size: IntOrPair,
    dilation: IntOrPair = 1,
    padding: IntOrPair = 0,
    stride: IntOrPair = 1,
) -> Array:
    """unfold's gradient for input: the columns of dout laid back into its shape, as fold does."""
    places = _unfold_places(input, kernel_size, dilation, padding, stride)
    C, (FH, FW), (OH, OW) = input.shape[-3], places.kernel, places.out
    d = upstream(dout, (*input.shape[:-3], C * FH * FW, OH * OW), input.dtype)
    return fold(d, size(input), kernel_size, dilation, padding, stride)


def fold(
    input: Array,
    output_size: IntOrPair,
    kernel_size: IntOrPair,
    dilation: IntOrPair = 1,
    padding: IntOrPair = 0,
    stride: IntOrPair = 1,
) -> Array:
    """The columns (N, C*FH*FW, OH*OW) laid back into images (N, C, *output_size); overlapping places are summed.

    (C*FH*FW, OH*OW) gives (C, *output_size). Arguments and refusals as torch.nn.functional.fold; raises ValueError and
    TypeError.
    """
    places, shape = _fold_places(input, output_size, kernel_size, dilation, padding, stride)
    image = padded_zeros(shape, places.pads, input.dtype)
    columns = batched(input, 3).reshape(*shape[:2], *places.kernel, *places.out)  # (N, C*FH*FW, OH*OW) -> six axes
    add_windows(image, columns, places.stride, places.dilation)
    return like(input, 2, unpadded(image, places.pads))


def fold_backward(
    dout: Array,
    input: Array,
    output_size: IntOrPair,
    kernel_size: IntOrPair,
    dilation: IntOrPair = 1,
    padding: IntOrPair = 0,
    stride: IntOrPair = 1,
) -> Array:
    """fold's gradient for input: the windows of dout (N, C, *output_size) as columns, as unfold does."""
    _, shape = _fold_places(input, output_size, kernel_size, dilation, padding, stride)
    d = upstream(dout, shape[3 - input.ndim :], input.dtype)
    return unfold(d, kernel_size, dilation, padding, stride)


class Places(NamedTuple):
    """Where windows lie; in pixels, (height, width)."""

    kernel: Pair
    dilation: Pair
    pads: tuple[Pair, Pair]
    stride: Pair
    out: Pair


def _unfold_places(
    input: Array, kernel_size: IntOrPair, dilation: IntOrPair, padding: IntOrPair, stride: IntOrPair
) -> Places:
    array("input", input, (3, 4))
    if 0 in batched(input, 4).shape[1:]:
        raise ValueError(f"input must have at least one channel, row and column; got shape {input.shape}")
    return _places("input", size(input), kernel_size, dilation, padding, stride)


def _fold_places(
    input: Array,
    output_size: IntOrPair,
    kernel_size: IntOrPair,
    dilation: IntOrPair,
    padding: IntOrPair,
    stride: IntOrPair,
) -> tuple[Places, tuple[int, int, int, int]]:
    """Where the columns come from, and the shape (N, C, H, W) they are laid back into."""
    array("input", input, (2, 3))
    H, W = pair("output_size", output_size, at_least=1, single=False)
    places = _places("output_size", (H, W), kernel_size, dilation, padding, stride)
    (N, rows, columns), (FH, FW), (OH, OW) = batched(input, 3).shape, places.kernel, places.out
    if rows == 0 or rows % (FH * FW) or columns != OH * OW:
        raise ValueError(
            f"input must be ([N,] C*{FH}*{FW}, {OH}*{OW}) for output_size {(H, W)}, kernel_size {places.kernel}, "
            f"dilation {places.dilation}, padding {padding}, stride {places.stride}; got shape {input.shape}"
        )
    return places, (N, rows // (FH * FW), H, W)


def _places(
    name: str, plane: Pair, kernel_size: IntOrPair, dilation: IntOrPair, padding: IntOrPair, stride: IntOrPair
) -> Places:
    kernel = pair("kernel_size", kernel_size, at_least=1, single=False)
    dilated = pair("dilation", dilation, at_least=1, single=False)
    height, width = pair("padding", padding, at_least=0, single=False)
    steps = pair("stride", stride, at_least=1, single=False)
    try:
        OH, OW = (conv_output_size(*axis, "floor") for axis in zip(plane, kernel, steps, (height, width), dilated))
    except ValueError as error:
        raise ValueError(f"{name} {plane} is too small for kernel_size {kernel}: {error}") from None
    return Places(kernel, dilated, ((height, height), (width, width)), steps, (OH, OW))


def padded(x: Array, pads: tuple[Pair, Pair]) -> Array:
    """x (N, C, H, W) with zeros round its planes, ((top, bottom), (left, right)); x itself where there are none."""
    if pads == ((0, 0), (0, 0)):
        return x
    out = padded_zeros(x.shape, pads, x.dtype)
    unpadded(out, pads)[...] = x
    return out


def padded_zeros(shape: tuple[int, ...], pads: tuple[Pair, Pair], dtype: np.dtype[Any]) -> Array:
    """Zeros for images of a shape (N, C, H, W) and what padded() puts round them."""
    (top, bottom), (left, right) = pads
    return np.zeros((*shape[:2], top + shape[2] + bottom, left + shape[3] + right), dtype)


def unpadded(x: Array, pads: tuple[Pair, Pair]) -> Array:
    """A view of x without the pads round its planes: padded's way back."""
    (top, bottom), (left, right) = pads
    return x[:, :, top : x.shape[2] - bottom, left : x.shape[3] - right]


def windows(x: Array, kernel: Pair, stride: Pair, dilation: Pair, out: Pair) -> Array:
    """A view of x (N, C, H, W): (N, C, FH, FW, OH, OW), nothing copied."""
    sn, sc, sh, sw = x.strides
    strides = sn, sc, dilation[0] * sh, dilation[1] * sw, stride[0] * sh, stride[1] * sw
    return as_strided(x, (*x.shape[:2], *kernel, *out), strides, writeable=False)


def add_windows(x: Array, patches: Array, stride: Pair, dilation: Pair) -> None:
    """Add patches (N, C, FH, FW, OH, OW) into x (N, C, H, W) where windows() took them: one slice per tap."""
    FH, FW, OH, OW = patches.shape[2:]
    for i in range(FH):
        rows = slice(i * dilation[0], i * dilation[0] + (OH - 1) * stride[0] + 1, stride[0])
        for j in range(FW):
            columns = slice(j * dilation[1], j * dilation[1] + (OW - 1) * stride[1] + 1, stride[1])
            x[:, :, rows, columns] += patches[:, :, i, j]
