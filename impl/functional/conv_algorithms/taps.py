"""For few filters to a channel of its own (depthwise): the plane, moved by each tap, times the tap's number.

A plane is stored with its padding, row after row, so that moved by a tap it is one long run of numbers, and few passes
over what is in the cache do the whole work. What a run has between its rows is not used, or multiplied by 0.
With a stride the pixels are sorted into phases first, every SH-th row and SW-th column; a tap then moves one phase.
In shapes: M = FN/C filters to a channel, c channels of n images in a block, Hq x Wq a phase, L = (OH-1)*Wq + OW.
"""

from typing import Any

import numpy as np

from ..checks import Array
from ..memory import Buffer, split_into_blocks, sum_blocks, sum_channels
from ..shapes import Pair, Window
from ..threads import run_blocks

BUDGET = 1 << 19  # bytes of phases at a time, measured; two more arrays like them are in use
MOST_FILTERS = 4  # to a channel; with more, im2col's products have enough rows to be quick


def supports(window: Window, C: int, dtype: np.dtype[Any]) -> bool:
    """Whether this algorithm can compute the convolution of every channel by itself: floats."""
    return dtype.kind == "f" and window.groups == C


def output(x: Array, weight: Array, bias: Array | None, window: Window) -> Array:
    """The convolution of x (N, C, H, W): (N, FN, OH, OW)."""
    (N, C), FN = x.shape[:2], len(weight)
    filters, out = weight.reshape(C, -1, *window.kernel), np.empty((N, C, FN // C, *window.out), x.dtype)
    spaces = [Buffer(x.dtype) for _ in range(3)]

    def work(images: slice, channels: slice) -> None:
        runs = _runs(_sorted(x[images, channels], window, spaces[0]), window)
        (planes, total), (_, product) = (_places(runs[0].shape[:2], window, space) for space in spaces[1:])
        for m in range(FN // C):
            numbers = filters[channels, m].reshape(-1, len(runs), 1)  # (c, FH*FW, 1)
            np.multiply(runs[0], numbers[:, 0], out=total)
            for tap, run in enumerate(runs[1:], 1):
                total += np.multiply(run, numbers[:, tap], out=product)
            if bias is not None:
                total += bias.reshape(C, -1, 1)[channels, m]
            out[images, channels, m] = planes[..., : window.out[1]]

    run_blocks(work, _blocks(N, C, window, x.dtype))
    return out.reshape(N, FN, *window.out)


def weight_gradient(x: Array, dout: Array, window: Window) -> tuple[Array, Array]:
    """The gradients for the weight (FN, 1, FH, FW) and the bias (FN,)."""
    (N, C), FN = x.shape[:2], dout.shape[1]
    d, spaces = dout.reshape(N, C, -1, *window.out), [Buffer(x.dtype) for _ in range(2)]

    def add(total: Array, images: slice, channels: slice) -> None:
        runs = _runs(_sorted(x[images, channels], window, spaces[0]), window)
        for m in range(FN // C):
            upstream = _with_zeros(d[images, channels, m], window, spaces[1])
            for tap, run in enumerate(runs):
                total[channels, m, tap] += np.vecdot(run, upstream).sum(axis=0)  # (n, c, L), (n, c, L) -> (c,)

    shape = C, FN // C, window.kernel[0] * window.kernel[1]
    total = sum_blocks(add, _blocks(N, C, window, x.dtype), shape, x.dtype)
    return total.reshape(FN, 1, *window.kernel), sum_channels(dout)


def input_gradient(dout: Array, weight: Array, window: Window) -> Array:
    """The gradient for x, (N, C, H, W)."""
    N, FN, C = len(dout), len(weight), window.groups
    d, filters = dout.reshape(N, C, -1, *window.out), weight.reshape(C, -1, *window.kernel)
    dx, spaces = np.empty((N, C, *window.size), dout.dtype), [Buffer(dout.dtype) for _ in range(3)]

    def work(images: slice, channels: slice) -> None:
        some = dx[images, channels]
        phases = spaces[0].array(*some.shape[:2], *window.stride, *_phase_size(window))
        phases[...] = 0
        runs = _runs(phases, window)
        _, product = _places(some.shape[:2], window, spaces[1])
        for m in range(FN // C):
            upstream = _with_zeros(d[images, channels, m], window, spaces[2])
            numbers = filters[channels, m].reshape(-1, len(runs), 1)  # (c, FH*FW, 1)
            for tap, run in enumerate(runs):
                run += np.multiply(upstream, numbers[:, tap], out=product)
        _sort_back(phases, some, window)

    run_blocks(work, _blocks(N, C, window, dout.dtype))
    return dx


def _blocks(N: int, C: int, window: Window, dtype: np.dtype[Any]) -> list[tuple[slice, slice]]:
    """Images and channels whose phases fill a block."""
    Hq, Wq = _phase_size(window)
    return split_into_blocks(N, C, window.stride[0] * window.stride[1] * Hq * Wq * dtype.itemsize, BUDGET)


def _phase_size(window: Window) -> Pair:
    """Hq, Wq: as many rows and columns of a phase as the places and the moves by taps take."""
    Hq, Wq = (
        out + (kernel - 1) * dilation // stride
        for out, kernel, dilation, stride in zip(window.out, window.kernel, window.dilation, window.stride)
    )
    return Hq, Wq


def _pixels(axis: int, phase: int, window: Window) -> tuple[slice, slice]:
    """Along one axis: the pixels of x that belong to a phase, and their places in it."""
    stride, size, pad = window.stride[axis], window.size[axis], window.pads[axis][0]
    first = (phase - pad) % stride
    place = (first + pad) // stride
    count = max(0, min(-(-(size - first) // stride), _phase_size(window)[axis] - place))
    return slice(first, first + count * stride, stride), slice(place, place + count)


def _phases_of(window: Window) -> list[tuple[tuple[Any, ...], tuple[Any, ...]]]:
    """For every phase: the index of its pixels in x (n, c, H, W), and that of their places in the phases."""
    found = []
    for a in range(window.stride[0]):
        for b in range(window.stride[1]):
            (rows, to_rows), (columns, to_columns) = _pixels(0, a, window), _pixels(1, b, window)
            found.append(((..., rows, columns), (slice(None), slice(None), a, b, to_rows, to_columns)))
    return found


def _sorted(x: Array, window: Window, space: Buffer) -> Array:
    """The phases of x (n, c, H, W) with its padding: (n, c, SH, SW, Hq, Wq)."""
    phases = space.array(*x.shape[:2], *window.stride, *_phase_size(window))
    for pixels, places in _phases_of(window):
        phase, (rows, columns) = phases[places[:4]], places[4:]
        phase[:, :, : rows.start] = phase[:, :, rows.stop :] = 0
        phase[:, :, rows, : columns.start] = phase[:, :, rows, columns.stop :] = 0
        phase[:, :, rows, columns] = x[pixels]
    return phases


def _sort_back(phases: Array, x: Array, window: Window) -> None:
    """Write phases (n, c, SH, SW, Hq, Wq), without the padding, to x (n, c, H, W); pixels in no window get 0."""
    if any(size + before > stride * phase for size, (before, _), stride, phase in
           zip(window.size, window.pads, window.stride, _phase_size(window))):  # fmt: skip
        x[...] = 0
    for pixels, places in _phases_of(window):
        x[pixels] = phases[places]


def _runs(phases: Array, window: Window) -> list[Array]:
    """For every tap, what it meets, as a view (n, c, L) of the phases (n, c, SH, SW, Hq, Wq)."""
    n, c, SH, SW, Hq, Wq = phases.shape
    flat, L = phases.reshape(n, c, SH, SW, Hq * Wq), (window.out[0] - 1) * Wq + window.out[1]
    runs = []
    for i in range(0, window.kernel[0] * window.dilation[0], window.dilation[0]):
        for j in range(0, window.kernel[1] * window.dilation[1], window.dilation[1]):
            first = i // SH * Wq + j // SW
            runs.append(flat[:, :, i % SH, j % SW, first : first + L])
    return runs


def _places(shape: tuple[int, ...], window: Window, space: Buffer) -> tuple[Array, Array]:
    """Memory for a number at every place: as planes (n, c, OH, Wq), and as the run in it (n, c, L)."""
    OH, OW = window.out
    planes = space.array(*shape, OH, _phase_size(window)[1])
    return planes, planes.reshape(*shape, -1)[..., : (OH - 1) * planes.shape[3] + OW]


def _with_zeros(dout: Array, window: Window, space: Buffer) -> Array:
    """dout (n, c, OH, OW) as a run (n, c, L), with zeros between its rows."""
    planes, run = _places(dout.shape[:2], window, space)
    planes[..., : window.out[1]] = dout
    planes[..., window.out[1] :] = 0
    return run
