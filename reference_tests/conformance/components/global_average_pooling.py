"""Global average pooling: contract, cases, tolerance."""

from functools import partial

from ...subject.protocol import Answer, Question
from ..inputs import below_zero, in_bytes, one_million, pixels, planes_apart, rectified, tiny, whole
from ..mistakes.global_average_pooling import MISTAKES as MISTAKES
from ..strata import resizable
from ..tolerance import products
from .shared import (
    BETWEEN,
    FAR,
    FLOAT32,
    as_many_numbers,
    beside_same_sizes,
    input_case,
    layer_op,
    other_sides,
    up_to,
    with_far_numbers,
)

OP = layer_op("global_average_pooling", "GlobalAveragePooling", "NIN, 3.2")
pool = resizable(partial(input_case, OP))


# fmt: off
CASES = [
    #    what it requires                   x (N,C,H,W)
    pool("mean over height and width",      (2, 3, 4, 5), number=1904807819),
    pool("divided by height times width",   (3, 2, 5, 4), number=667564759),
    pool("square image",                    (2, 4, 3, 3), number=1717805833),
    pool("as many channels as images",      (3, 3, 2, 4), number=1976687622),
    pool("one pixel",                       (2, 5, 1, 1), number=2475824884),
    pool("one channel",                     (4, 1, 3, 2), number=1997182676),
    pool("every image of a larger batch",   (7, 2, 2, 3), number=3026677724),
    pool("images of 0 to 255",              (2, 3, 5, 4), draw=pixels, number=1286383251),
    pool("numbers near one ten thousandth", (2, 3, 4, 3), draw=tiny, number=209556593),
    pool("numbers that are 0 count, too",   (2, 3, 6, 4), draw=rectified, number=1700000005),
    pool("whole numbers give fractions",    (2, 3, 4, 5), draw=whole, level="advice", refuse="told", number=3217743807),
    pool("images in bytes",                 (2, 3, 5, 4), draw=in_bytes, level="advice", refuse="told", number=3584635205),
    pool("more than 64 columns",            (2, 3, 4, 70), number=1006331958),
    pool("more than 64 images",             (259, 2, 3, 4), number=3803712434),
    pool("more than 64 channels",           (2, 259, 4, 3), number=1700000125),
    pool("more than 256 places",            (2, 3, 18, 17), number=4099197896),
    pool("more than 32767 numbers in an image", (1, 1, 257, 257), draw=below_zero, level="edge", number=1700000126),
    pool("one number of a million",         (2, 3, 5, 4), draw=one_million, number=9711717),
    pool("images of one row",               (2, 3, 1, 5), number=1957665343),
    pool("all sizes equal", (3, 3, 3, 3), number=376957605),
    pool("square image of one channel", (2, 1, 4, 4), number=1023743221),
    pool("one image",                       (1, 4, 3, 5), level="edge", number=3181155413),
]
STRATA = (  # the kinds of cases that hidden checks are drawn in
    "mean over height and width", "divided by height times width", "square image", "one pixel", "one channel",
    "every image of a larger batch", "images of 0 to 255", "one image",
)
LARGE = pool("a backward of its own time", (8, 6, 60, 62))
# fmt: on
ALIKE = (  # each has as many numbers a plane as the first case, or as many planes
    pool("the same sizes, more channels", (2, 4, 4, 5), number=1),
    pool("the same sizes, turned", (2, 3, 5, 4), number=2),
)
IN_TURN = [pool("as many numbers", x) for x in other_sides((2, 3, 4, 5))]
SCENARIOS = [(CASES[0], beside_same_sizes(*ALIKE)), (CASES[0], as_many_numbers(*IN_TURN)), (CASES[0], BETWEEN)]
APART = pool("planes far apart", (2, 3, 4, 5), draw=planes_apart, level="edge", number=94)
SCENARIOS += [(APART, FLOAT32)]
SCENARIOS += [with_far_numbers(pool(FAR, (2, 3, 4, 5), number=9), (2, 3))]
drawn = up_to(pool, 5, 4, 6, 6)


def allowed(q: Question, want: Answer, eps: float) -> Answer:
    """Bound a sum of H * W numbers and a division."""
    return products(q, {"out": q["x"][0, 0].size + 1 if q["x"].size else 1, "dx": 1}, eps, apart=2)
