"""Shapes: the one shape formula, the windows that it counts, and the reading of arguments that are sizes."""

import operator
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from .checks import Array

Pair = tuple[int, int]
IntOrPair = int | Sequence[int]
ROUNDINGS = ("exact", "floor", "ceil")


# --- arguments ---------------------------------------------------------------------------------------------------


def check_integer(name: str, value: Any, at_least: int | None = None) -> int:
    """Return value as an int. Raises TypeError (a bool, a float), ValueError (below at_least)."""
    allowed = "an int" if at_least is None else f"an int of at least {at_least}"
    number = _as_int(value)
    if number is None:
        raise TypeError(f"{name} must be {allowed}; got {value!r} ({type(value).__name__})")
    if at_least is not None and number < at_least:
        raise ValueError(f"{name} must be {allowed}; got {value!r}")
    return number


def check_pair(name: str, value: Any, at_least: int | None = None, single: bool = True) -> Pair:
    """Return value, an int or a list or tuple of two, as (height, width). Raises ValueError, TypeError.

    single: whether a list or tuple of one int is allowed; it counts for both axes.
    """
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


def check_flag(name: str, value: Any) -> bool:
    """Return value, True or False. Raises TypeError for anything else."""
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


def check_rounding(rounding: str) -> str:
    """Return rounding, a rule of the shape formula. Raises ValueError for any other word."""
    if rounding not in ROUNDINGS:
        raise ValueError(f"rounding must be one of {', '.join(map(repr, ROUNDINGS))}; got {rounding!r}")
    return rounding


# --- the shape formula -------------------------------------------------------------------------------------------


def conv_output_size(
    input_size: int, filter_size: int, stride: int = 1, pad: int = 0, dilation: int = 1, rounding: str = "exact"
) -> int:
    """The number of places of a window along one axis: (input_size + 2*pad - window) / stride + 1.

    All sizes in pixels; window = dilation*(filter_size - 1) + 1. rounding says what happens when it does not divide:
    "exact" refuses, "floor" leaves the rest out, "ceil" is torch's pooling rule: one more window for the rest, unless
    that window would start in the right padding.
    Raises ValueError (does not divide; a window larger than the padded input; a size out of range), TypeError (no int).
    Source: the book, section 7.2.4; the ceil rule: torch.nn.MaxPool2d.
    """
    size = check_integer("input_size", input_size, at_least=0)
    filter_size = check_integer("filter_size", filter_size, at_least=1)
    stride = check_integer("stride", stride, at_least=1)
    pad = check_integer("pad", pad, at_least=0)
    window = check_integer("dilation", dilation, at_least=1) * (filter_size - 1) + 1
    check_rounding(rounding)
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
    size = check_integer("input_size", input_size, at_least=0)
    filter_size = check_integer("filter_size", filter_size, at_least=1)
    stride = check_integer("stride", stride, at_least=1)
    pad = check_integer("pad", pad, at_least=0)
    dilation = check_integer("dilation", dilation, at_least=1)
    extra = check_integer("output_padding", output_padding, at_least=0)
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
    """The number of places of a pooling window along one axis, as torch counts them. Raises ValueError, TypeError."""
    overhang = dilation * (kernel - 1) + 1 - (size + 2 * padding)
    if ceil_mode and 0 < overhang < stride:
        return 1  # the one case in which torch allows a window larger than the padded input
    return conv_output_size(size, kernel, stride, padding, dilation, "ceil" if ceil_mode else "floor")


# --- windows -----------------------------------------------------------------------------------------------------


class Window(NamedTuple):
    """Windows that slide over a plane; sizes in pixels, (height, width) each.

    pads: ((top, bottom), (left, right)). out: the number of places of the window, (OH, OW).
    groups: the number of parts into which a convolution divides the channels.
    """

    size: Pair
    kernel: Pair
    stride: Pair
    dilation: Pair
    pads: tuple[Pair, Pair]
    out: Pair
    groups: int = 1

    def reach(self, axis: int, tap: int) -> tuple[slice, slice]:
        """Along one axis: the places whose tap lies on the plane, and the pixels under it."""
        offset, stride = tap * self.dilation[axis] - self.pads[axis][0], self.stride[axis]
        first = max(0, -(offset // stride))
        last = min(self.out[axis] - 1, (self.size[axis] - 1 - offset) // stride)
        if last < first:
            return slice(0, 0), slice(0, 0)
        return slice(first, last + 1), slice(first * stride + offset, last * stride + offset + 1, stride)

    def taps(self) -> Iterator[tuple[int, tuple[Any, ...], tuple[Any, ...]]]:
        """Yield each tap's number, the places whose tap lies on the plane, and the pixels under it."""
        columns = [self.reach(1, tap) for tap in range(self.kernel[1])]
        for i in range(self.kernel[0]):
            places_h, pixels_h = self.reach(0, i)
            for j, (places_w, pixels_w) in enumerate(columns):
                yield i * self.kernel[1] + j, (..., places_h, places_w), (..., pixels_h, pixels_w)


def fit_window(
    misfit: str, plane: Pair, kernel: Pair, stride: Pair = (1, 1), padding: Pair = (0, 0), dilation: Pair = (1, 1),
    rounding: str | bool = "floor", groups: int = 1, output_size: Callable[..., int] = conv_output_size,
) -> Window:  # fmt: skip
    """Count the places of a window on a plane (H, W). Raises ValueError: misfit, then what does not fit.

    output_size: the shape formula, called with an axis of the sizes and rounding.
    """
    try:
        OH, OW = (output_size(*axis, rounding) for axis in zip(plane, kernel, stride, padding, dilation))
    except ValueError as error:
        raise ValueError(f"{misfit}: {error}") from None
    pads = (padding[0], padding[0]), (padding[1], padding[1])
    return Window(plane, kernel, stride, dilation, pads, (OH, OW), groups)


def plane_size(x: Array) -> Pair:
    """The last two axes of x: (H, W) of an image, (FH, FW) of filters."""
    return x.shape[-2], x.shape[-1]
