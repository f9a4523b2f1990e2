"""For small outputs: the columns of several images side by side, so that one product is large enough to be quick.

The product's columns run over (images, places) and must be put back in order, which pays if an image has few places.
In shapes: G groups, Cg = C/G, Fg = FN/G, K = Cg*FH*FW, P = OH*OW, n images of a block.
"""

from typing import Any

import numpy as np

from ..checks import Array
from ..memory import split_into_blocks, sum_blocks, sum_channels
from ..patches import add_padding, add_windows, remove_padding, view_windows, zeros_with_padding
from ..shapes import Window
from ..threads import run_blocks

PLACES = 64  # measured: with at most about so many places an image it is quicker than im2col


def supports(window: Window, C: int, dtype: np.dtype[Any]) -> bool:
    """Whether this algorithm can compute the convolution: always."""
    return True


def output(x: Array, weight: Array, bias: Array | None, window: Window) -> Array:
    """The convolution of x (N, C, H, W): (N, FN, OH, OW)."""
    N, FN, G = len(x), len(weight), window.groups
    out = np.empty((N, G, FN // G, window.out[0] * window.out[1]), x.dtype)

    def work(images: slice) -> None:
        product = weight.reshape(G, FN // G, -1) @ _columns(x[images], window)  # (G, Fg, K) @ (G, K, n*P)
        if bias is not None:
            product += bias.reshape(G, FN // G, 1)
        out[images] = product.reshape(G, FN // G, -1, out.shape[3]).transpose(2, 0, 1, 3)  # (n, G, Fg, P)

    run_blocks(work, _blocks(x, FN, window))
    return out.reshape(N, FN, *window.out)


def weight_gradient(x: Array, dout: Array, window: Window) -> tuple[Array, Array]:
    """The gradients for the weight (FN, C/groups, FH, FW) and the bias (FN,)."""
    FN, C, G = dout.shape[1], x.shape[1], window.groups

    def add(total: Array, images: slice) -> None:
        total += _columns(x[images], window) @ _rows(dout[images], G).swapaxes(1, 2)  # (G, K, n*P) @ (G, n*P, Fg)

    shape = G, C // G * window.kernel[0] * window.kernel[1], FN // G
    total = sum_blocks(add, _blocks(x, FN, window), shape, x.dtype)
    dW = total.swapaxes(1, 2).reshape(FN, C // G, *window.kernel)  # (G, Fg, K) -> (FN, Cg, FH, FW)
    return dW, sum_channels(dout)


def input_gradient(dout: Array, weight: Array, window: Window) -> Array:
    """The gradient for x, (N, C, H, W)."""
    N, FN, G = len(dout), len(weight), window.groups
    C = G * weight.shape[1]
    columns_of_weight = weight.reshape(G, FN // G, -1).swapaxes(1, 2)  # (G, K, Fg)
    dx = np.empty((N, C, *window.size), dout.dtype)

    def work(images: slice) -> None:
        dcol = columns_of_weight @ _rows(dout[images], G)  # (G, K, Fg) @ (G, Fg, n*P)
        patches = dcol.reshape(C, *window.kernel, -1, *window.out).transpose(3, 0, 1, 2, 4, 5)  # (n, C, FH, FW, OH, OW)
        planes = zeros_with_padding((len(patches), C, *window.size), window.pads, dout.dtype)
        add_windows(planes, patches, window)
        dx[images] = remove_padding(planes, window.pads)

    run_blocks(work, _blocks(dx, FN, window))
    return dx


def _blocks(x: Array, filters: int, window: Window) -> list[tuple[slice]]:
    """Slices of images whose columns and products fill at most 4 * BUDGET bytes, or of one image."""
    places = window.out[0] * window.out[1]
    image_bytes = max(x.shape[1] * window.kernel[0] * window.kernel[1], filters) * places * x.itemsize
    return [(images,) for images, _ in split_into_blocks(len(x), 1, image_bytes // 4)]


def _columns(x: Array, window: Window) -> Array:
    """(G, K, n*P)"""
    patches = view_windows(add_padding(x, window.pads), window)
    return patches.transpose(1, 2, 3, 0, 4, 5).reshape(window.groups, -1, len(x) * window.out[0] * window.out[1])


def _rows(dout: Array, groups: int) -> Array:
    """(n, FN, OH, OW) -> (G, Fg, n*P)"""
    n, FN, OH, OW = dout.shape
    return dout.swapaxes(0, 1).reshape(groups, FN // groups, n * OH * OW)
