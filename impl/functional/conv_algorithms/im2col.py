"""For any convolution: each image's columns, (C*FH*FW) x (OH*OW), and one matrix product for a block of images.

The columns go into one buffer, which every block of a thread uses again, and the backward pass computes them again, so
the memory needed does not grow with the batch. Their order is such that the product has the output's layout: no
transposition. In shapes: G groups, Cg = C/G, Fg = FN/G, K = Cg*FH*FW, P = places of a block.
"""

from typing import Any

import numpy as np

from ..checks import Array
from ..memory import BUDGET, Buffer, cut, split_into_blocks, sum_blocks
from ..patches import add_windows, padded_rows, remove_padding, view_windows, zeros_with_padding
from ..shapes import Window
from ..threads import run_blocks


def supports(window: Window, C: int, dtype: np.dtype[Any]) -> bool:
    """Whether this algorithm can compute the convolution: always."""
    return True


def output(x: Array, weight: Array, bias: Array | None, window: Window) -> Array:
    """The convolution of x (N, C, H, W): (N, FN, OH, OW)."""
    N, FN, OW = len(x), len(weight), window.out[1]
    out = np.empty((N, window.groups, FN // window.groups, window.out[0] * OW), x.dtype)
    rows_of_weight = weight.reshape(window.groups, FN // window.groups, -1)  # (G, Fg, K)
    if bias is not None:  # it is multiplied by the columns' row of ones
        rows_of_weight = np.concatenate([rows_of_weight, bias.reshape(window.groups, -1, 1)], axis=2)
    buffer = Buffer(x.dtype)

    def work(images: slice, rows: slice) -> None:
        col = _columns(x[images], window, rows, buffer, with_ones=bias is not None)
        np.matmul(rows_of_weight, col, out=out[images, :, :, rows.start * OW : rows.stop * OW])

    run_blocks(work, _blocks(x, window))
    return out.reshape(N, FN, *window.out)  # (N, G, Fg, OH*OW) -> (N, FN, OH, OW)


def weight_gradient(x: Array, dout: Array, window: Window) -> tuple[Array, Array]:
    """The gradients for the weight (FN, C/groups, FH, FW) and the bias (FN,)."""
    (N, FN), (C, G), OW = dout.shape[:2], (x.shape[1], window.groups), window.out[1]
    d = dout.reshape(N, G, FN // G, window.out[0] * OW).swapaxes(2, 3)  # (N, G, OH*OW, Fg)
    buffer, shape = Buffer(x.dtype), (G, C // G * window.kernel[0] * window.kernel[1] + 1, FN // G)

    def add(total: Array, images: slice, rows: slice) -> None:
        col = _columns(x[images], window, rows, buffer, with_ones=True)
        total += (col @ d[images, :, rows.start * OW : rows.stop * OW]).sum(axis=0)

    total = sum_blocks(add, _blocks(x, window), shape, x.dtype)
    dW = total[:, :-1].swapaxes(1, 2).reshape(FN, C // G, *window.kernel)  # (G, Fg, K) -> (FN, Cg, FH, FW)
    return dW, total[:, -1].reshape(FN).copy()


def input_gradient(dout: Array, weight: Array, window: Window) -> Array:
    """The gradient for x, (N, C, H, W)."""
    N, FN, G, P = len(dout), len(weight), window.groups, window.out[0] * window.out[1]
    C, taps = G * weight.shape[1], window.kernel[0] * window.kernel[1]
    d = dout.reshape(N, G, FN // G, P)
    columns_of_weight = weight.reshape(G, FN // G, -1).swapaxes(1, 2)  # (G, K, Fg)
    dx, buffer = np.empty((N, C, *window.size), dout.dtype), Buffer(dout.dtype)
    unit = 1 if G == 1 else C // G  # blocks are of some channels, or of all channels of some groups

    def work(images: slice, units: slice) -> None:
        channels = slice(units.start * unit, units.stop * unit)
        if G == 1:
            dx[images, channels] = _scattered(
                d[images], columns_of_weight[:, channels.start * taps : channels.stop * taps], window, buffer
            )
        else:
            dx[images, channels] = _scattered(d[images, units], columns_of_weight[units], window, buffer)

    run_blocks(work, split_into_blocks(N, C // unit, unit * taps * P * dout.itemsize))
    return dx


def _scattered(d: Array, columns_of_weight: Array, window: Window, buffer: Buffer) -> Array:
    """The gradient (n, c, H, W) of d (n, g, Fg, OH*OW) for the channels whose weights (g, k, Fg) are given."""
    (n, g, Fg), k, (OH, OW) = d.shape[:3], columns_of_weight.shape[1], window.out
    product = np.multiply if Fg == 1 else np.matmul  # sums of one number: matmul would call BLAS for every group
    channels = g * k // (window.kernel[0] * window.kernel[1])
    planes = zeros_with_padding((n, channels, *window.size), window.pads, d.dtype)
    for rows in cut(OH, max(1, BUDGET // (n * g * k * OW * d.itemsize))):
        part = d[..., rows.start * OW : rows.stop * OW]
        dcol = product(columns_of_weight, part, out=buffer.array(n, g, k, part.shape[3]))
        patches = dcol.reshape(n, channels, *window.kernel, -1, OW)  # (n, g, k, P) -> (n, c, FH, FW, rows, OW)
        add_windows(planes[:, :, rows.start * window.stride[0] :], patches, window)
    return remove_padding(planes, window.pads)


def _blocks(x: Array, window: Window) -> list[tuple[slice, slice]]:
    """Images and output rows whose columns fill a block."""
    row_bytes = (x.shape[1] * window.kernel[0] * window.kernel[1] + window.groups) * window.out[1] * x.itemsize
    return split_into_blocks(len(x), window.out[0], row_bytes)


def _columns(x: Array, window: Window, rows: slice, buffer: Buffer, with_ones: bool) -> Array:
    """The columns of some output rows of x (n, C, H, W): (n, G, K, P); with_ones adds a last row of ones."""
    (n, C), OW, G = x.shape[:2], window.out[1], window.groups
    K = C // G * window.kernel[0] * window.kernel[1]
    some = view_windows(padded_rows(x, window, rows), window._replace(out=(rows.stop - rows.start, OW)))
    some = some.reshape(n, G, C // G, *some.shape[2:])  # splits C, copies nothing
    col = buffer.array(n, G, K + with_ones, some.shape[5] * OW)
    col[:, :, :K].reshape(some.shape)[...] = some
    if with_ones:
        col[:, :, K] = 1
    return col
