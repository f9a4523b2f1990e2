"""Memory: work cut into blocks that fit the second-level cache, and one buffer in each thread for all its blocks.

threads.run_blocks computes the blocks. How they are cut depends on shapes alone, never on the number of threads.
"""

import math
import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from .checks import Array
from .threads import run_blocks

BUDGET = 1 << 20  # bytes of a block, so that what is computed from it stays in the second-level cache
SHARES = 8  # into at least so many blocks work is cut, so that threads have something to share,
SMALLEST = 1 << 16  # unless they had fewer bytes than this, which one thread computes as quickly
PART = 1 << 16  # numbers; fewer of them one thread adds up or compares as quickly as two
LANES = 1 << 22  # bytes of partial sums at a time

np.empty(30 << 20, np.uint8)  # never touched and freed at once: from then on glibc keeps freed arrays of up to this
# size for the next array, where it gave their pages back; a small convolution is twice as quick in a fresh process


def split_into_blocks(images: int, rows: int, row_bytes: int, budget: int | None = None) -> list[tuple[slice, slice]]:
    """Return slices of images with slices of output rows, so that a block's rows fill at most budget bytes.

    images, rows: counts, rows for each image. row_bytes: the size of one row. budget: BUDGET if None.
    An image that is too large by itself is cut between its rows; a block has at least one row.
    """
    budget = min(BUDGET if budget is None else budget, max(SMALLEST, images * rows * row_bytes // SHARES))
    images_at_a_time = max(1, budget // max(1, rows * row_bytes))
    rows_at_a_time = rows if rows * row_bytes <= budget else max(1, budget // row_bytes)
    return [(some, part) for some in cut(images, images_at_a_time) for part in cut(rows, rows_at_a_time)]


def cut(length: int, size: int) -> list[slice]:
    """Return slices of so many numbers each, the last one of what is left."""
    return [slice(first, min(first + size, length)) for first in range(0, length, max(1, size))]


def run_parts(work: Callable[..., Any], *arrays: Array) -> None:
    """Call work on parts of arrays of one size, number by number, on several threads if they are large.

    The parts are flat if all arrays are C-contiguous, else they are the arrays themselves. The last one is written to.
    """
    size = arrays[-1].size
    if size <= PART or not all(a.flags.c_contiguous for a in arrays):
        work(*arrays)
        return
    flat = [a.reshape(-1) for a in arrays]
    parts = cut(size, min(4 * PART, max(PART, size // SHARES)))
    run_blocks(lambda part: work(*[a[part] for a in flat]), [(part,) for part in parts])


def sum_blocks(add: Callable[..., None], blocks: list[tuple[Any, ...]], shape: tuple[int, ...], dtype: Any) -> Array:
    """Return the sum of what add(total, *block) adds to total, an array of this shape, for every block.

    A few threads have a total each, of neighbouring blocks, and these are added up in order: the same for any threads.
    """
    size = max(1, math.prod(shape) * np.dtype(dtype).itemsize)
    lanes = max(1, min(SHARES, len(blocks), max(2, LANES // size)))
    totals = np.zeros((lanes, *shape), dtype)
    bounds = [len(blocks) * lane // lanes for lane in range(lanes + 1)]

    def add_lane(lane: int) -> None:
        for block in blocks[bounds[lane] : bounds[lane + 1]]:
            add(totals[lane], *block)

    run_blocks(add_lane, [(lane,) for lane in range(lanes)])
    for other in totals[1:]:
        totals[0] += other
    return totals[0]


def sum_channels(d: Array) -> Array:
    """Return the sums of d (N, C, H, W) over each channel's pixels: (C,)."""
    N, C, H, W = d.shape
    sums = np.empty((N, C), d.dtype)
    planes = d.reshape(N, C, H * W)

    def work(images: slice, channels: slice) -> None:
        np.add.reduce(planes[images, channels], axis=2, out=sums[images, channels])

    run_blocks(work, split_into_blocks(N, C, H * W * d.itemsize))
    return sums.sum(axis=0)


class Buffer:
    """Memory as large as the largest array that a thread asked for so far; every call of a layer makes its own."""

    def __init__(self, dtype: np.dtype[Any]) -> None:
        self._dtype, self._own = dtype, threading.local()

    def array(self, *shape: int) -> Array:
        """Return an array of this shape in the thread's memory, with whatever numbers an earlier one left there."""
        size = math.prod(shape)
        flat = getattr(self._own, "flat", None)
        if flat is None or flat.size < size:
            flat = self._own.flat = np.empty(size, self._dtype)
        return flat[:size].reshape(shape)
