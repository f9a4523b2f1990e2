"""Sizes: the one shape formula, and the reading of arguments that are an int or a pair of ints."""

import operator
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from .checks import Array

Pair = tuple[int, int]
IntOrPair = int | Sequence[int]
ROUNDINGS = ("exact", "floor", "ceil")


def one_of_roundings(rounding: str) -> str:
    """rounding, if it is a way the shape formula knows. Raises ValueError."""
    if rounding not in ROUNDINGS:
        raise ValueError(f"rounding must be one of {', '.join(map(repr, ROUNDINGS))}; got {rounding!r}")
    return rounding


def conv_output_size(
    input_size: int, filter_size: int, stride: int = 1, pad: int = 0, dilation: int = 1, rounding: str = "exact"
) -> int:
    """How many places a window has along one axis: (input_size + 2*pad - window) / stride + 1.

    All sizes in pixels; window = dilation*(filter_size - 1) + 1. rounding says what happens when it does not divide:
    "exact" refuses, "floor" leaves the rest out, "ceil" is torch's pooling rule: one more window for the rest, unless
    it would start in the right padding.
    Raises ValueError (does not divide; a window larger than the padded input; a size out of range), TypeError (no int).
    Source: the book, section 7.2.4; the ceil rule: torch.nn.MaxPool2d.
    """
    size = integer("input_size", input_size, at_least=0)
    filter_size = integer("filter_size", filter_size, at_least=1)
    stride = integer("stride", stride, at_least=1)
    pad = integer("pad", pad, at_least=0)
    window = integer("dilation", dilation, at_least=1) * (filter_size - 1) + 1
    one_of_roundings(rounding)
    steps, rest = divmod(size + 2 * pad - window, stride)
    if size + 2 * pad < window:
        raise ValueError(
            f"filter_size {filter_size} with dilation {dilation} is a window of {window}, larger than the padded input "
            f"of {size + 2 * pad} (input_size {size}, pad {pad}); allowed: at most {size + 2 * pad}"
        )
    if rest and rounding == "exact":
        raise ValueError(
            f"stride {stride} does not divide: ({size} + 2*{pad} - {window}) / {stride} + 1 is no whole number "
            f"(input_size {size}, filter_size {filter_size}, pad {pad}, dilation {dilation}); "
            "allowed: sizes that divide, or rounding='floor' or 'ceil'"
        )
    if rounding == "ceil":
        steps += rest > 0
        steps -= steps * stride >= size + pad  # the last window would start in the right padding
    return steps + 1


def conv_transpose_output_size(
    input_size: int, filter_size: int, stride: int = 1, pad: int = 0, output_padding: int = 0, dilation: int = 1
) -> int:
    """The size whose convolution gives input_size: (input_size - 1)*stride - 2*pad + window + output_padding.

    Raises ValueError (nothing is left; output_padding not smaller than stride or dilation; out of range), TypeError.
    Source: torch.nn.ConvTranspose2d.
    """
    size = integer("input_size", input_size, at_least=0)
    filter_size = integer("filter_size", filter_size, at_least=1)
    stride = integer("stride", stride, at_least=1)
    pad = integer("pad", pad, at_least=0)
    dilation = integer("dilation", dilation, at_least=1)
    extra = integer("output_padding", output_padding, at_least=0)
    if extra >= max(stride, dilation):
        raise ValueError(
            f"output_padding {extra} must be smaller than stride or dilation; allowed: 0 to {max(stride, dilation) - 1}"
        )
    out = (size - 1) * stride - 2 * pad + dilation * (filter_size - 1) + 1 + extra
    if out < 1:
        raise ValueError(
            f"padding {pad} leaves an output of {out} (input_size {size}, filter_size {filter_size}, stride {stride}, "
            f"dilation {dilation}); allowed: a padding that leaves at least 1"
        )
    return out


def pool_output_size(size: int, kernel: int, stride: int, padding: int, dilation: int, ceil_mode: bool) -> int:
    """Places of a pooling window along one axis, as torch counts them."""
    overhang = dilation * (kernel - 1) + 1 - (size + 2 * padding)
    if ceil_mode and 0 < overhang < stride:
        return 1  # the one place where torch lets a window be larger than the padded input
    return conv_output_size(size, kernel, stride, padding, dilation, "ceil" if ceil_mode else "floor")


def integer(name: str, value: Any, at_least: int | None = None) -> int:
    """value as an int; TypeError for bools and floats, ValueError below at_least."""
    allowed = "an int" if at_least is None else f"an int of at least {at_least}"
    number = _as_int(value)
    if number is None:
        raise TypeError(f"{name} must be {allowed}; got {value!r} ({type(value).__name__})")
    if at_least is not None and number < at_least:
        raise ValueError(f"{name} must be {allowed}; got {value!r}")
    return number


def pair(name: str, value: Any, at_least: int | None = None, single: bool = True) -> Pair:
    """value, an int or two (a list or a tuple), as (height, width); a tuple of one is repeated if single allows it."""
    allowed = "an int or a pair of ints" + ("" if at_least is None else f", each at least {at_least}")
    items = list(value) if isinstance(value, (tuple, list)) else [value, value]
    numbers = [_as_int(item) for item in items]
    if None in numbers:
        raise TypeError(f"{name} must be {allowed}; got {value!r} ({type(value).__name__})")
    if len(items) == 1 and single:
        numbers *= 2
    sizes = [number for number in numbers if number is not None]
    if len(sizes) != 2 or (at_least is not None and min(sizes) < at_least):
        raise ValueError(f"{name} must be {allowed}; got {value!r}")
    return sizes[0], sizes[1]


def size(x: np.ndarray[Any, np.dtype[Any]]) -> Pair:
    """The last two axes of x: of an image (H, W), of filters (FH, FW)."""
    return x.shape[-2], x.shape[-1]


def flag(name: str, value: Any) -> bool:
    """value, if it is True or False."""
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name} must be True or False; got {value!r} ({type(value).__name__})")
    return bool(value)


def _as_int(value: Any) -> int | None:
    if isinstance(value, (bool, np.bool_)) or (isinstance(value, np.ndarray) and value.dtype.kind == "b"):
        return None
    try:
        return operator.index(value)
    except TypeError:
        return None


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
