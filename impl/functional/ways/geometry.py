"""Where the windows of a convolution lie, and how the work is cut into blocks."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from ..arrays import Array
from ..shapes import Pair

np.empty(30 << 20, np.uint8)  # never touched and freed at once: from then on glibc keeps freed arrays of up to so many
# bytes for the next one, where it gave their pages back; a small convolution is twice as quick in a fresh process

BUDGET = 1 << 20  # bytes of columns at a time, so that they stay in the second-level cache


class Geometry(NamedTuple):
    """Sizes in pixels, (height, width) each; pads ((top, bottom), (left, right)); out the number of places (OH, OW)."""

    kernel: Pair
    stride: Pair
    dilation: Pair
    pads: tuple[Pair, Pair]
    out: Pair
    groups: int


def blocks(images: int, rows: int, row_bytes: int, budget: int | None = None) -> Iterator[tuple[slice, list[slice]]]:
    """Slices of images, each with slices of output rows, so that rows of row_bytes come to the budget at most.

    One image too large for that is cut over its output rows; one row is the least.
    """
    budget = BUDGET if budget is None else budget
    at_a_time = max(1, budget // max(1, rows * row_bytes))
    rows_at_a_time = rows if rows * row_bytes <= budget else max(1, budget // row_bytes)
    for first in range(0, images, at_a_time):
        parts = [slice(row, min(row + rows_at_a_time, rows)) for row in range(0, rows, rows_at_a_time)]
        yield slice(first, min(first + at_a_time, images)), parts


class Buffer:
    """Memory that grows to the largest array asked for and is used again: made by each call for itself."""

    def __init__(self, dtype: np.dtype[Any]) -> None:
        self._flat = np.empty(0, dtype)

    def shaped(self, *shape: int) -> Array:
        size = int(np.prod(shape))
        if self._flat.size < size:
            self._flat = np.empty(size, self._flat.dtype)
        return self._flat[:size].reshape(shape)
