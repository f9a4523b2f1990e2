"""1x1 windows at every place, no padding: the image is its own columns."""

import numpy as np

from ..checks import Array
from ..shapes import Geometry, Pair, blocks


def can(geo: Geometry, size: Pair) -> bool:
    return geo.kernel == (1, 1) and geo.pads == ((0, 0), (0, 0)) and geo.out == size


def output(x: Array, weight: Array, bias: Array | None, geo: Geometry) -> Array:
    N, FN, G = len(x), len(weight), geo.groups
    out = weight.reshape(G, FN // G, -1) @ _grouped(x, G)  # (G, Fg, Cg) @ (N, G, Cg, H*W)
    if bias is not None:
        out += bias.reshape(G, FN // G, 1)
    return out.reshape(N, FN, *geo.out)


def weight_gradient(x: Array, dout: Array, geo: Geometry) -> tuple[Array, Array]:
    (N, FN), (C, G) = dout.shape[:2], (x.shape[1], geo.groups)
    col, d = _grouped(x, G), _grouped(dout, G).swapaxes(2, 3)  # (N, G, Cg, H*W), (N, G, H*W, Fg)
    total = np.zeros((G, C // G, FN // G), x.dtype)
    for images, _ in blocks(N, 1, total.nbytes):  # a product for every image: so many fit
        total += (col[images] @ d[images]).sum(axis=0)
    return total.swapaxes(1, 2).reshape(FN, C // G, 1, 1), dout.sum(axis=(0, 2, 3))  # (G, Fg, Cg) -> (FN, Cg, 1, 1)


def input_gradient(dout: Array, weight: Array, shape: tuple[int, ...], geo: Geometry) -> Array:
    columns_of_weight = weight.reshape(geo.groups, len(weight) // geo.groups, -1).swapaxes(1, 2)  # (G, Cg, Fg)
    return (columns_of_weight @ _grouped(dout, geo.groups)).reshape(shape)


def _grouped(x: Array, groups: int) -> Array:
    """(N, C, H, W) -> (N, G, Cg, H*W)"""
    N, C, H, W = x.shape
    return x.reshape(N, groups, C // groups, H * W)
