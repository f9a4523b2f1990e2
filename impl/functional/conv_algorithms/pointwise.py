"""For 1x1 windows at every pixel, without padding: the image is its own columns.

In shapes: G groups, Cg = C/G, Fg = FN/G.
"""

from typing import Any

import numpy as np

from ..checks import Array
from ..memory import split_into_blocks
from ..shapes import Window


def supports(window: Window, dtype: np.dtype[Any]) -> bool:
    """Whether this algorithm can compute the convolution: a 1x1 window at every pixel."""
    return window.kernel == (1, 1) and window.pads == ((0, 0), (0, 0)) and window.out == window.size


def output(x: Array, weight: Array, bias: Array | None, window: Window) -> Array:
    """The convolution of x (N, C, H, W): (N, FN, OH, OW)."""
    N, FN, G = len(x), len(weight), window.groups
    out = weight.reshape(G, FN // G, -1) @ _grouped(x, G)  # (G, Fg, Cg) @ (N, G, Cg, H*W)
    if bias is not None:
        out += bias.reshape(G, FN // G, 1)
    return out.reshape(N, FN, *window.out)


def weight_gradient(x: Array, dout: Array, window: Window) -> tuple[Array, Array]:
    """The gradients for the weight (FN, C/groups, FH, FW) and the bias (FN,)."""
    (N, FN), (C, G) = dout.shape[:2], (x.shape[1], window.groups)
    col, d = _grouped(x, G), _grouped(dout, G).swapaxes(2, 3)  # (N, G, Cg, H*W), (N, G, H*W, Fg)
    total = np.zeros((G, C // G, FN // G), x.dtype)
    for images, _ in split_into_blocks(N, 1, total.nbytes):  # one product an image, as many as fit
        total += (col[images] @ d[images]).sum(axis=0)
    return total.swapaxes(1, 2).reshape(FN, C // G, 1, 1), dout.sum(axis=(0, 2, 3))  # (G, Fg, Cg) -> (FN, Cg, 1, 1)


def input_gradient(dout: Array, weight: Array, window: Window) -> Array:
    """The gradient for x, (N, C, H, W)."""
    G, Cg = window.groups, weight.shape[1]
    columns_of_weight = weight.reshape(G, len(weight) // G, Cg).swapaxes(1, 2)  # (G, Cg, Fg)
    return (columns_of_weight @ _grouped(dout, G)).reshape(len(dout), G * Cg, *window.size)


def _grouped(x: Array, groups: int) -> Array:
    """(N, C, H, W) -> (N, G, Cg, H*W)"""
    N, C, H, W = x.shape
    return x.reshape(N, groups, C // groups, H * W)
