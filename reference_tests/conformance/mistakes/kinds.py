"""Kinds of questions in which alone a mistake may be made: where code has a way of its own, as for one pixel."""

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, product
from typing import NamedTuple

import numpy as np

from ...i18n import N_, _
from ...subject.protocol import Question
from ..types import Mistake
from .changes import WrongAnswer
from .windows import window_size

Condition = Callable[[Question], bool]


def window(q: Question) -> tuple[int, int]:
    """Return the window's rows and columns, of filters of each place, too; raise KeyError where there is none."""
    if "W" in q.arrays and q["W"].ndim > 4:
        h, w = q["W"].shape[-2:]
        return h, w
    return window_size(q)


def image(q: Question) -> np.ndarray:
    """Return the images (N, C, H, W), of col2im its own; raise KeyError where the question has none."""
    if "input_shape" in q.params:
        return np.broadcast_to(0.0, q.params["input_shape"])
    for name in ("x", "input_data", "x1"):
        if name in q.arrays:
            return np.asarray(q.arrays[name])
    raise KeyError("x")


def channels(q: Question) -> int:
    """Return the number of channels; raise KeyError where the question has rows of numbers in place of images."""
    if image(q).ndim != 4:
        raise KeyError("channels")
    return int(image(q).shape[1])


def filters(q: Question) -> int:
    """Return the number of filters, which stand along another axis in some layers; KeyError where there are none."""
    axis = {"transposed_convolution": 1, "locally_connected": 2}.get(q.op.component, 0)
    if q["W"].ndim < 4:
        raise KeyError("filters")
    return int(q["W"].shape[axis])


def is_divided(q: Question) -> bool:
    """Whether the image is made of whole windows, without padding."""
    return not q["pad"] and not any(size % side for size, side in zip(image(q).shape[2:], window(q)))


def is_side_by_side(q: Question) -> bool:
    """Whether the stride is both sides of the window, which is more than a pixel."""
    stride: int = q["stride"]
    return window(q) == (stride, stride) and stride > 1


def is_padded_by_half(q: Question) -> bool:
    """Whether a square window is padded by half of it: with stride 1 the size stays."""
    pad: int = q["pad"]
    h, w = window(q)
    return bool(pad > 0 and h == w == 2 * pad + 1)


def has_a_group_each(q: Question) -> bool:
    """Whether every channel is a group of its own, in a layer that has groups."""
    return q["W"].ndim == 4 and q["W"].shape[1] == 1 and bool(q.params.get("groups", channels(q)) == channels(q))


def has_one_row(q: Question) -> bool:
    """Whether all windows lie in one row."""
    return output(q)[0] == 1


def output(q: Question) -> tuple[int, int]:
    """Return the rows and columns of windows; raise KeyError where they lie in the output, or there are none."""
    if q.op.component == "transposed_convolution":
        raise KeyError("rows of windows")
    down, across = ((n + 2 * q["pad"] - f) // q["stride"] + 1 for n, f in zip(image(q).shape[2:], window(q)))
    return down, across


# fmt: off
KINDS: tuple[tuple[str, Condition], ...] = (
    (N_("only for windows of one pixel"), lambda q: window(q) == (1, 1)),
    (N_("only for windows of one pixel with stride 1"), lambda q: window(q) == (1, 1) and q["stride"] == 1),
    (N_("only for windows of one pixel without padding and stride"),
     lambda q: window(q) == (1, 1) and q["stride"] == 1 and q["pad"] == 0),
    (N_("only for windows of one pixel with a stride over 1"), lambda q: window(q) == (1, 1) and q["stride"] > 1),
    (N_("only where the stride is 1"), lambda q: q["stride"] == 1),
    (N_("only where the stride is over 1"), lambda q: q["stride"] > 1),
    (N_("only without padding"), lambda q: q["pad"] == 0),
    (N_("only with padding"), lambda q: q["pad"] > 0),
    (N_("only where windows overlap from left to right alone"), lambda q: window(q)[1] > q["stride"] >= window(q)[0]),
    (N_("only where windows overlap from top to bottom alone"), lambda q: window(q)[0] > q["stride"] >= window(q)[1]),
    (N_("only where windows overlap from left to right, and lie side by side from top to bottom"),
     lambda q: window(q)[1] > q["stride"] == window(q)[0]),
    (N_("only where windows overlap from top to bottom, and lie side by side from left to right"),
     lambda q: window(q)[0] > q["stride"] == window(q)[1]),
    (N_("only for windows of three by three"), lambda q: window(q) == (3, 3)),
    (N_("only for windows of three by three with stride 1"), lambda q: window(q) == (3, 3) and q["stride"] == 1),
    (N_("only where windows lie side by side, without padding"), lambda q: is_side_by_side(q) and not q["pad"]),
    (N_("only where padded windows lie side by side"), lambda q: is_side_by_side(q) and q["pad"] > 0),
    (N_("only where windows lie side by side"), is_side_by_side),
    (N_("only where the padding keeps the size"), lambda q: is_padded_by_half(q) and q["stride"] == 1),
    (N_("only for padding of half a window with a stride over 1"), lambda q: is_padded_by_half(q) and q["stride"] > 1),
    (N_("only for padding of half a window"), is_padded_by_half),
    (N_("only for images of one row"), lambda q: image(q).shape[2] == 1),
    (N_("only where windows lie in one row"), has_one_row),
    (N_("only for square windows"), lambda q: window(q)[0] == window(q)[1]),
    (N_("only for windows that are not square"), lambda q: window(q)[0] != window(q)[1]),
    (N_("only where the output is not square"), lambda q: output(q)[0] != output(q)[1]),
    (N_("only where the output is higher than it is wide"), lambda q: output(q)[0] > output(q)[1]),
    (N_("only where the output is wider than it is high"), lambda q: output(q)[0] < output(q)[1]),
    (N_("only for images that are not square"), lambda q: image(q).shape[2] != image(q).shape[3]),
    (N_("only for square images"), lambda q: image(q).shape[2] == image(q).shape[3]),
    (N_("only where the window is as large as the image"), lambda q: window(q) == image(q).shape[2:]),
    (N_("only where the image is made of whole windows, without padding"), is_divided),
    (N_("only where the windows leave gaps"), lambda q: q["stride"] > min(window(q))),
    (N_("only where the windows overlap"), lambda q: q["stride"] < max(window(q))),
    (N_("only for one image"), lambda q: len(image(q)) == 1),
    (N_("only for several images"), lambda q: len(image(q)) > 1),
    (N_("only for one channel"), lambda q: channels(q) == 1),
    (N_("only for one filter"), lambda q: filters(q) == 1),
    (N_("only where there are as many filters as channels"), lambda q: filters(q) == channels(q)),
    (N_("only where the stride is the window's height or more"), lambda q: q["stride"] >= window(q)[0]),
    (N_("only where the stride is the window's width or more"), lambda q: q["stride"] >= window(q)[1]),
    (N_("only where every channel is a group of its own"), has_a_group_each),
    (N_("only where every channel is a group of its own with several filters"),
     lambda q: has_a_group_each(q) and filters(q) > channels(q)),
    (N_("only where there are more filters than channels"), lambda q: filters(q) > channels(q)),
    (N_("only where there are fewer filters than channels"), lambda q: filters(q) < channels(q)),
    (N_("only where there are not as many filters as channels"), lambda q: filters(q) != channels(q)),
    (N_("only for rows of numbers, not for images"), lambda q: image(q).ndim == 2),
    (N_("only for images, not for rows of numbers"), lambda q: image(q).ndim > 2),
    (N_("only for rows of one number"), lambda q: image(q).ndim == 2 and image(q).shape[1] == 1),
    (N_("only for one output"), lambda q: q["W"].ndim == 2 and q["W"].shape[1] == 1),
    (N_("only in training"), lambda q: bool(q["train_flg"])),
    (N_("only at inference"), lambda q: not q["train_flg"]),
    (N_("only where there are as many images as channels"), lambda q: len(image(q)) == channels(q)),
    (N_("only where there are as many images as filters"), lambda q: len(image(q)) == filters(q)),
    (N_("only where there are as many channels as rows"), lambda q: channels(q) == image(q).shape[2]),
    (N_("only where there are as many channels as columns"), lambda q: channels(q) == image(q).shape[3]),
)
SIZES: tuple[tuple[str, Callable[[Question], int]], ...] = (
    (N_("only for windows of {n} places or more"), lambda q: window(q)[0] * window(q)[1]),
    (N_("only for {n} channels or more"), channels),
    (N_("only for {n} images or more"), lambda q: len(image(q))),
    (N_("only for images of {n} rows or more"), lambda q: image(q).shape[2]),
    (N_("only for images of {n} columns or more"), lambda q: image(q).shape[3]),
    (N_("only for images of {n} places or more"), lambda q: image(q).shape[2] * image(q).shape[3]),
)
# fmt: on


SETTINGS: tuple[str, ...] = ("only where the stride is 1", "only where the stride is over 1", "only without padding")
SETTINGS += ("only with padding",)
SHAPES: tuple[str, ...] = ("only for square windows", "only for windows that are not square", "only for one image")
SHAPES += ("only for one channel", "only for one filter")
GAPS = ("only where the windows leave gaps",)
BOTH = N_("{shape}, and there {setting}")  # of a shape, under a setting


class Kind(NamedTuple):
    """A kind of question, and how it is said."""

    text: str
    holds: Condition


def restrict(m: Mistake, holds: Condition) -> WrongAnswer:
    """Return the mistake's answer, in questions of one kind only."""
    return lambda ask, q: m.answer(ask, q) if holds(q) else None


def of_two_facts() -> Iterator[Kind]:
    """Yield the kinds of questions of one shape under one setting, or of two shapes: one image of one channel."""
    holds = dict(KINDS)
    for shape, setting in (*product(SHAPES + GAPS, SETTINGS), *combinations(SHAPES, 2)):
        text = _(BOTH).format(shape=_(shape), setting=_(setting))
        yield Kind(text, lambda q, a=holds[shape], b=holds[setting]: a(q) and b(q))  # type: ignore[misc]


def separates(holds: Condition, wrong: Sequence[Question], right: Sequence[Question]) -> bool:
    """Whether all of the wrong are of a kind and none of the right is; not where it says nothing of such a layer."""
    try:
        return all(holds(q) for q in wrong) and not any(holds(q) for q in right)
    except (KeyError, IndexError, TypeError, ValueError):  # a layer without windows, or without images
        return False


def named_kind(wrong: Sequence[Question], right: Sequence[Question]) -> Kind | None:
    """Find a kind that has no number in its name."""
    return next((Kind(_(text), holds) for text, holds in KINDS if separates(holds, wrong, right)), None)


def kind_of(wrong: Sequence[Question], right: Sequence[Question]) -> Kind | None:
    """Find the kind of question that all of the wrong are of and none of the right is; None if there is no such."""
    if named := named_kind(wrong, right):
        return named
    for text, size in SIZES:
        if found := from_size_on(text, size, wrong, right):
            return found
    return next((kind for kind in of_two_facts() if separates(kind.holds, wrong, right)), None)


def from_size_on(
    text: str, size: Callable[[Question], int], wrong: Sequence[Question], right: Sequence[Question]
) -> Kind | None:
    """Return the kind of a size or more, if the size of all of the wrong is larger than that of any right one."""
    try:
        least = min(size(q) for q in wrong)
        if least <= max(size(q) for q in right):
            return None
    except (KeyError, IndexError, TypeError, ValueError):
        return None
    return Kind(_(text).format(n=least), lambda q: size(q) >= least)
