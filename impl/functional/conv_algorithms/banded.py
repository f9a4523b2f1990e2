"""For narrow images at stride 1: whole rows as columns, and the filters as a band matrix over the width.

A column holds all pixels of the FH rows of a window, for every place in them; the matrix holds each filter once for
every place, and zeros. It takes Wp/FW times the products, but in one large multiplication instead of many small ones,
and the columns are copied by whole rows.
In shapes: Wp the padded width, K = C*FH*Wp, n images and R of their output rows a block.
"""

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from ..checks import Array
from ..memory import Buffer, cut, split_into_blocks, sum_blocks, sum_channels
from ..patches import padded_rows, remove_padding, zeros_with_padding
from ..shapes import Window
from ..threads import run_blocks

BUDGET = 1 << 21  # bytes of rows at a time


def supports(window: Window, C: int, dtype: np.dtype[Any]) -> bool:
    """Whether this algorithm can compute the convolution: stride and dilation 1, one group."""
    return window.stride == window.dilation == (1, 1) and window.groups == 1


def matrix_bytes(window: Window, C: int, FN: int, dtype: np.dtype[Any]) -> int:
    """The size of the band matrix (K, FN*OW) in bytes."""
    return C * window.kernel[0] * (window.out[1] + window.kernel[1] - 1) * FN * window.out[1] * dtype.itemsize


def output(x: Array, weight: Array, bias: Array | None, window: Window) -> Array:
    """The convolution of x (N, C, H, W): (N, FN, OH, OW)."""
    N, FN, (OH, OW) = len(x), len(weight), window.out
    out, band = np.empty((N, FN, OH, OW), x.dtype), _band(weight, window)
    buffer = Buffer(x.dtype)

    def work(images: slice, rows: slice) -> None:
        places = _row_columns(x[images], rows, window, buffer) @ band  # (n*R, K) @ (K, FN*OW)
        if bias is not None:
            places += np.repeat(bias, OW)
        out[images, :, rows] = places.reshape(images.stop - images.start, -1, FN, OW).swapaxes(1, 2)

    run_blocks(work, _blocks(x, FN, window))
    return out


def weight_gradient(x: Array, dout: Array, window: Window) -> tuple[Array, Array]:
    """The gradients for the weight (FN, C/groups, FH, FW) and the bias (FN,)."""
    FN, C, OW = dout.shape[1], x.shape[1], window.out[1]
    K = C * window.kernel[0] * (OW + window.kernel[1] - 1)
    buffer = Buffer(x.dtype)

    def add(total: Array, images: slice, rows: slice) -> None:
        col = _row_columns(x[images], rows, window, buffer)
        total += col.T @ _row_places(dout[images, :, rows])  # (K, n*R) @ (n*R, FN*OW)

    total = sum_blocks(add, _blocks(x, FN, window), (K, FN * OW), x.dtype)
    dW = _diagonals(total, C, FN, window).sum(axis=4)  # over the places
    return dW.transpose(3, 0, 1, 2).copy(), sum_channels(dout)


def input_gradient(dout: Array, weight: Array, window: Window) -> Array:
    """The gradient for x, (N, C, H, W)."""
    (FN, C, FH, FW), (OH, OW) = weight.shape, window.out
    Wp = OW + FW - 1
    band = _band(weight, window)
    dx = np.empty((len(dout), C, *window.size), dout.dtype)

    def work(images: slice, _: slice) -> None:
        planes = zeros_with_padding((images.stop - images.start, C, *window.size), window.pads, dout.dtype)
        flat = planes.reshape(*planes.shape[:2], -1)  # so that the rows of a window follow one another
        for rows in cut(OH, max(1, BUDGET // (len(planes) * _row_bytes(C, FN, window, dout.dtype)))):
            dcol = _row_places(dout[images, :, rows]) @ band.T  # (n*R, FN*OW) @ (FN*OW, K)
            dcol = dcol.reshape(len(planes), -1, C, FH * Wp)
            for i in range(dcol.shape[1]):
                flat[:, :, (rows.start + i) * Wp : (rows.start + i + FH) * Wp] += dcol[:, i]
        dx[images] = remove_padding(planes, window.pads)

    run_blocks(work, split_into_blocks(len(dout), 1, OH * _row_bytes(C, FN, window, dout.dtype), BUDGET))
    return dx


def _band(weight: Array, window: Window) -> Array:
    """The band matrix (K, FN*OW): each filter once for every place in a row."""
    (FN, C, FH, FW), OW = weight.shape, window.out[1]
    band = np.zeros((C * FH * (OW + FW - 1), FN * OW), weight.dtype)
    _diagonals(band, C, FN, window)[...] = weight.transpose(1, 2, 3, 0)[..., None]
    return band


def _diagonals(band: Array, C: int, FN: int, window: Window) -> Array:
    """A view of the diagonals of the band matrix (K, FN*OW): (C, FH, FW, FN, OW)."""
    (FH, FW), OW = window.kernel, window.out[1]
    row, place = band.strides
    Wp = OW + FW - 1
    return as_strided(band, (C, FH, FW, FN, OW), (row * FH * Wp, row * Wp, row, place * OW, row + place))


def _blocks(x: Array, FN: int, window: Window) -> list[tuple[slice, slice]]:
    """Images and output rows whose columns and places fill a block."""
    return split_into_blocks(len(x), window.out[0], _row_bytes(x.shape[1], FN, window, x.dtype), BUDGET)


def _row_bytes(C: int, FN: int, window: Window, dtype: np.dtype[Any]) -> int:
    """The bytes of the pixels under one output row, and of its places."""
    OW = window.out[1]
    return (C * window.kernel[0] * (OW + window.kernel[1] - 1) + FN * OW) * dtype.itemsize


def _row_columns(x: Array, rows: slice, window: Window, buffer: Buffer) -> Array:
    """The pixels under each of the output rows of x (n, C, H, W): (n*R, K)."""
    planes = np.ascontiguousarray(padded_rows(x, window, rows))
    n, C, _, Wp = planes.shape
    image, channel, row, pixel = planes.strides
    shape = n, rows.stop - rows.start, C, window.kernel[0] * Wp
    col = buffer.array(*shape)
    col[...] = as_strided(planes, shape, (image, row, channel, pixel), writeable=False)
    return col.reshape(n * shape[1], C * shape[3])


def _row_places(dout: Array) -> Array:
    """(n, FN, R, OW) -> (n*R, FN*OW)"""
    n, FN, R, OW = dout.shape
    return dout.swapaxes(1, 2).reshape(n * R, FN * OW)
