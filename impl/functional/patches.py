"""Windows and columns: im2col and col2im as in the book, unfold and fold as in torch, and the views under them."""

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from .arrays import array, batched, like
from .shapes import IntOrPair, Pair, conv_output_size, integer, pair

Array = np.ndarray[Any, np.dtype[Any]]


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
    x = array("input", input, (3, 4))
    x4 = batched(x, 4)
    kernel, dilated, pads, steps = _window_arguments(kernel_size, dilation, padding, stride)
    if 0 in x4.shape[1:]:
        raise ValueError(f"input must have at least one channel, row and column; got shape {x.shape}")
    out = _places("input", x4.shape[2:], kernel, dilated, pads, steps)
    patches = windows(padded(x4, ((pads[0], pads[0]), (pads[1], pads[1]))), kernel, steps, dilated, out)
    N, C, FH, FW, OH, OW = patches.shape
    return like(x, 3, patches.reshape(N, C * FH * FW, OH * OW))


def fold(
    input: Array,
    output_size: IntOrPair,
    kernel_size: IntOrPair,
    dilation: IntOrPair = 1,
    padding: IntOrPair = 0,
    stride: IntOrPair = 1,
) -> Array:
    """The columns (N, C*FH*FW, OH*OW) laid back into images (N, C, *output_size); overlapping places are summed.

    (C*FH*FW, OH*OW) gives (C, *output_size). It is unfold's gradient. Arguments and refusals as
    torch.nn.functional.fold; raises ValueError and TypeError.
    """
    columns = array("input", input, (2, 3))
    columns3 = batched(columns, 3)
    H, W = pair("output_size", output_size, at_least=1, single=False)
    kernel, dilated, (ph, pw), steps = _window_arguments(kernel_size, dilation, padding, stride)
    (FH, FW), (N, CK, L) = kernel, columns3.shape
    if CK == 0 or L == 0 or CK % (FH * FW):
        raise ValueError(f"input must be ([N,] C*{FH}*{FW}, L) for kernel_size {kernel}; got shape {columns.shape}")
    OH, OW = _places("output_size", (H, W), kernel, dilated, (ph, pw), steps)
    if OH * OW != L:
        raise ValueError(
            f"input must have {OH}*{OW} = {OH * OW} columns for output_size {(H, W)}, kernel_size {kernel}, "
            f"dilation {dilated}, padding {(ph, pw)}, stride {steps}; got shape {columns.shape}"
        )
    C, pads = CK // (FH * FW), ((ph, ph), (pw, pw))
    image = padded_zeros((N, C, H, W), pads, columns.dtype)
    add_windows(image, columns3.reshape(N, C, FH, FW, OH, OW), steps, dilated)
    return like(columns, 2, unpadded(image, pads))


def unfold_backward(
    dout: Array,
    input: Array,
    kernel_size: IntOrPair,
    dilation: IntOrPair = 1,
    padding: IntOrPair = 0,
    stride: IntOrPair = 1,
) -> Array:
    """unfold's gradient for input: fold of dout, of input's shape."""
    return fold(dout, input.shape[-2:], kernel_size, dilation, padding, stride)


def fold_backward(
    dout: Array,
    input: Array,
    output_size: IntOrPair,
    kernel_size: IntOrPair,
    dilation: IntOrPair = 1,
    padding: IntOrPair = 0,
    stride: IntOrPair = 1,
) -> Array:
    """fold's gradient for input: unfold of dout (..., C, *output_size)."""
    return unfold(dout, kernel_size, dilation, padding, stride)


def _window_arguments(
    kernel_size: IntOrPair, dilation: IntOrPair, padding: IntOrPair, stride: IntOrPair
) -> tuple[Pair, Pair, Pair, Pair]:
    return (
        pair("kernel_size", kernel_size, at_least=1, single=False),
        pair("dilation", dilation, at_least=1, single=False),
        pair("padding", padding, at_least=0, single=False),
        pair("stride", stride, at_least=1, single=False),
    )


def _places(name: str, size: tuple[int, ...], kernel: Pair, dilation: Pair, padding: Pair, stride: Pair) -> Pair:
    try:
        OH, OW = (conv_output_size(*axis, "floor") for axis in zip(size, kernel, stride, padding, dilation))
    except ValueError as error:
        raise ValueError(f"{name} {tuple(size)} is too small for kernel_size {kernel}: {error}") from None
    return OH, OW


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
