"""For narrow images at stride 1: whole rows as columns, and the filters as a band matrix over the width.

A column holds all pixels of the FH rows of a window, for every place in them; the matrix holds each filter once for
every place, and zeros. It takes Wp/FW times the products, but in one large multiplication instead of many small ones,
and the columns are copied by whole rows.
In shapes: Wp the padded width, K = C*FH*Wp, n images and R of their output rows a block.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from ..checks import Array
from ..memory import Buffer, split_into_blocks
from ..patches import add_padding, remove_padding, zeros_with_padding
from ..shapes import Window

BUDGET = 1 << 21  # bytes of rows at a time


def supports(window: Window, dtype: np.dtype[Any]) -> bool:
    """Whether this algorithm can compute the convolution: stride and dilation 1, one group."""
    return window.stride == window.dilation == (1, 1) and window.groups == 1


def matrix_bytes(window: Window, C: int, FN: int, dtype: np.dtype[Any]) -> int:
    """The size of the band matrix (K, FN*OW) in bytes."""
    return C * window.kernel[0] * (window.out[1] + window.kernel[1] - 1) * FN * window.out[1] * dtype.itemsize


def output(x: Array, weight: Array, bias: Array | None, window: Window) -> Array:
    """The convolution of x (N, C, H, W): (N, FN, OH, OW)."""
    N, FN, (OH, OW) = len(x), len(weight), window.out
    out = np.empty((N, FN, OH, OW), x.dtype)
    band = _band(weight, window)
    for images, rows, col in _row_columns(x, FN, window):
        places = col @ band  # (n*R, K) @ (K, FN*OW)
        if bias is not None:
            places += np.repeat(bias, OW)
        out[images, :, rows] = places.reshape(images.stop - images.start, -1, FN, OW).swapaxes(1, 2)
    return out


def weight_gradient(x: Array, dout: Array, window: Window) -> tuple[Array, Array]:
    """The gradients for the weight (FN, C/groups, FH, FW) and the bias (FN,)."""
    FN, C, OW = dout.shape[1], x.shape[1], window.out[1]
    K = C * window.kernel[0] * (OW + window.kernel[1] - 1)
    total = np.zeros((K, FN * OW), x.dtype)
    for images, rows, col in _row_columns(x, FN, window):
        total += col.T @ _row_places(dout[images, :, rows])  # (K, n*R) @ (n*R, FN*OW)
    dW = _diagonals(total, C, FN, window).sum(axis=4)  # over the places
    return dW.transpose(3, 0, 1, 2).copy(), dout.sum(axis=(0, 2, 3))


def input_gradient(dout: Array, weight: Array, window: Window) -> Array:
    """The gradient for x, (N, C, H, W)."""
    (FN, C, FH, FW), (OH, OW) = weight.shape, window.out
    Wp = OW + FW - 1
    band = _band(weight, window)
    dx = np.empty((len(dout), C, *window.size), dout.dtype)
    for images, parts in split_into_blocks(len(dout), OH, (C * FH * Wp + FN * OW) * dout.itemsize, BUDGET):
        planes = zeros_with_padding((images.stop - images.start, C, *window.size), window.pads, dout.dtype)
        flat = planes.reshape(*planes.shape[:2], -1)  # so that the rows of a window follow one another
        for rows in parts:
            dcol = _row_places(dout[images, :, rows]) @ band.T  # (n*R, FN*OW) @ (FN*OW, K)
            dcol = dcol.reshape(len(planes), -1, C, FH * Wp)
            for i in range(dcol.shape[1]):
                flat[:, :, (rows.start + i) * Wp : (rows.start + i + FH) * Wp] += dcol[:, i]
        dx[images] = remove_padding(planes, window.pads)
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


def _row_columns(x: Array, FN: int, window: Window) -> Iterator[tuple[slice, slice, Array]]:
    """Yield each block's images, its output rows, and the pixels under each row (n*R, K)."""
    (N, C), (FH, FW), (OH, OW) = x.shape[:2], window.kernel, window.out
    Wp = OW + FW - 1
    buffer = Buffer(x.dtype)
    for images, parts in split_into_blocks(N, OH, (C * FH * Wp + FN * OW) * x.itemsize, BUDGET):
        planes = np.ascontiguousarray(add_padding(x[images], window.pads))
        image, channel, row, pixel = planes.strides
        under = as_strided(planes, (len(planes), OH, C, FH * Wp), (image, row, channel, pixel), writeable=False)
        for rows in parts:
            some = under[:, rows]
            col = buffer.array(*some.shape)
            col[...] = some
            yield images, rows, col.reshape(-1, C * FH * Wp)


def _row_places(dout: Array) -> Array:
    """(n, FN, R, OW) -> (n*R, FN*OW)"""
    n, FN, R, OW = dout.shape
    return dout.swapaxes(1, 2).reshape(n * R, FN * OW)
