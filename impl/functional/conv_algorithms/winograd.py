"""Short filters at stride 1: Winograd's minimal filtering over the height, columns and a matrix product over the rest.

m places from POINTS rows and FH filter rows cost POINTS products instead of m * FH: `minimal_filtering` has the
formula. The filters' rows, the image's tiles of POINTS rows (one every m) and at last the products go through it.
In shapes: a = POINTS, m = a + 1 - FH, T tiles of each of n images, Wp the padded width, P = n*T*Wp.
Rows keep the width Wp, so that planes moved by one column are one long copy; what stands right of OW is never read.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np

from ..checks import Array
from ..shapes import Buffer, Geometry, Pair, blocks

FINITE = (0.0, 1.0, -1.0, 0.5, -2.0)  # the points besides infinity: among small numbers those that amplify least
POINTS = len(FINITE) + 1
BUDGET = 5 << 20  # bytes of everything a block needs


@cache
def minimal_filtering(taps: int) -> tuple[Array, Array, Array]:
    """A (m, a), G (a, taps), B (a, a): A @ ((G @ w) * (B @ d)) are the m correlations of d (a,) with w (taps,).

    A product of polynomials is known from its values at a points; this is its transpose. Rounding errors grow to at
    most |A| @ (|G| @ |w| * |B| @ |d|), `amplification` times those of the plain sums for numbers of one size.
    Source: Winograd 1980; Lavin and Gray 2016, section 4.1.
    """
    m = POINTS + 1 - taps
    B = np.linalg.inv(_powers(POINTS)).T
    largest = np.abs(B).max(axis=1, keepdims=True)  # goes to G: B, which meets the image, has no number above 1
    return _powers(m).T, _powers(taps) * largest, B / largest


def amplification(taps: int) -> float:
    """How much larger than the sums of |w*d| what is added on the way can be: 12 to 8.5 for 2 to 5 taps."""
    A, G, B = (np.abs(matrix) for matrix in minimal_filtering(taps))
    return float((A @ (G.sum(axis=1) * B.sum(axis=1))).max()) / taps


def _powers(count: int) -> Array:
    """Powers 0 .. count - 1 of each point; of infinity the highest alone counts."""
    powers = np.vander((*FINITE, 0.0), count, increasing=True)
    powers[-1] = np.arange(count) == count - 1
    return powers


def can(geo: Geometry, size: Pair) -> bool:
    within = all(max(pad) < size for pad, size in zip(geo.pads, geo.kernel))  # or dout's padding would be negative
    return 2 <= geo.kernel[0] < POINTS and within and geo.stride == geo.dilation == (1, 1) and geo.groups == 1


def tile_bytes(geo: Geometry, C: int, FN: int, dtype: np.dtype[Any]) -> int:
    """What one row of tiles needs: d, V, M and Y below."""
    (FH, FW), OW = geo.kernel, geo.out[1]
    return (POINTS * C * (1 + FW) + POINTS * FN + (POINTS + 1 - FH) * FN) * (OW + FW - 1) * dtype.itemsize


def output(x: Array, weight: Array, bias: Array | None, geo: Geometry) -> Array:
    (FN, C, FH, FW), (OH, OW) = weight.shape, geo.out
    A, G, B = _typed(FH, x.dtype)
    m, products, places = len(A), Buffer(x.dtype), Buffer(x.dtype)
    U = (G @ weight.transpose(2, 0, 3, 1).reshape(FH, -1)).reshape(POINTS, FN, FW * C)
    out = np.empty((len(x), FN, OH, OW), x.dtype)
    for images, tiles, shape, V in _columns(x, B, FN, geo):
        M = np.matmul(U, V, out=products.shaped(POINTS, FN, V.shape[2]))  # (a, FN, FW*C) @ (a, FW*C, P)
        if bias is not None:
            M[1] += bias[:, None]  # the point 1: counts once in each of the m rows, as 1**i is 1
        Y = places.shaped(m, FN, *shape)
        np.matmul(A, M.reshape(POINTS, -1), out=Y.reshape(m, -1))  # (m, a) @ (a, FN*P)
        for i in range(m):
            rows = out[images, :, tiles.start * m + i : tiles.stop * m : m]
            rows[...] = Y[i, :, :, : rows.shape[2], :OW].swapaxes(0, 1)
    return out


def input_gradient(dout: Array, weight: Array, shape: tuple[int, ...], geo: Geometry) -> Array:
    """The output for dout of the filters turned by half a turn, padded to the size of the input."""
    turned = weight[:, :, ::-1, ::-1].swapaxes(0, 1)
    (top, bottom), (left, right) = ((size - 1 - a, size - 1 - b) for size, (a, b) in zip(geo.kernel, geo.pads))
    return output(dout, turned, None, geo._replace(pads=((top, bottom), (left, right)), out=(shape[2], shape[3])))


def weight_gradient(x: Array, dout: Array, geo: Geometry) -> tuple[Array, Array]:
    FN, C, (FH, FW) = dout.shape[1], x.shape[1], geo.kernel
    A, G, B = _typed(FH, x.dtype)
    m, products, places = len(A), Buffer(x.dtype), Buffer(x.dtype)
    dU = np.zeros((POINTS, FW * C, FN), x.dtype)
    for images, tiles, shape, V in _columns(x, B, FN, geo):
        Y = _tiled(dout[images], tiles.start * m, 0, places.shaped(m, FN, *shape), m)
        M = products.shaped(POINTS, FN, V.shape[2])
        np.matmul(A.T, Y.reshape(m, -1), out=M.reshape(POINTS, -1))  # (a, m) @ (m, FN*P)
        dU += V @ M.swapaxes(1, 2)  # (a, FW*C, P) @ (a, P, FN)
    dW = (G.T @ dU.reshape(POINTS, -1)).reshape(FH, FW, C, FN)  # (FH, a) @ (a, FW*C*FN)
    return dW.transpose(3, 2, 0, 1).copy(), dout.sum(axis=(0, 2, 3))


@cache
def _typed(taps: int, dtype: np.dtype[Any]) -> list[Array]:
    return [matrix.astype(dtype) for matrix in minimal_filtering(taps)]


def _columns(x: Array, B: Array, FN: int, geo: Geometry) -> Iterator[tuple[slice, slice, tuple[int, int, int], Array]]:
    """For each block: which images, which tiles, (n, T, Wp), and the transformed columns (a, FW*C, P)."""
    (N, C, _, W), FW, OH = x.shape, geo.kernel[1], geo.out[0]
    (top, _), (left, right) = geo.pads
    m, Wp = POINTS + 1 - geo.kernel[0], left + W + right
    tall, flat = Buffer(x.dtype), Buffer(x.dtype)
    for images, parts in blocks(N, -(-OH // m), tile_bytes(geo, C, FN, x.dtype), BUDGET):
        for tiles in parts:
            shape = n, T, _ = images.stop - images.start, tiles.stop - tiles.start, Wp
            d = _tiled(x[images], tiles.start * m - top, left, tall.shaped(POINTS, C, *shape), m)
            V = flat.shaped(POINTS, FW, C * n * T * Wp)
            np.matmul(B, d.reshape(POINTS, -1), out=V[:, 0])  # (a, a) @ (a, C*P)
            for j in range(1, FW):  # what comes round the end stands right of OW
                V[:, j, :-j] = V[:, 0, j:]
                V[:, j, -j:] = 0
            yield images, tiles, shape, V.reshape(POINTS, FW * C, n * T * Wp)


def _tiled(planes: Array, first: int, left: int, out: Array, m: int) -> Array:
    """out[i, c, n, t, left + w] = planes[n, c, first + t*m + i, w], and 0 where there is no such row or column."""
    T, W = out.shape[3], planes.shape[3]
    out[..., :left] = out[..., left + W :] = 0
    for i, rows in enumerate(out[..., left : left + W]):
        above = min(T, max(0, -((first + i) // m)))
        there = planes[:, :, max(0, first + i + above * m) :: m][:, :, : T - above].swapaxes(0, 1)
        rows[:, :, :above] = rows[:, :, above + there.shape[2] :] = 0
        rows[:, :, above : above + there.shape[2]] = there
    return out
