"""Grouped convolution: contract, cases, tolerance."""

from collections.abc import Callable
from typing import Any

from ...subject.protocol import Answer, Question
from ..inputs import distinct, fitting, one_million, pixels, tiny, whole
from ..mistakes.grouped_convolution import HISTORY as HISTORY
from ..mistakes.grouped_convolution import MISTAKES as MISTAKES
from ..strata import resizable
from ..types import Case, Shape
from .shared import (
    BETWEEN,
    FAR,
    REPEATED,
    as_many_numbers,
    beside_same_sizes,
    bound_filters,
    layer_op,
    other_sides,
    settings_apart,
    sides_apart,
    with_far_numbers,
)

OP = layer_op("grouped_convolution", "GroupedConvolution", "AlexNet, 3.5", ("W", "b", "stride", "pad", "groups"))


@resizable
def conv(why: str, x: Shape, W: Shape, groups: int, stride: int = 1, pad: int = 0, **more: Any) -> Case:
    """Make a case of the shapes of x and W."""
    return Case(OP, why, {"x": x, "W": W, "b": W[:1]}, {"stride": stride, "pad": pad, "groups": groups}, **more)


# fmt: off
CASES = [
    #    what it requires                       x (N,C,H,W)     W (FN,C/groups,FH,FW)
    conv("every group sees its own channels",   (2, 4, 5, 6),   (6, 2, 2, 3), 2, number=2063678413),
    conv("every group has its own filters",     (2, 6, 4, 5),   (9, 2, 3, 1), 3, number=2305205502),
    conv("one group",                           (2, 3, 5, 4),   (4, 3, 2, 2), 1, number=2152416448),
    conv("as many groups as channels",          (2, 4, 4, 6),   (4, 1, 3, 2), 4, number=1068018330),
    conv("several filters a channel",           (3, 2, 5, 4),   (6, 1, 2, 3), 2, number=2674865754),
    conv("one filter a group",                  (2, 6, 4, 5),   (2, 3, 2, 2), 2, number=4237289733),
    conv("square image",                        (2, 4, 5, 5),   (2, 2, 3, 3), 2, number=3746325357),
    conv("stride of two",                       (2, 4, 7, 5),   (6, 2, 3, 1), 2, stride=2, number=396698309),
    conv("backward cuts the padding off",       (2, 4, 5, 4),   (2, 2, 4, 3), 2, pad=1, number=3251473297),
    conv("stride and padding differ",           (2, 4, 7, 5),   (6, 2, 3, 5), 2, stride=2, pad=1, number=854835775),
    conv("every image of a larger batch",       (7, 2, 3, 4),   (4, 1, 2, 1), 2, number=3528033492),
    conv("images of 0 to 255",                  (2, 4, 4, 3),   (6, 2, 2, 3), 2, draw=pixels, number=67271155),
    conv("numbers near one ten thousandth",     (2, 4, 3, 4),   (2, 2, 3, 2), 2, draw=tiny, number=2075939159),
    conv("integer images",                      (2, 4, 5, 3),   (6, 2, 2, 1), 2, draw=whole, level="edge", refuse="told", number=1228373508),
    conv("window of one pixel over a group",    (2, 4, 3, 5),   (6, 2, 1, 1), 2, number=2847569074),
    conv("more than 64 columns",                (2, 4, 3, 70),  (6, 2, 2, 3), 2, number=1214940282),
    conv("more than 64 images",                 (259, 4, 5, 3), (6, 2, 2, 1), 2, number=1700000111),
    conv("more than 64 channels",               (2, 258, 4, 3), (9, 86, 2, 1), 3, number=1520283959),
    conv("more than 64 groups",                 (2, 259, 2, 2), (259, 1, 2, 1), 259, number=1700000112),
    conv("more than 256 places",                (2, 4, 18, 17), (6, 2, 2, 1), 2, number=2277844868),
    conv("more than 32767 numbers in an image", (1, 2, 258, 258), (2, 1, 2, 2), 2, stride=8, draw=distinct, level="edge", number=1700000113),
    conv("one number of a million",             (2, 4, 5, 3),   (6, 2, 2, 1), 2, draw=one_million, number=215440256),
    conv("height and width differ",             (2, 4, 3, 7), (6, 2, 1, 3), 2, number=2608779650),
    conv("window as large as the image",        (2, 4, 3, 5), (6, 2, 3, 5), 2, number=150882215),
    conv("windows leave gaps",                  (2, 4, 7, 13), (6, 2, 1, 1), 2, stride=3, number=3922753689),
    conv("square windows side by side",         (3, 4, 10, 12), (8, 2, 2, 2), 2, stride=2, number=2179129757),
    conv("square window and padding that keeps the size", (2, 4, 5, 7), (6, 2, 3, 3), 2, pad=1, number=1378226005),
    conv("square window with stride and padding", (2, 4, 9, 11), (8, 2, 3, 3), 2, stride=2, pad=1, number=3824255194),
    conv("a size that does not divide",         (2, 4, 8, 6),   (6, 2, 3, 3), 2, stride=2, level="edge", refuse="may", number=3786089344),
    conv("all sizes equal", (3, 3, 3, 3), (3, 1, 3, 3), 3, pad=1, number=1544642596),
    conv("square image with stride and padding", (2, 4, 7, 7), (6, 2, 3, 3), 2, stride=2, pad=1, number=688751133),
    conv("square filter as large as the square input", (2, 4, 3, 3), (6, 2, 3, 3), 2, number=3826587434),
    conv("windows overlap across alone", (2, 4, 6, 8), (6, 2, 2, 4), 2, stride=2, number=1700001002),
    conv("windows overlap down alone", (2, 4, 8, 6), (6, 2, 4, 2), 2, stride=2, number=1700001003),
    conv("window of one pixel with stride on a square image", (2, 4, 5, 5), (6, 2, 1, 1), 2, stride=2, number=3161961301),
    conv("one image",                           (1, 4, 5, 6),   (6, 2, 2, 3), 2, level="edge", number=2419704794),
    conv("padding of two",                      (2, 4, 3, 5),   (6, 2, 4, 3), 2, pad=2, number=2569869722),
    conv("padding as large as the filter",      (2, 4, 5, 3),   (6, 2, 2, 1), 2, pad=2, level="edge", refuse="any", number=3271294681),
    conv("one image, as many groups as channels", (1, 4, 6, 5), (8, 1, 3, 2), 4, level="edge", number=1700000337),
    conv("one image with stride and padding", (1, 4, 7, 9), (6, 2, 3, 3), 2, stride=2, pad=1, level="edge", number=1700000338),
    conv("one group with stride and padding", (2, 3, 7, 9), (4, 3, 3, 3), 1, stride=2, pad=1, number=1700000339),
    conv("three groups with stride and padding", (2, 6, 7, 9), (9, 2, 3, 3), 3, stride=2, pad=1, number=1700000340),
    conv("square windows side by side with padding", (2, 4, 4, 6), (6, 2, 2, 2), 2, stride=2, pad=1, number=1700000341),
    conv("windows leave gaps in a padded image", (2, 4, 6, 9), (6, 2, 2, 2), 2, stride=3, pad=1, number=1700000342),
    conv("stride and padding of two", (2, 4, 5, 6), (6, 2, 5, 4), 2, stride=2, pad=2, number=1700000343),
    conv("only the width leaves a remainder", (2, 4, 9, 8), (6, 2, 3, 3), 2, stride=2, level="edge", refuse="may", number=1700000344),
    conv("only the height leaves a remainder", (2, 4, 8, 9), (6, 2, 3, 3), 2, stride=2, pad=1, level="edge", refuse="may", number=1700000345),
]
STRATA = (  # the kinds of cases that hidden checks are drawn in
    "every group sees its own channels", "every group has its own filters", "one group",
    "several filters a channel", "square image", "stride of two", "backward cuts the padding off",
    "stride and padding differ", "every image of a larger batch", "integer images",
    "a size that does not divide", "one image",
)
LARGE = conv("a backward of its own time", (6, 6, 36, 34), (4, 3, 2, 3), 2)
# fmt: on


def one_apart(why: str, x: Shape, window: Shape, stride: int, pad: int, number: int) -> Case:
    """Return a case of a window; see settings_apart."""
    return conv(why, (x[0], 4, *x[2:]), (6, 2, *window), 2, stride, pad, number=number)


ALIKE = (  # each differs from the first case in one thing
    conv("the same sizes, padded", (2, 4, 5, 6), (6, 2, 2, 3), 2, pad=1, number=3610733236),
    conv("the same sizes, another window", (2, 4, 5, 6), (6, 2, 3, 2), 2, number=1),
    conv("the same sizes, another stride", (2, 4, 5, 6), (6, 2, 2, 3), 2, stride=3, number=1700001001),
    conv("the same sizes, more channels", (2, 6, 5, 6), (6, 3, 2, 3), 2, number=2),
    conv("the same sizes, one group", (2, 4, 5, 6), (6, 4, 2, 3), 1, number=3),
    *settings_apart(one_apart),
)
IN_TURN = (
    *(conv("as many numbers", x, (6, x[1] // 2, 2, 3), 2) for x in other_sides((2, 4, 5, 6), (2, 3))),
    conv("as many numbers in W", (2, 4, 5, 6), (3, 4, 2, 3), 1),
    conv("as large without padding", (2, 4, 5, 6), (6, 2, 3, 3), 2),
    conv("as large when padded", (2, 4, 3, 4), (6, 2, 3, 3), 2, pad=1),
    conv("as large with more padding", (2, 4, 1, 2), (6, 2, 3, 3), 2, pad=2),
    *sides_apart(one_apart),
)
PADDED = next(c for c in CASES if c.why == "stride and padding differ")
SCENARIOS = [(PADDED, m) for m in (*REPEATED, BETWEEN)]
SCENARIOS += [(CASES[0], beside_same_sizes(*ALIKE)), (CASES[0], as_many_numbers(*IN_TURN))]
SCENARIOS += [with_far_numbers(conv(FAR, (2, 4, 16, 14), (4, 2, 9, 8), 2, number=9), (2, 4, 8, 7))]


def allowed(q: Question, want: Answer, eps: float) -> Answer:
    """Bound sums of products: a window and b in out, the filters over a place in dx, all places in dW and db."""
    fn, _, fh, fw = q["W"].shape
    return bound_filters(q, want, fn // q["groups"] * fh * fw, eps)


def drawn(pick: Callable[[int, int], int]) -> Case:
    """Draw a case; pick(low, high) picks an integer of low .. high."""
    g, groups = fitting(pick), pick(1, 3)
    x, W = (g["N"], g["C"] * groups, g["H"], g["W"]), (pick(1, 2) * groups, g["C"], g["FH"], g["FW"])
    return conv("drawn", x, W, groups, g["stride"], g["pad"])
