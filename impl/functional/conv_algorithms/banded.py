"""Narrow images at stride 1: whole rows as columns, the filters as a band matrix over the width.

A column is all pixels of the FH rows of a window, whatever its place in them; the matrix holds each filter once for
every place, beside zeros. That is Wp/FW times the products, in one large multiplication instead of many small ones, and
columns copied by whole rows. In shapes: Wp the padded width, K = C*FH*Wp, n images and R of their output rows a block.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from ..checks import Array
from ..patches import padded, padded_zeros, unpadded
from ..shapes import Buffer, Geometry, Pair, blocks

BUDGET = 1 << 21  # bytes of rows at a time


def can(geo: Geometry, size: Pair) -> bool:
    return geo.stride == geo.dilation == (1, 1) and geo.groups == 1


def matrix_bytes(geo: Geometry, C: int, FN: int, dtype: np.dtype[Any]) -> int:
    return C * geo.kernel[0] * (geo.out[1] + geo.kernel[1] - 1) * FN * geo.out[1] * dtype.itemsize


def output(x: Array, weight: Array, bias: Array | None, geo: Geometry) -> Array:
    N, FN, (OH, OW) = len(x), len(weight), geo.out
    out = np.empty((N, FN, OH, OW), x.dtype)
    band = _band(weight, geo)
    for images, rows, col in _row_columns(x, FN, geo):
        places = col @ band  # (n*R, K) @ (K, FN*OW)
        if bias is not None:
            places += np.repeat(bias, OW)
        out[images, :, rows] = places.reshape(images.stop - images.start, -1, FN, OW).swapaxes(1, 2)
    return out


def weight_gradient(x: Array, dout: Array, geo: Geometry) -> tuple[Array, Array]:
    FN, C, OW = dout.shape[1], x.shape[1], geo.out[1]
    K = C * geo.kernel[0] * (OW + geo.kernel[1] - 1)
    total = np.zeros((K, FN * OW), x.dtype)
    for images, rows, col in _row_columns(x, FN, geo):
        total += col.T @ _row_places(dout[images, :, rows])  # (K, n*R) @ (n*R, FN*OW)
    dW = _diagonals(total, C, FN, geo).sum(axis=4)  # over the places
    return dW.transpose(3, 0, 1, 2).copy(), dout.sum(axis=(0, 2, 3))


def input_gradient(dout: Array, weight: Array, shape: tuple[int, ...], geo: Geometry) -> Array:
    (FN, C, FH, FW), (OH, OW) = weight.shape, geo.out
    Wp = OW + FW - 1
    band = _band(weight, geo)
    dx = np.empty(shape, dout.dtype)
    for images, parts in blocks(len(dout), OH, (C * FH * Wp + FN * OW) * dout.itemsize, BUDGET):
        planes = padded_zeros((images.stop - images.start, C, *shape[2:]), geo.pads, dout.dtype)
        flat = planes.reshape(*planes.shape[:2], -1)  # a window's rows follow one another
        for rows in parts:
            dcol = _row_places(dout[images, :, rows]) @ band.T  # (n*R, FN*OW) @ (FN*OW, K)
            dcol = dcol.reshape(len(planes), -1, C, FH * Wp)
            for i in range(dcol.shape[1]):
                flat[:, :, (rows.start + i) * Wp : (rows.start + i + FH) * Wp] += dcol[:, i]
        dx[images] = unpadded(planes, geo.pads)
    return dx


def _band(weight: Array, geo: Geometry) -> Array:
    """(K, FN*OW): each filter as often as there are places in a row."""
    (FN, C, FH, FW), OW = weight.shape, geo.out[1]
    band = np.zeros((C * FH * (OW + FW - 1), FN * OW), weight.dtype)
    _diagonals(band, C, FN, geo)[...] = weight.transpose(1, 2, 3, 0)[..., None]
    return band


def _diagonals(band: Array, C: int, FN: int, geo: Geometry) -> Array:
    """A view of the band (K, FN*OW), its diagonals alone: (C, FH, FW, FN, OW)."""
    (FH, FW), OW = geo.kernel, geo.out[1]
    row, place = band.strides
    Wp = OW + FW - 1
    return as_strided(band, (C, FH, FW, FN, OW), (row * FH * Wp, row * Wp, row, place * OW, row + place))


def _row_columns(x: Array, FN: int, geo: Geometry) -> Iterator[tuple[slice, slice, Array]]:
    """For each block: which images, which output rows, and the pixels under each (n*R, K)."""
    (N, C), (FH, FW), (OH, OW) = x.shape[:2], geo.kernel, geo.out
    Wp = OW + FW - 1
    buffer = Buffer(x.dtype)
    for images, parts in blocks(N, OH, (C * FH * Wp + FN * OW) * x.itemsize, BUDGET):
        planes = np.ascontiguousarray(padded(x[images], geo.pads))
        image, channel, row, pixel = planes.strides
        under = as_strided(planes, (len(planes), OH, C, FH * Wp), (image, row, channel, pixel), writeable=False)
        for rows in parts:
            some = under[:, rows]
            col = buffer.shaped(*some.shape)
            col[...] = some
            yield images, rows, col.reshape(-1, C * FH * Wp)


def _row_places(dout: Array) -> Array:
    """(n, FN, R, OW) -> (n*R, FN*OW)"""
    n, FN, R, OW = dout.shape
    return dout.swapaxes(1, 2).reshape(n * R, FN * OW)
