"""Spatial pyramid pooling: contract, cases, tolerance."""

from collections.abc import Callable
from typing import Any

from ...subject.protocol import Answer, Question
from ..inputs import (
    below_a_million,
    below_zero,
    distinct,
    largest_last,
    largest_late,
    near_ties,
    one_distinct_million,
    ties,
    tiny_ones,
    up_to_255,
    whole_numbers,
)
from ..mistakes.spatial_pyramid_pooling import MISTAKES as MISTAKES
from ..strata import resizable
from ..types import Case, Draw, Shape
from .shared import BETWEEN, FLOAT32, as_many_numbers, beside_same_sizes, bound_largest, layer_op, other_sides
from .ties import Window, share_of_ties

TIED = ("tiny-numbers",)  # numbers that np.isclose takes for equal: near ties are corner cases
OP = layer_op("spatial_pyramid_pooling", "SpatialPyramidPooling", "SPP-net, 2.2", ("levels",), edge=TIED)


@resizable
def pyramid(why: str, x: Shape, levels: tuple[int, ...] = (4, 2, 1), draw: Draw = distinct, **more: Any) -> Case:
    """Make a case of the shape of x."""
    return Case(OP, why, {"x": x}, {"levels": levels}, draw=draw, **more)


def list_bins(q: Question) -> list[Window]:
    """List the windows of a single level that divides the image."""
    (n,), (N, C, H, W) = q["levels"], q["x"].shape
    h, w = H // n, W // n
    return [
        (image, slice(i * h, i * h + h), slice(j * w, j * w + w), [(image, (c * n + i) * n + j) for c in range(C)])
        for image in range(N)
        for i in range(n)
        for j in range(n)
    ]


# fmt: off
CASES = [
    #       what it requires                    x (N,C,H,W)
    pyramid("levels in the order given",        (2, 3, 8, 4), number=194917424),
    pyramid("sizes that do not divide",         (2, 3, 7, 5), number=2588273037),
    pyramid("windows overlap",                  (2, 2, 5, 6), (4, 3), number=48904867),
    pyramid("square image",                     (3, 2, 6, 6), (3, 2, 1), number=562591883),
    pyramid("one level",                        (2, 4, 5, 7), (3,), number=1702253506),
    pyramid("levels in any order",              (2, 3, 6, 5), (1, 3, 2), number=830692637),
    pyramid("the whole plane only",             (2, 3, 4, 5), (1,), number=972455652),
    pyramid("grid finer than the image",        (2, 3, 3, 2), (4, 1), level="edge", number=3976218071),
    pyramid("as fine as the image",             (2, 2, 13, 14), (13, 12), number=91),
    pyramid("as many channels as windows",      (3, 4, 5, 4), (2,), number=3307041791),
    pyramid("one channel",                      (2, 1, 7, 6), number=773745466),
    pyramid("every image of a larger batch",    (7, 2, 4, 5), (2, 1), number=877985292),
    pyramid("negative numbers",                 (2, 3, 5, 4), (2, 1), draw=below_zero, number=3033145123),
    pyramid("images of 0 to 255",               (2, 3, 4, 7), (2, 1), draw=up_to_255, number=2505703540),
    pyramid("numbers near one ten thousandth",  (2, 2, 6, 5), (2, 1), draw=tiny_ones, number=211276892),
    pyramid("whole numbers",                    (2, 3, 5, 4), (2, 1), draw=whole_numbers, level="advice", refuse="told", number=734889213),
    pyramid("more than 64 columns",             (2, 3, 4, 70), (2, 1), number=359780918),
    pyramid("more than 64 images",              (259, 2, 3, 4), (2, 1), number=1700000122),
    pyramid("more than 64 channels",            (2, 259, 4, 3), (2, 1), number=1700000123),
    pyramid("more than 256 places",             (2, 3, 18, 17), (2, 1), draw=largest_late, number=3672011208),
    pyramid("more than 32767 numbers in an image", (1, 1, 257, 257), (2, 1), draw=largest_last, level="edge", number=1700000124),
    pyramid("numbers below minus one million",  (2, 3, 5, 4), (2, 1), draw=below_a_million, number=1234355937),
    pyramid("one number of a million",          (2, 3, 5, 4), (2, 1), draw=one_distinct_million, number=332602439),
    pyramid("the largest are nearly equal",     (2, 3, 8, 4), (2, 1), draw=near_ties, level="edge", number=4),
    pyramid("all sizes equal", (4, 4, 4, 4), (2, 1), number=361161586),
    pyramid("one image",                        (1, 3, 6, 5), level="edge", number=440633777),
    pyramid("several maxima in a window",       (2, 3, 6, 4), (2,), draw=ties, rule=share_of_ties(list_bins), level="edge", number=3001089670),
]
STRATA = (  # the kinds of cases that hidden checks are drawn in
    "levels in the order given", "sizes that do not divide", "windows overlap", "square image", "one level",
    "grid finer than the image", "one channel", "every image of a larger batch", "one image",
)
LARGE = pyramid("a backward of its own time", (2, 6, 60, 62))
# fmt: on
ALIKE = (  # each differs from the first case in one thing
    pyramid("the same sizes, other levels", (2, 3, 8, 4), (2, 3), number=1559764371),
    pyramid("the same sizes, more channels", (2, 4, 8, 4), number=1),
)
IN_TURN = [pyramid("as many numbers", x) for x in other_sides((2, 3, 8, 4))]
SCENARIOS = [(CASES[0], beside_same_sizes(*ALIKE)), (CASES[0], as_many_numbers(*IN_TURN)), (CASES[0], BETWEEN)]
SCENARIOS += [(c, FLOAT32) for c in CASES if c.why == "negative numbers"]


def allowed(q: Question, want: Answer, eps: float) -> Answer:
    """Allow one rounding of out, which is copied; bound the sum of a place's windows in dx: at most 4 a level."""
    return bound_largest(q, want, 4 * len(q["levels"]), eps)


def drawn(pick: Callable[[int, int], int]) -> Case:
    """Draw a case; pick(low, high) picks an integer of low .. high."""
    levels = tuple(dict.fromkeys(pick(1, 4) for _ in range(pick(1, 3))))  # nobody asks for a level twice
    return pyramid("drawn", (pick(1, 4), pick(1, 3), pick(1, 7), pick(1, 7)), levels)
