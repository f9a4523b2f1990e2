"""Windows and columns: the book's im2col and col2im, torch's unfold and fold, and the views that they use."""

import numpy as np
from numpy.lib.stride_tricks import as_strided

from .checks import Array, add_batch, check_array, check_upstream, drop_batch
from .shapes import IntOrPair, Pair, Window, check_integer, check_pair, conv_output_size, fit_window, plane_size

Pads = tuple[Pair, Pair]  # ((top, bottom), (left, right))

# --- the book's ------------------------------------------------------------------------------------------------------


def im2col(
    input_data: Array, filter_h: int, filter_w: int, stride: int = 1, pad: int = 0, rounding: str = "exact"
) -> Array:
    """Every window of (N, C, H, W) as a row: (N*OH*OW, C*FH*FW); rows over (N, OH, OW), columns over (C, FH, FW).

    Sizes in pixels. rounding: "exact" refuses a stride that does not divide, "floor" leaves the rest out.
    Raises ValueError and TypeError for sizes that do not fit. Source: the book, section 7.4.3.
    """
    x = check_array("input_data", input_data, (4,))
    window = _book_window(x.shape, filter_h, filter_w, stride, pad, rounding)
    patches = view_windows(add_padding(x, window.pads), window)
    N, C, FH, FW, OH, OW = patches.shape
    return patches.transpose(0, 4, 5, 1, 2, 3).copy().reshape(N * OH * OW, C * FH * FW)  # (N, OH, OW, C, FH, FW)


def col2im(
    col: Array, input_shape: tuple[int, ...], filter_h: int, filter_w: int, stride: int = 1, pad: int = 0,
    rounding: str = "exact",
) -> Array:  # fmt: skip
    """Add im2col's rows (N*OH*OW, C*FH*FW) into an array of input_shape (N, C, H, W); where windows overlap, a sum.

    This is im2col's gradient, not its inverse. Arguments and errors as im2col's. Source: the book, section 7.4.3.
    """
    col = check_array("col", col, (2,))
    if not isinstance(input_shape, (tuple, list)) or len(input_shape) != 4:
        raise ValueError(f"input_shape must be (N, C, H, W); got {input_shape!r}")
    N, C, H, W = (check_integer("input_shape", size, at_least=0) for size in input_shape)
    window = _book_window((N, C, H, W), filter_h, filter_w, stride, pad, rounding)
    (FH, FW), (OH, OW) = window.kernel, window.out
    if col.shape != (N * OH * OW, C * FH * FW):
        raise ValueError(
            f"col must be (N*OH*OW, C*FH*FW) = {(N * OH * OW, C * FH * FW)} for input_shape {(N, C, H, W)}, "
            f"filter {FH}x{FW}, stride {window.stride[0]}, pad {window.pads[0][0]}; got {col.shape}"
        )
    patches = col.reshape(N, OH, OW, C, FH, FW).transpose(0, 3, 4, 5, 1, 2)  # (N, C, FH, FW, OH, OW)
    image = zeros_with_padding((N, C, H, W), window.pads, col.dtype)
    add_windows(image, patches, window)
    return remove_padding(image, window.pads)


def _book_window(shape: tuple[int, ...], filter_h: int, filter_w: int, stride: int, pad: int, rounding: str) -> Window:
    kernel = check_integer("filter_h", filter_h, at_least=1), check_integer("filter_w", filter_w, at_least=1)
    stride, pad = check_integer("stride", stride, at_least=1), check_integer("pad", pad, at_least=0)
    if rounding not in ("exact", "floor"):
        raise ValueError(f"rounding must be 'exact' or 'floor'; got {rounding!r}")
    OH, OW = (conv_output_size(n, k, stride, pad, rounding=rounding) for n, k in zip(shape[2:], kernel))
    return Window((shape[2], shape[3]), kernel, (stride, stride), (1, 1), ((pad, pad), (pad, pad)), (OH, OW))


# --- torch's ---------------------------------------------------------------------------------------------------------


def unfold(
    input: Array, kernel_size: IntOrPair, dilation: IntOrPair = 1, padding: IntOrPair = 0, stride: IntOrPair = 1
) -> Array:
    """Every window of (N, C, H, W) as a column: (N, C*FH*FW, OH*OW); (C, H, W) gives (C*FH*FW, OH*OW).

    Arguments, rounding down and refusals as torch.nn.functional.unfold; raises ValueError and TypeError.
    """
    window = _unfold_window(input, kernel_size, dilation, padding, stride)
    patches = view_windows(add_padding(add_batch(input, 4), window.pads), window)
    N, C, FH, FW, OH, OW = patches.shape
    return drop_batch(input, 3, patches.copy().reshape(N, C * FH * FW, OH * OW))


def unfold_backward(
    dout: Array, input: Array, kernel_size: IntOrPair, dilation: IntOrPair = 1, padding: IntOrPair = 0,
    stride: IntOrPair = 1,
) -> Array:  # fmt: skip
    """unfold's gradient for input: fold of dout (N, C*FH*FW, OH*OW). Arguments and errors as unfold's."""
    window = _unfold_window(input, kernel_size, dilation, padding, stride)
    C, (FH, FW), (OH, OW) = input.shape[-3], window.kernel, window.out
    d = check_upstream(dout, (*input.shape[:-3], C * FH * FW, OH * OW), input.dtype)
    return fold(d, plane_size(input), kernel_size, dilation, padding, stride)


def fold(
    input: Array, output_size: IntOrPair, kernel_size: IntOrPair, dilation: IntOrPair = 1, padding: IntOrPair = 0,
    stride: IntOrPair = 1,
) -> Array:  # fmt: skip
    """Add the columns (N, C*FH*FW, OH*OW) into images (N, C, *output_size); where windows overlap, a sum.

    (C*FH*FW, OH*OW) gives (C, *output_size). Arguments and refusals as torch.nn.functional.fold; raises ValueError and
    TypeError.
    """
    window, shape = _fold_window(input, output_size, kernel_size, dilation, padding, stride)
    image = zeros_with_padding(shape, window.pads, input.dtype)
    patches = add_batch(input, 3).reshape(*shape[:2], *window.kernel, *window.out)  # (N, C*FH*FW, OH*OW) -> six axes
    add_windows(image, patches, window)
    return drop_batch(input, 2, remove_padding(image, window.pads))


def fold_backward(
    dout: Array, input: Array, output_size: IntOrPair, kernel_size: IntOrPair, dilation: IntOrPair = 1,
    padding: IntOrPair = 0, stride: IntOrPair = 1,
) -> Array:  # fmt: skip
    """fold's gradient for input: unfold of dout (N, C, *output_size). Arguments and errors as fold's."""
    _, shape = _fold_window(input, output_size, kernel_size, dilation, padding, stride)
    d = check_upstream(dout, shape[3 - input.ndim :], input.dtype)
    return unfold(d, kernel_size, dilation, padding, stride)


def _unfold_window(
    input: Array, kernel_size: IntOrPair, dilation: IntOrPair, padding: IntOrPair, stride: IntOrPair
) -> Window:
    check_array("input", input, (3, 4))
    if 0 in add_batch(input, 4).shape[1:]:
        raise ValueError(f"input must have at least one channel, row and column; got shape {input.shape}")
    return _torch_window("input", plane_size(input), kernel_size, dilation, padding, stride)


def _fold_window(
    input: Array, output_size: IntOrPair, kernel_size: IntOrPair, dilation: IntOrPair, padding: IntOrPair,
    stride: IntOrPair,
) -> tuple[Window, tuple[int, int, int, int]]:  # fmt: skip
    """Return the window from which the columns come, and the shape (N, C, H, W) of the images."""
    check_array("input", input, (2, 3))
    H, W = check_pair("output_size", output_size, at_least=1, single=False)
    window = _torch_window("output_size", (H, W), kernel_size, dilation, padding, stride)
    (N, rows, columns), (FH, FW), (OH, OW) = add_batch(input, 3).shape, window.kernel, window.out
    if rows == 0 or rows % (FH * FW) or columns != OH * OW:
        raise ValueError(
            f"input must be ([N,] C*{FH}*{FW}, {OH}*{OW}) for output_size {(H, W)}, kernel_size {window.kernel}, "
            f"dilation {window.dilation}, padding {padding}, stride {window.stride}; got shape {input.shape}"
        )
    return window, (N, rows // (FH * FW), H, W)


def _torch_window(
    name: str, plane: Pair, kernel_size: IntOrPair, dilation: IntOrPair, padding: IntOrPair, stride: IntOrPair
) -> Window:
    kernel = check_pair("kernel_size", kernel_size, at_least=1, single=False)
    dilated = check_pair("dilation", dilation, at_least=1, single=False)
    edge = check_pair("padding", padding, at_least=0, single=False)
    steps = check_pair("stride", stride, at_least=1, single=False)
    return fit_window(f"{name} {plane} is too small for kernel_size {kernel}", plane, kernel, steps, edge, dilated)


# --- views -----------------------------------------------------------------------------------------------------------


def add_padding(x: Array, pads: Pads) -> Array:
    """Return x (N, C, H, W) with zeros round its planes; x itself if there are no pads."""
    if pads == ((0, 0), (0, 0)):
        return x
    out = zeros_with_padding(x.shape, pads, x.dtype)
    remove_padding(out, pads)[...] = x
    return out


def padded_rows(x: Array, window: Window, rows: slice) -> Array:
    """Return the rows of x (n, C, H, W), with the padding, that lie under the output rows: (n, C, rows, Wp)."""
    H, W, (top, _), (left, right) = x.shape[2], x.shape[3], *window.pads
    first = rows.start * window.stride[0] - top
    stop = (rows.stop - 1) * window.stride[0] + (window.kernel[0] - 1) * window.dilation[0] + 1 - top
    if first >= 0 and stop <= H and left == right == 0:
        return x[:, :, first:stop]
    out = np.zeros((*x.shape[:2], stop - first, left + W + right), x.dtype)
    inside = slice(min(max(0, first), H), max(0, min(stop, H)))
    out[:, :, inside.start - first : inside.stop - first, left : left + W] = x[:, :, inside]
    return out


def zeros_with_padding(shape: tuple[int, ...], pads: Pads, dtype: np.dtype) -> Array:
    """Return zeros for images of a shape (N, C, H, W) and the pads round their planes."""
    (top, bottom), (left, right) = pads
    return np.zeros((*shape[:2], top + shape[2] + bottom, left + shape[3] + right), dtype)


def remove_padding(x: Array, pads: Pads) -> Array:
    """Return a view of x (N, C, H, W) without the pads round its planes."""
    (top, bottom), (left, right) = pads
    return x[:, :, top : x.shape[2] - bottom, left : x.shape[3] - right]


def view_windows(x: Array, window: Window) -> Array:
    """Return a view of x (N, C, H, W), padded before: (N, C, FH, FW, OH, OW); nothing is copied."""
    (SH, SW), (DH, DW) = window.stride, window.dilation
    sn, sc, sh, sw = x.strides
    shape, strides = (*x.shape[:2], *window.kernel, *window.out), (sn, sc, DH * sh, DW * sw, SH * sh, SW * sw)
    if x.flags.c_contiguous and x.size:
        view = np.ndarray(shape, x.dtype, x, 0, strides)  # as_strided takes 10 times as long, and small images show it
        view.flags.writeable = False
        return view
    return as_strided(x, shape, strides, writeable=False)


def add_windows(x: Array, patches: Array, window: Window) -> None:
    """Add patches (N, C, FH, FW, OH, OW) into x (N, C, H, W), in place, each at its window: one slice a tap.

    The patches may be of some rows of places only; then x starts at the first of them.
    """
    (SH, SW), (DH, DW), (FH, FW, OH, OW) = window.stride, window.dilation, patches.shape[2:]
    for i in range(FH):
        rows = slice(i * DH, i * DH + (OH - 1) * SH + 1, SH)
        for j in range(FW):
            columns = slice(j * DW, j * DW + (OW - 1) * SW + 1, SW)
            x[:, :, rows, columns] += patches[:, :, i, j]
