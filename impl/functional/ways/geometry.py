"""Where the windows of a convolution lie, and how the work is cut into blocks."""

from collections.abc import Iterator
from typing import NamedTuple

from ..shapes import Pair

BUDGET = 1 << 20  # bytes of columns at a time, so that they stay in the second-level cache


class Geometry(NamedTuple):
    """Sizes in pixels, (height, width) each; pads ((top, bottom), (left, right)); out the number of places (OH, OW)."""

    kernel: Pair
    stride: Pair
    dilation: Pair
    pads: tuple[Pair, Pair]
    out: Pair
    groups: int


def blocks(images: int, rows: int, row_bytes: int) -> Iterator[tuple[slice, list[slice]]]:
    """Slices of images, each with slices of output rows, so that rows of row_bytes come to BUDGET at most.

    One image too large for that is cut over its output rows; one row is the least.
    """
    at_a_time = max(1, BUDGET // max(1, rows * row_bytes))
    rows_at_a_time = rows if rows * row_bytes <= BUDGET else max(1, BUDGET // row_bytes)
    for first in range(0, images, at_a_time):
        parts = [slice(row, min(row + rows_at_a_time, rows)) for row in range(0, rows, rows_at_a_time)]
        yield slice(first, min(first + at_a_time, images)), parts
