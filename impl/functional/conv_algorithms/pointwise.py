"""For 1x1 windows at every pixel, without padding: the image is its own columns.

In shapes: G groups, Cg = C/G, Fg = FN/G.
"""

from typing import Any

import numpy as np

from ..checks import Array
from ..memory import split_into_blocks, sum_blocks, sum_channels
from ..shapes import Window
from ..threads import run_blocks


def supports(window: Window, C: int, dtype: np.dtype[Any]) -> bool:
    """Whether this algorithm can compute the convolution: a 1x1 window at every pixel."""
    return window.kernel == (1, 1) and window.pads == ((0, 0), (0, 0)) and window.out == window.size


def output(x: Array, weight: Array, bias: Array | None, window: Window) -> Array:
    """The convolution of x (N, C, H, W): (N, FN, OH, OW)."""
    G = window.groups
    out = _products(weight.reshape(G, len(weight) // G, -1), _grouped(x, G), bias)  # (G, Fg, Cg) @ (N, G, Cg, H*W)
    return out.reshape(len(x), len(weight), *window.out)


def weight_gradient(x: Array, dout: Array, window: Window) -> tuple[Array, Array]:
    """The gradients for the weight (FN, C/groups, FH, FW) and the bias (FN,)."""
    (N, FN), (C, G) = dout.shape[:2], (x.shape[1], window.groups)
    col, d = _grouped(x, G), _grouped(dout, G).swapaxes(2, 3)  # (N, G, Cg, H*W), (N, G, H*W, Fg)

    def add(total: Array, images: slice, places: slice) -> None:
        total += (col[images, :, :, places] @ d[images, :, places]).sum(axis=0)

    shape = G, C // G, FN // G
    total = sum_blocks(add, split_into_blocks(N, col.shape[3], (C + FN) * x.itemsize), shape, x.dtype)
    return total.swapaxes(1, 2).reshape(FN, C // G, 1, 1), sum_channels(dout)  # (G, Fg, Cg) -> (FN, Cg, 1, 1)


def input_gradient(dout: Array, weight: Array, window: Window) -> Array:
    """The gradient for x, (N, C, H, W)."""
    G, Cg = window.groups, weight.shape[1]
    columns_of_weight = weight.reshape(G, len(weight) // G, Cg).swapaxes(1, 2)  # (G, Cg, Fg)
    return _products(columns_of_weight, _grouped(dout, G), None).reshape(len(dout), G * Cg, *window.size)


def _products(weight: Array, images: Array, bias: Array | None) -> Array:
    """weight (G, Fg, Cg) @ images (N, G, Cg, H*W) + bias (G*Fg,): (N, G, Fg, H*W)."""
    (N, G, Cg, P), Fg = images.shape, weight.shape[1]
    out = np.empty((N, G, Fg, P), images.dtype)

    def work(some: slice, places: slice) -> None:
        product = np.matmul(weight, images[some, :, :, places], out=out[some, :, :, places])
        if bias is not None:
            product += bias.reshape(G, Fg, 1)

    run_blocks(work, split_into_blocks(N, P, G * (Cg + Fg) * images.itemsize))
    return out


def _grouped(x: Array, groups: int) -> Array:
    """(N, C, H, W) -> (N, G, Cg, H*W)"""
    N, C, H, W = x.shape
    return x.reshape(N, groups, C // groups, H * W)
