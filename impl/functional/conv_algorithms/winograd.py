"""For short filters at stride 1: Winograd's minimal filtering over the height, a matrix product over the rest.

To compute m places from POINTS rows and FH filter rows costs POINTS products instead of m * FH. `minimal_filtering`
gives three matrices: one for the filters' rows, one for the image's tiles of POINTS rows (one every m rows), and one
for the products. In shapes: a = POINTS, m = a + 1 - FH, T tiles of each of n images, Wp the padded width, P = n*T*Wp.
Rows keep the width Wp, so that to move planes by one column is one long copy; the numbers right of OW are never read.
"""

from functools import cache
from typing import Any

import numpy as np

from ..checks import Array
from ..memory import Buffer, split_into_blocks, sum_blocks, sum_channels
from ..shapes import Window
from ..threads import run_blocks

FINITE = (0.0, 1.0, -1.0, 0.5, -2.0)  # the points besides infinity: among small numbers those that amplify least
POINTS = len(FINITE) + 1
BUDGET = 5 << 20  # bytes of a block's workspace


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
    """How much larger than the sums of |w*d| the intermediate sums can be: 12 to 8.5 for 2 to 5 taps."""
    A, G, B = (np.abs(matrix) for matrix in minimal_filtering(taps))
    return float((A @ (G.sum(axis=1) * B.sum(axis=1))).max()) / taps


def _powers(count: int) -> Array:
    """Powers 0 .. count - 1 of each point; of infinity only the highest power counts."""
    powers = np.vander((*FINITE, 0.0), count, increasing=True)
    powers[-1] = np.arange(count) == count - 1
    return powers


def supports(window: Window, C: int, dtype: np.dtype[Any]) -> bool:
    """Whether this algorithm can compute the convolution: floats, 2 to 5 filter rows, stride 1, one group."""
    # a filter larger than the pads, or dout's padding would be negative in input_gradient
    larger = all(max(pad) < size for pad, size in zip(window.pads, window.kernel))
    dense = window.stride == window.dilation == (1, 1) and window.groups == 1
    return dtype.kind == "f" and 2 <= window.kernel[0] < POINTS and larger and dense


def tile_bytes(window: Window, C: int, FN: int, dtype: np.dtype[Any]) -> int:
    """Bytes of workspace for one row of tiles (d, V, M and Y below)."""
    (FH, FW), OW = window.kernel, window.out[1]
    return (POINTS * C * (1 + FW) + POINTS * FN + (POINTS + 1 - FH) * FN) * (OW + FW - 1) * dtype.itemsize


def output(x: Array, weight: Array, bias: Array | None, window: Window) -> Array:
    """The convolution of x (N, C, H, W): (N, FN, OH, OW)."""
    (FN, C, FH, FW), (OH, OW) = weight.shape, window.out
    A, G, B = _typed(FH, x.dtype)
    m, spaces = len(A), [Buffer(x.dtype) for _ in range(4)]
    U = (G @ weight.transpose(2, 0, 3, 1).reshape(FH, -1)).reshape(POINTS, FN, FW * C)
    out = np.empty((len(x), FN, OH, OW), x.dtype)

    def work(images: slice, tiles: slice) -> None:
        shape, V = _columns(x[images], tiles, B, window, spaces)
        M = np.matmul(U, V, out=spaces[2].array(POINTS, FN, V.shape[2]))  # (a, FN, FW*C) @ (a, FW*C, P)
        if bias is not None:
            M[1] += bias[:, None]  # at the point 1, which counts once in each of the m rows, as 1**i is 1
        Y = spaces[3].array(m, FN, *shape)
        np.matmul(A, M.reshape(POINTS, -1), out=Y.reshape(m, -1))  # (m, a) @ (a, FN*P)
        for i in range(m):
            rows = out[images, :, tiles.start * m + i : tiles.stop * m : m]
            rows[...] = Y[i, :, :, : rows.shape[2], :OW].swapaxes(0, 1)

    run_blocks(work, _blocks(x, FN, window))
    return out


def input_gradient(dout: Array, weight: Array, window: Window) -> Array:
    """The gradient for x, (N, C, H, W): a convolution of the padded dout with the filters turned by 180 degrees."""
    turned = weight[:, :, ::-1, ::-1].swapaxes(0, 1)
    (top, bottom), (left, right) = ((size - 1 - a, size - 1 - b) for size, (a, b) in zip(window.kernel, window.pads))
    pads = (top, bottom), (left, right)
    return output(dout, turned, None, window._replace(size=window.out, pads=pads, out=window.size))


def weight_gradient(x: Array, dout: Array, window: Window) -> tuple[Array, Array]:
    """The gradients for the weight (FN, C/groups, FH, FW) and the bias (FN,)."""
    FN, C, (FH, FW) = dout.shape[1], x.shape[1], window.kernel
    A, G, B = _typed(FH, x.dtype)
    m, spaces = len(A), [Buffer(x.dtype) for _ in range(4)]

    def add(dU: Array, images: slice, tiles: slice) -> None:
        shape, V = _columns(x[images], tiles, B, window, spaces)
        Y = _tiled(dout[images], tiles.start * m, 0, spaces[3].array(m, FN, *shape), m)
        M = spaces[2].array(POINTS, FN, V.shape[2])
        np.matmul(A.T, Y.reshape(m, -1), out=M.reshape(POINTS, -1))  # (a, m) @ (m, FN*P)
        dU += V @ M.swapaxes(1, 2)  # (a, FW*C, P) @ (a, P, FN)

    dU = sum_blocks(add, _blocks(x, FN, window), (POINTS, FW * C, FN), x.dtype)
    dW = (G.T @ dU.reshape(POINTS, -1)).reshape(FH, FW, C, FN)  # (FH, a) @ (a, FW*C*FN)
    return dW.transpose(3, 2, 0, 1).copy(), sum_channels(dout)


@cache
def _typed(taps: int, dtype: np.dtype[Any]) -> list[Array]:
    return [matrix.astype(dtype) for matrix in minimal_filtering(taps)]


def _blocks(x: Array, FN: int, window: Window) -> list[tuple[slice, slice]]:
    """Images and rows of tiles whose workspace fills a block."""
    tiles = -(-window.out[0] // (POINTS + 1 - window.kernel[0]))
    return split_into_blocks(len(x), tiles, tile_bytes(window, x.shape[1], FN, x.dtype), BUDGET)


def _columns(
    x: Array, tiles: slice, B: Array, window: Window, spaces: list[Buffer]
) -> tuple[tuple[int, int, int], Array]:
    """(n, T, Wp), and the transformed columns (a, FW*C, P) of some rows of tiles of x (n, C, H, W)."""
    (n, C, _, W), FW, (top, _), (left, right) = x.shape, window.kernel[1], *window.pads
    m, shape = POINTS + 1 - window.kernel[0], (n, tiles.stop - tiles.start, left + W + right)
    d = _tiled(x, tiles.start * m - top, left, spaces[0].array(POINTS, C, *shape), m)
    V = spaces[1].array(POINTS, FW, d[0].size)
    np.matmul(B, d.reshape(POINTS, -1), out=V[:, 0])  # (a, a) @ (a, C*P)
    for j in range(1, FW):  # what comes from the next row stands right of OW
        V[:, j, :-j] = V[:, 0, j:]
        V[:, j, -j:] = 0
    return shape, V.reshape(POINTS, FW * C, -1)


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
