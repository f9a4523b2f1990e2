"""Global max pooling: contract, cases, tolerance."""

from functools import partial

from ...subject.protocol import Question
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
from ..mistakes.global_max_pooling import MISTAKES as MISTAKES
from ..strata import resizable
from .shared import (
    BETWEEN,
    FLOAT32,
    as_many_numbers,
    beside_same_sizes,
    bound_copies,
    input_case,
    layer_op,
    other_sides,
    up_to,
)
from .ties import Window, share_of_ties

TIED = ("tiny-numbers",)  # numbers that np.isclose takes for equal: near ties are corner cases
OP = layer_op("global_max_pooling", "GlobalMaxPooling", "7.3.1", edge=TIED)
pool = resizable(partial(input_case, OP, draw=distinct))


def list_planes(q: Question) -> list[Window]:
    """List each image as one window."""
    every, (N, C, *_) = slice(None), q["x"].shape
    return [(n, every, every, [(n, channel) for channel in range(C)]) for n in range(N)]


# fmt: off
CASES = [
    #    what it requires                   x (N,C,H,W)
    pool("maximum over height and width",   (2, 3, 4, 5), number=2287580490),
    pool("the position uses the width",     (3, 2, 5, 4), number=2469074675),
    pool("square image",                    (2, 4, 3, 3), number=2003664151),
    pool("as many channels as images",      (3, 3, 2, 4), number=230122281),
    pool("one pixel",                       (2, 5, 1, 1), number=1211939798),
    pool("one channel",                     (4, 1, 3, 2), number=2027934735),
    pool("every image of a larger batch",   (7, 2, 2, 3), number=4014824630),
    pool("negative numbers",                (2, 3, 5, 4), draw=below_zero, number=3835064508),
    pool("images of 0 to 255",              (2, 3, 4, 3), draw=up_to_255, number=3197024820),
    pool("numbers near one ten thousandth", (2, 3, 3, 4), draw=tiny_ones, number=2815741847),
    pool("whole numbers",                   (2, 3, 4, 5), draw=whole_numbers, level="advice", refuse="told", number=3525492375),
    pool("more than 64 columns",            (2, 3, 4, 70), number=3468487797),
    pool("more than 64 images",             (259, 2, 3, 4), number=2868387813),
    pool("more than 64 channels",           (2, 259, 4, 3), number=1700000127),
    pool("more than 256 places",            (2, 3, 18, 17), draw=largest_late, number=18042763),
    pool("more than 32767 numbers in an image", (1, 1, 257, 257), draw=largest_last, level="edge", number=1700000128),
    pool("numbers below minus one million", (2, 3, 5, 4), draw=below_a_million, number=1660782033),
    pool("one number of a million",         (2, 3, 5, 4), draw=one_distinct_million, number=3307178613),
    pool("the largest are nearly equal",    (2, 3, 4, 5), draw=near_ties, level="edge", number=3),
    pool("images of one row",               (2, 3, 1, 5), number=1160656007),
    pool("all sizes equal", (3, 3, 3, 3), number=3966359832),
    pool("square image of one channel", (2, 1, 4, 4), number=1551079869),
    pool("one image",                       (1, 4, 3, 5), level="edge", number=1714567543),
    pool("several maxima in a plane",       (2, 3, 4, 5), draw=ties, rule=share_of_ties(list_planes), level="edge", number=3117248888),
]
STRATA = (  # the kinds of cases that hidden checks are drawn in
    "maximum over height and width", "the position uses the width", "square image", "one pixel",
    "one channel", "every image of a larger batch", "one image",
)
LARGE = pool("a backward of its own time", (8, 6, 60, 62))
# fmt: on
ALIKE = (  # each has as many numbers a plane as the first case, or as many planes
    pool("the same sizes, more channels", (2, 4, 4, 5), number=1),
    pool("the same sizes, turned", (2, 3, 5, 4), number=2),
)
IN_TURN = [pool("as many numbers", x) for x in other_sides((2, 3, 4, 5))]
SCENARIOS = [(CASES[0], beside_same_sizes(*ALIKE)), (CASES[0], as_many_numbers(*IN_TURN)), (CASES[0], BETWEEN)]
SCENARIOS += [(c, FLOAT32) for c in CASES if c.why == "negative numbers"]
allowed, drawn = bound_copies, up_to(pool, 5, 4, 6, 6)
