"""Memory: work cut into blocks that fit the second-level cache, and one buffer used for every block."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from .checks import Array

BUDGET = 1 << 20  # bytes of a block, so that what is computed from it stays in the second-level cache

np.empty(30 << 20, np.uint8)  # never touched and freed at once: from then on glibc keeps freed arrays of up to this
# size for the next array, where it gave their pages back; a small convolution is twice as quick in a fresh process


def split_into_blocks(
    images: int, rows: int, row_bytes: int, budget: int | None = None
) -> Iterator[tuple[slice, list[slice]]]:
    """Yield slices of images, each with slices of output rows, so that a block's rows fill at most budget bytes.

    images, rows: counts, rows for each image. row_bytes: the size of one row. budget: BUDGET if None.
    An image that is too large by itself is cut between its rows; a block has at least one row.
    """
    budget = BUDGET if budget is None else budget
    images_at_a_time = max(1, budget // max(1, rows * row_bytes))
    rows_at_a_time = rows if rows * row_bytes <= budget else max(1, budget // row_bytes)
    for first in range(0, images, images_at_a_time):
        parts = [slice(row, min(row + rows_at_a_time, rows)) for row in range(0, rows, rows_at_a_time)]
        yield slice(first, min(first + images_at_a_time, images)), parts


class Buffer:
    """Memory as large as the largest array asked for so far; every call of a layer makes its own."""

    def __init__(self, dtype: np.dtype[Any]) -> None:
        self._flat = np.empty(0, dtype)

    def array(self, *shape: int) -> Array:
        """Return an array of this shape in the buffer, with whatever numbers an earlier one left there."""
        size = int(np.prod(shape))
        if self._flat.size < size:
            self._flat = np.empty(size, self._flat.dtype)
        return self._flat[:size].reshape(shape)
