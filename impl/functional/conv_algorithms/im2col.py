"""Any convolution: the columns of a block of images, (C*FH*FW) x (OH*OW) for each, and one matrix product.

The columns go into one buffer, used again for every block and made again in the backward pass, so the memory needed
does not grow with the batch. They stand so that the product is the output's own layout: nothing is transposed.
In shapes: G groups, Cg = C/G, Fg = FN/G, K = Cg*FH*FW, P = places of a block.
"""

from collections.abc import Iterator

import numpy as np

from ..checks import Array
from ..patches import add_windows, padded, padded_zeros, unpadded, windows
from ..shapes import Buffer, Geometry, blocks


def output(x: Array, weight: Array, bias: Array | None, geo: Geometry) -> Array:
    N, FN = len(x), len(weight)
    out = np.empty((N, geo.groups, FN // geo.groups, geo.out[0] * geo.out[1]), x.dtype)
    rows_of_weight = weight.reshape(geo.groups, FN // geo.groups, -1)  # (G, Fg, K)
    if bias is not None:  # meets the columns' row of ones
        rows_of_weight = np.concatenate([rows_of_weight, bias.reshape(geo.groups, -1, 1)], axis=2)
    for images, places, col in _columns(x, geo, with_ones=bias is not None):
        np.matmul(rows_of_weight, col, out=out[images, :, :, places])
    return out.reshape(N, FN, *geo.out)  # (N, G, Fg, OH*OW) -> (N, FN, OH, OW)


def weight_gradient(x: Array, dout: Array, geo: Geometry) -> tuple[Array, Array]:
    (N, FN), (C, G) = dout.shape[:2], (x.shape[1], geo.groups)
    d = dout.reshape(N, G, FN // G, geo.out[0] * geo.out[1]).swapaxes(2, 3)  # (N, G, OH*OW, Fg)
    total = np.zeros((G, C // G * geo.kernel[0] * geo.kernel[1] + 1, FN // G), x.dtype)
    for images, places, col in _columns(x, geo, with_ones=True):
        total += (col @ d[images, :, places]).sum(axis=0)
    dW = total[:, :-1].swapaxes(1, 2).reshape(FN, C // G, *geo.kernel)  # (G, Fg, K) -> (FN, Cg, FH, FW)
    return dW, total[:, -1].reshape(FN).copy()


def input_gradient(dout: Array, weight: Array, shape: tuple[int, ...], geo: Geometry) -> Array:
    (N, C), FN, G, (OH, OW), (SH, _) = shape[:2], len(weight), geo.groups, geo.out, geo.stride
    d = dout.reshape(N, G, FN // G, OH * OW)
    columns_of_weight = weight.reshape(G, FN // G, -1).swapaxes(1, 2)  # (G, K, Fg)
    product = np.multiply if FN == G else np.matmul  # a sum of one: matmul would call BLAS for every group
    dx = np.empty(shape, dout.dtype)
    size, buffer = C * geo.kernel[0] * geo.kernel[1], Buffer(dout.dtype)
    for images, parts in blocks(N, OH, size * OW * dout.itemsize):
        n = images.stop - images.start
        planes = padded_zeros((n, C, *shape[2:]), geo.pads, dout.dtype)
        for rows in parts:
            part = d[images, :, :, rows.start * OW : rows.stop * OW]
            dcol = product(columns_of_weight, part, out=buffer.shaped(n, G, size // G, part.shape[3]))
            patches = dcol.reshape(n, C, *geo.kernel, -1, OW)  # (n, G, K, P) -> (n, C, FH, FW, rows, OW)
            add_windows(planes[:, :, rows.start * SH :], patches, geo.stride, geo.dilation)
        dx[images] = unpadded(planes, geo.pads)
    return dx


def _columns(x: Array, geo: Geometry, with_ones: bool) -> Iterator[tuple[slice, slice, Array]]:
    """For each block: which images, which places, and their columns (n, G, K, P), K + 1 with a last row of ones."""
    (N, C), (OH, OW), G = x.shape[:2], geo.out, geo.groups
    K = C // G * geo.kernel[0] * geo.kernel[1]
    buffer = Buffer(x.dtype)
    for images, parts in blocks(N, OH, G * (K + 1) * OW * x.itemsize):
        n = images.stop - images.start
        patches = windows(padded(x[images], geo.pads), geo.kernel, geo.stride, geo.dilation, geo.out)
        for rows in parts:
            some = patches[:, :, :, :, rows]
            some = some.reshape(n, G, C // G, *some.shape[2:])  # splits C, copies nothing
            col = buffer.shaped(n, G, K + with_ones, some.shape[5] * OW)
            col[:, :, :K].reshape(some.shape)[...] = some
            col[:, :, K:] = 1
            yield images, slice(rows.start * OW, rows.stop * OW), col
