"""Small outputs: the columns of several images side by side, so that one product is large enough to be quick.

Its rows then run over (images, places) and have to be put back in order, which pays where an image has few places.
In shapes: G groups, Cg = C/G, Fg = FN/G, K = Cg*FH*FW, P = OH*OW, n images of a block.
"""

from collections.abc import Iterator

import numpy as np

from ..checks import Array
from ..patches import add_windows, padded, padded_zeros, unpadded, windows
from ..shapes import Geometry, blocks

PLACES = 64  # measured: up to about so many places an image it is quicker than `direct`


def output(x: Array, weight: Array, bias: Array | None, geo: Geometry) -> Array:
    N, FN, G = len(x), len(weight), geo.groups
    out = np.empty((N, G, FN // G, geo.out[0] * geo.out[1]), x.dtype)
    for images in _some(x, FN, geo):
        product = weight.reshape(G, FN // G, -1) @ _columns(x[images], geo)  # (G, Fg, K) @ (G, K, n*P)
        out[images] = product.reshape(G, FN // G, -1, out.shape[3]).transpose(2, 0, 1, 3)  # (n, G, Fg, P)
    if bias is not None:
        out += bias.reshape(G, FN // G, 1)
    return out.reshape(N, FN, *geo.out)


def weight_gradient(x: Array, dout: Array, geo: Geometry) -> tuple[Array, Array]:
    FN, C, G = dout.shape[1], x.shape[1], geo.groups
    total = np.zeros((G, C // G * geo.kernel[0] * geo.kernel[1], FN // G), x.dtype)
    for images in _some(x, FN, geo):
        total += _columns(x[images], geo) @ _rows(dout[images], G).swapaxes(1, 2)  # (G, K, n*P) @ (G, n*P, Fg)
    dW = total.swapaxes(1, 2).reshape(FN, C // G, *geo.kernel)  # (G, Fg, K) -> (FN, Cg, FH, FW)
    return dW, dout.sum(axis=(0, 2, 3))


def input_gradient(dout: Array, weight: Array, shape: tuple[int, ...], geo: Geometry) -> Array:
    C, FN, G = shape[1], len(weight), geo.groups
    columns_of_weight = weight.reshape(G, FN // G, -1).swapaxes(1, 2)  # (G, K, Fg)
    dx = np.empty(shape, dout.dtype)
    for images in _some(dx, FN, geo):
        dcol = columns_of_weight @ _rows(dout[images], G)  # (G, K, Fg) @ (G, Fg, n*P)
        patches = dcol.reshape(C, *geo.kernel, -1, *geo.out).transpose(3, 0, 1, 2, 4, 5)  # (n, C, FH, FW, OH, OW)
        planes = padded_zeros((len(patches), C, *shape[2:]), geo.pads, dout.dtype)
        add_windows(planes, patches, geo.stride, geo.dilation)
        dx[images] = unpadded(planes, geo.pads)
    return dx


def _some(x: Array, filters: int, geo: Geometry) -> Iterator[slice]:
    """Slices of images whose columns, and products, come to 4 * BUDGET at most; one image is the least."""
    places = geo.out[0] * geo.out[1]
    image_bytes = max(x.shape[1] * geo.kernel[0] * geo.kernel[1], filters) * places * x.itemsize
    return (images for images, _ in blocks(len(x), 1, image_bytes // 4))


def _columns(x: Array, geo: Geometry) -> Array:
    """(G, K, n*P)"""
    patches = windows(padded(x, geo.pads), geo.kernel, geo.stride, geo.dilation, geo.out)
    return patches.transpose(1, 2, 3, 0, 4, 5).reshape(geo.groups, -1, len(x) * geo.out[0] * geo.out[1])


def _rows(dout: Array, groups: int) -> Array:
    """(n, FN, OH, OW) -> (G, Fg, n*P)"""
    n, FN, OH, OW = dout.shape
    return dout.swapaxes(0, 1).reshape(groups, FN // groups, n * OH * OW)
