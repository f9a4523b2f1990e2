"""Pointwise (1x1) convolution: contract, cases, tolerance."""

from collections.abc import Callable
from typing import Any

from ...subject.protocol import Answer, Question
from ..inputs import one_million, pixels, tiny, whole
from ..mistakes.pointwise_convolution import MISTAKES as MISTAKES
from ..strata import resizable
from ..types import Case, Shape
from .shared import as_many_numbers, bound_filters, layer_op, other_sides

OP = layer_op("pointwise_convolution", "PointwiseConvolution", "NIN, 3.1", ("W", "b"))


@resizable
def conv(why: str, x: Shape, filters: int, **more: Any) -> Case:
    """Make a case of the shape of x and the number of filters."""
    return Case(OP, why, {"x": x, "W": (filters, x[1], 1, 1), "b": (filters,)}, **more)


# fmt: off
CASES = [
    #    what it requires                       x (N,C,H,W)     FN
    conv("W is filters by channels",            (2, 3, 4, 5),   6, number=1826546250),
    conv("as many filters as channels",         (3, 4, 5, 2),   4, number=1511934330),
    conv("as many channels as columns",         (2, 5, 3, 5),   4, number=142860337),
    conv("square image",                        (2, 3, 4, 4),   5, number=3655301661),
    conv("one channel",                         (2, 1, 5, 4),   3, number=464688359),
    conv("one filter",                          (3, 4, 2, 5),   1, number=67639369),
    conv("one pixel",                           (4, 3, 1, 1),   2, number=257708678),
    conv("every image of a larger batch",       (7, 2, 3, 1),   3, number=3694050902),
    conv("images of 0 to 255",                  (2, 3, 4, 5),   4, draw=pixels, number=3383276345),
    conv("numbers near one ten thousandth",     (2, 3, 5, 4),   2, draw=tiny, number=4087218740),
    conv("integer images",                      (2, 3, 4, 5),   4, draw=whole, level="edge", refuse="told", number=40085921),
    conv("more than 64 columns",                (2, 3, 4, 70),  5, number=47078842),
    conv("more than 64 images",                 (259, 2, 4, 3), 3, number=1700000114),
    conv("more than 64 channels",               (2, 259, 4, 3), 5, number=3249788766),
    conv("more than 256 places",                (2, 3, 18, 17), 4, number=3445751364),
    conv("one number of a million",             (2, 3, 4, 5),   4, draw=one_million, number=473551917),
    conv("all sizes equal", (3, 3, 3, 3), 3, number=202539521),
    conv("one channel and filter", (2, 1, 4, 4), 1, number=290323741),
    conv("one image",                           (1, 3, 4, 5),   6, level="edge", number=559075367),
    conv("one image of one channel, several filters", (1, 1, 4, 5), 3, level="edge", number=1700000361),
    conv("one image and one filter", (1, 3, 4, 5), 1, level="edge", number=1700000362),
]
STRATA = (  # the kinds of cases that hidden checks are drawn in
    "W is filters by channels", "square image", "one channel", "one filter", "one pixel",
    "every image of a larger batch", "images of 0 to 255", "integer images", "one image",
)
LARGE = conv("a backward of its own time", (4, 6, 60, 58), 4)
# fmt: on
IN_TURN = (
    *(conv("as many numbers", x, 6) for x in other_sides((2, 3, 4, 5))),
    conv("as many numbers in W", (2, 6, 4, 5), 3),
)
SCENARIOS = [(CASES[0], as_many_numbers(*IN_TURN))]


def allowed(q: Question, want: Answer, eps: float) -> Answer:
    """Bound sums of products: C terms and b in out, FN in dx, all places in dW and db."""
    return bound_filters(q, want, len(q["W"]), eps)


def drawn(pick: Callable[[int, int], int]) -> Case:
    """Draw a case; pick(low, high) picks an integer of low .. high."""
    return conv("drawn", tuple(pick(1, high) for high in (5, 4, 4, 4)), pick(1, 5))
