"""Depthwise convolution: contract, cases, tolerance. Every channel has filters of its own."""

from collections.abc import Callable
from functools import partial

from ...subject.protocol import Answer, Question
from ..inputs import distinct, fitting, one_million, pixels, tiny, whole
from ..mistakes.depthwise_convolution import HISTORY as HISTORY
from ..mistakes.depthwise_convolution import MISTAKES as MISTAKES
from ..strata import resizable
from ..types import Case, Shape
from .shared import (
    BETWEEN,
    FAR,
    REPEATED,
    as_many_numbers,
    beside_same_sizes,
    bound_filters,
    filter_case,
    layer_op,
    other_sides,
    settings_apart,
    sides_apart,
    with_far_numbers,
)

OP = layer_op("depthwise_convolution", "DepthwiseConvolution", "MobileNets, 3.1", ("W", "b", "stride", "pad"))
conv = resizable(partial(filter_case, OP))


# fmt: off
CASES = [
    #    what it requires                       x (N,C,H,W)     W (C*M,1,FH,FW)
    conv("channels are not mixed",              (2, 4, 5, 6),   (4, 1, 2, 3), number=1470355177),
    conv("several filters a channel",           (2, 3, 5, 4),   (6, 1, 3, 2), number=3220155972),
    conv("square image",                        (3, 2, 4, 4),   (2, 1, 3, 3), number=1330802053),
    conv("one channel",                         (2, 1, 5, 4),   (3, 1, 2, 3), number=2668462765),
    conv("as many channels as images",          (3, 3, 4, 5),   (3, 1, 2, 1), number=1225511420),
    conv("stride of two",                       (2, 3, 7, 5),   (3, 1, 3, 1), stride=2, number=717146755),
    conv("backward cuts the padding off",       (2, 3, 5, 4),   (3, 1, 4, 3), pad=1, number=3948449720),
    conv("stride and padding differ",           (2, 3, 7, 5),   (6, 1, 3, 5), stride=2, pad=1, number=3369893828),
    conv("every image of a larger batch",       (7, 2, 3, 4),   (2, 1, 2, 1), number=31218526),
    conv("images of 0 to 255",                  (2, 3, 4, 5),   (3, 1, 2, 3), draw=pixels, number=217105953),
    conv("numbers near one ten thousandth",     (2, 3, 3, 4),   (6, 1, 3, 2), draw=tiny, number=1361663358),
    conv("integer images",                      (2, 3, 5, 4),   (3, 1, 2, 1), draw=whole, level="edge", refuse="told", number=942193401),
    conv("window of one pixel",                 (2, 3, 4, 5),   (6, 1, 1, 1), number=1057786497),
    conv("more than 64 columns",                (2, 3, 4, 70),  (6, 1, 3, 2), number=2696578312),
    conv("more than 64 images",                 (259, 2, 4, 3), (4, 1, 2, 1), number=1700000109),
    conv("more than 64 channels",               (2, 259, 4, 3), (259, 1, 2, 1), number=3833491750),
    conv("more than 256 places",                (2, 3, 18, 17), (6, 1, 2, 1), number=1863657206),
    conv("more than 32767 numbers in an image", (1, 1, 258, 258), (1, 1, 2, 2), stride=8, draw=distinct, level="edge", number=1700000110),
    conv("one number of a million",             (2, 3, 5, 4),   (3, 1, 2, 1), draw=one_million, number=3295282371),
    conv("height and width differ",             (2, 3, 4, 7), (6, 1, 1, 3), number=3655785706),
    conv("window as large as the image",        (2, 3, 4, 5), (6, 1, 4, 5), number=1654220601),
    conv("windows leave gaps",                  (2, 3, 7, 13), (6, 1, 1, 1), stride=3, number=560801754),
    conv("square windows side by side",         (3, 4, 10, 12), (8, 1, 2, 2), stride=2, number=1457687948),
    conv("square window and padding that keeps the size", (2, 4, 5, 7), (4, 1, 3, 3), pad=1, number=775274848),
    conv("square window with stride and padding", (2, 4, 9, 11), (8, 1, 3, 3), stride=2, pad=1, number=4289602935),
    conv("a size that does not divide",         (2, 3, 8, 6),   (3, 1, 3, 3), stride=2, level="edge", refuse="may", number=3409848233),
    conv("all sizes equal", (3, 3, 3, 3), (3, 1, 3, 3), pad=1, number=4065334368),
    conv("square image with stride and padding", (2, 3, 7, 7), (6, 1, 3, 3), stride=2, pad=1, number=1053842302),
    conv("square filter as large as the square input", (2, 3, 3, 3), (6, 1, 3, 3), number=600286023),
    conv("one channel and filter with stride and padding", (2, 1, 5, 5), (1, 1, 3, 3), stride=2, pad=1, number=3127555397),
    conv("windows overlap across alone", (2, 3, 6, 8), (6, 1, 2, 4), stride=2, number=1700001005),
    conv("windows overlap down alone", (2, 3, 8, 6), (3, 1, 4, 2), stride=2, number=1700001006),
    conv("window of one pixel with stride on a square image", (2, 3, 5, 5), (6, 1, 1, 1), stride=2, number=3487708565),
    conv("one image",                           (1, 4, 5, 6),   (4, 1, 2, 3), level="edge", number=2914501990),
    conv("padding of two",                      (2, 3, 4, 5),   (6, 1, 3, 4), pad=2, number=3895647591),
    conv("padding as large as the filter",      (2, 3, 5, 4),   (3, 1, 2, 1), pad=2, level="edge", refuse="any", number=292430163),
    conv("one image of one channel, several filters", (1, 1, 6, 5), (3, 1, 3, 2), level="edge", number=1700000346),
    conv("one image, several filters a channel", (1, 3, 5, 4), (6, 1, 3, 2), level="edge", number=1700000347),
    conv("one image with stride and padding", (1, 3, 7, 9), (6, 1, 3, 3), stride=2, pad=1, level="edge", number=1700000348),
    conv("square windows side by side with padding", (2, 3, 4, 6), (6, 1, 2, 2), stride=2, pad=1, number=1700000349),
    conv("windows leave gaps in a padded image", (2, 3, 6, 9), (6, 1, 2, 2), stride=3, pad=1, number=1700000350),
    conv("one column of windows", (2, 3, 9, 4), (6, 1, 3, 4), stride=2, number=1700000351),
    conv("stride and padding of two", (2, 3, 5, 6), (6, 1, 5, 4), stride=2, pad=2, number=1700000352),
    conv("only the width leaves a remainder", (2, 3, 9, 8), (6, 1, 3, 3), stride=2, level="edge", refuse="may", number=1700000353),
    conv("only the height leaves a remainder", (2, 3, 8, 9), (3, 1, 3, 3), stride=2, pad=1, level="edge", refuse="may", number=1700000354),
]
STRATA = (  # the kinds of cases that hidden checks are drawn in
    "channels are not mixed", "several filters a channel", "square image", "one channel", "stride of two",
    "backward cuts the padding off", "stride and padding differ", "every image of a larger batch",
    "integer images", "window of one pixel", "a size that does not divide", "one image",
)
LARGE = conv("a backward of its own time", (6, 6, 36, 34), (6, 1, 2, 3))
# fmt: on


def one_apart(why: str, x: Shape, window: Shape, stride: int, pad: int, number: int) -> Case:
    """Return a case of a window; see settings_apart."""
    return conv(why, x, (x[1], 1, *window), stride, pad, number=number)


ALIKE = (  # each differs from the first case in one thing
    conv("the same sizes, padded", (2, 4, 5, 6), (4, 1, 2, 3), pad=1, number=985341573),
    conv("the same sizes, another window", (2, 4, 5, 6), (4, 1, 3, 2), number=1),
    conv("the same sizes, another stride", (2, 4, 5, 6), (4, 1, 2, 3), stride=3, number=1700001004),
    conv("the same sizes, fewer channels", (2, 3, 5, 6), (3, 1, 2, 3), number=2),
    conv("the same sizes, more filters", (2, 4, 5, 6), (8, 1, 2, 3), number=3),
    *settings_apart(one_apart),
)
IN_TURN = (
    *(conv("as many numbers", x, (x[1], 1, 2, 3)) for x in other_sides((2, 4, 5, 6), (2, 3))),
    conv("as large without padding", (2, 4, 5, 6), (4, 1, 3, 3)),
    conv("as large when padded", (2, 4, 3, 4), (4, 1, 3, 3), pad=1),
    conv("as large with more padding", (2, 4, 1, 2), (4, 1, 3, 3), pad=2),
    *sides_apart(one_apart),
)
PADDED = next(c for c in CASES if c.why == "stride and padding differ")
SCENARIOS = [(PADDED, m) for m in (*REPEATED, BETWEEN)]
SCENARIOS += [(CASES[0], beside_same_sizes(*ALIKE)), (CASES[0], as_many_numbers(*IN_TURN))]
SCENARIOS += [with_far_numbers(conv(FAR, (2, 3, 16, 14), (3, 1, 9, 8), number=9), (2, 3, 8, 7))]


def allowed(q: Question, want: Answer, eps: float) -> Answer:
    """Bound sums of products: a window and b in out, the filters over a place in dx, all places in dW and db."""
    fn, _, fh, fw = q["W"].shape
    return bound_filters(q, want, fn // q["x"].shape[1] * fh * fw, eps)


def drawn(pick: Callable[[int, int], int]) -> Case:
    """Draw a case; pick(low, high) picks an integer of low .. high."""
    g = fitting(pick)
    x, W = (g["N"], g["C"], g["H"], g["W"]), (g["C"] * pick(1, 3), 1, g["FH"], g["FW"])
    return conv("drawn", x, W, g["stride"], g["pad"])
