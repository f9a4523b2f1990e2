"""For any convolution: each image's columns, (C*FH*FW) x (OH*OW), and one matrix product for a block of images.

The columns go into one buffer, which every block uses again, and the backward pass computes them again, so the memory
needed does not grow with the batch. Their order is such that the product has the output's layout: no transposition.
In shapes: G groups, Cg = C/G, Fg = FN/G, K = Cg*FH*FW, P = places of a block.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..checks import Array
from ..memory import Buffer, split_into_blocks
from ..patches import add_padding, add_windows, remove_padding, view_windows, zeros_with_padding
from ..shapes import Window


def supports(window: Window, dtype: np.dtype[Any]) -> bool:
    """Whether this algorithm can compute the convolution: always."""
    return True


def output(x: Array, weight: Array, bias: Array | None, window: Window) -> Array:
    """The convolution of x (N, C, H, W): (N, FN, OH, OW)."""
    N, FN = len(x), len(weight)
    out = np.empty((N, window.groups, FN // window.groups, window.out[0] * window.out[1]), x.dtype)
    rows_of_weight = weight.reshape(window.groups, FN // window.groups, -1)  # (G, Fg, K)
    if bias is not None:  # it is multiplied by the columns' row of ones
        rows_of_weight = np.concatenate([rows_of_weight, bias.reshape(window.groups, -1, 1)], axis=2)
    for images, places, col in _columns(x, window, with_ones=bias is not None):
        np.matmul(rows_of_weight, col, out=out[images, :, :, places])
    return out.reshape(N, FN, *window.out)  # (N, G, Fg, OH*OW) -> (N, FN, OH, OW)


def weight_gradient(x: Array, dout: Array, window: Window) -> tuple[Array, Array]:
    """The gradients for the weight (FN, C/groups, FH, FW) and the bias (FN,)."""
    (N, FN), (C, G) = dout.shape[:2], (x.shape[1], window.groups)
    d = dout.reshape(N, G, FN // G, window.out[0] * window.out[1]).swapaxes(2, 3)  # (N, G, OH*OW, Fg)
    total = np.zeros((G, C // G * window.kernel[0] * window.kernel[1] + 1, FN // G), x.dtype)
    for images, places, col in _columns(x, window, with_ones=True):
        total += (col @ d[images, :, places]).sum(axis=0)
    dW = total[:, :-1].swapaxes(1, 2).reshape(FN, C // G, *window.kernel)  # (G, Fg, K) -> (FN, Cg, FH, FW)
    return dW, total[:, -1].reshape(FN).copy()


def input_gradient(dout: Array, weight: Array, window: Window) -> Array:
    """The gradient for x, (N, C, H, W)."""
    N, FN, G, (OH, OW), SH = len(dout), len(weight), window.groups, window.out, window.stride[0]
    C = G * weight.shape[1]
    d = dout.reshape(N, G, FN // G, OH * OW)
    columns_of_weight = weight.reshape(G, FN // G, -1).swapaxes(1, 2)  # (G, K, Fg)
    product = np.multiply if FN == G else np.matmul  # sums of one number: matmul would call BLAS for every group
    dx = np.empty((N, C, *window.size), dout.dtype)
    size, buffer = C * window.kernel[0] * window.kernel[1], Buffer(dout.dtype)
    for images, parts in split_into_blocks(N, OH, size * OW * dout.itemsize):
        n = images.stop - images.start
        planes = zeros_with_padding((n, C, *window.size), window.pads, dout.dtype)
        for rows in parts:
            part = d[images, :, :, rows.start * OW : rows.stop * OW]
            dcol = product(columns_of_weight, part, out=buffer.array(n, G, size // G, part.shape[3]))
            patches = dcol.reshape(n, C, *window.kernel, -1, OW)  # (n, G, K, P) -> (n, C, FH, FW, rows, OW)
            add_windows(planes[:, :, rows.start * SH :], patches, window)
        dx[images] = remove_padding(planes, window.pads)
    return dx


def _columns(x: Array, window: Window, with_ones: bool) -> Iterator[tuple[slice, slice, Array]]:
    """Yield each block's images, its places and its columns (n, G, K, P); with_ones adds a last row of ones."""
    (N, C), (OH, OW), G = x.shape[:2], window.out, window.groups
    K = C // G * window.kernel[0] * window.kernel[1]
    buffer = Buffer(x.dtype)
    for images, parts in split_into_blocks(N, OH, G * (K + 1) * OW * x.itemsize):
        n = images.stop - images.start
        patches = view_windows(add_padding(x[images], window.pads), window)
        for rows in parts:
            some = patches[:, :, :, :, rows]
            some = some.reshape(n, G, C // G, *some.shape[2:])  # splits C, copies nothing
            col = buffer.array(n, G, K + with_ones, some.shape[5] * OW)
            col[:, :, :K].reshape(some.shape)[...] = some
            col[:, :, K:] = 1
            yield images, slice(rows.start * OW, rows.stop * OW), col
