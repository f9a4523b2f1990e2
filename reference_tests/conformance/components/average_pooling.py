"""Average pooling: contract, cases, tolerance. Padded zeros count, as in torch."""

from dataclasses import replace
from functools import partial

from ...subject.protocol import Answer, Question
from ..inputs import distinct, in_bytes, one_million, pixels, planes_apart, rectified, tiny, whole
from ..mistakes.average_pooling import MISTAKES as MISTAKES
from ..strata import resizable
from ..tolerance import products
from .shared import (
    AGAIN,
    BETWEEN,
    FAR,
    FLOAT32,
    POOL_DEFAULTS,
    REPEATED,
    as_many_numbers,
    beside_same_sizes,
    layer_op,
    other_sides,
    overlapping,
    pool_case,
    settings_apart,
    sides_apart,
    window_cases,
    with_far_numbers,
)

OP = layer_op("average_pooling", "AveragePooling", "7.3.1", ("pool_h", "pool_w", "stride", "pad"))
pool = resizable(partial(pool_case, OP))


# fmt: off
PHOTO = pool("a large image of 0 to 255",          (2, 1, 63, 66),  (3, 3), stride=3, draw=pixels, level="edge", number=3)
CASES = [
    #    what it requires                          x (N,C,H,W)      window
    pool("window height and width differ",         (2, 3, 10, 12),  (4, 2), stride=2, number=1741427474),
    pool("window of height one",                   (2, 4, 9, 7),    (1, 3), stride=2, number=431191979),
    pool("window of two by two",                   (2, 3, 8, 10),   (2, 2), stride=2, number=2488755537),
    pool("window of three by three",               (4, 2, 9, 15),   (3, 3), stride=3, number=723929102),
    pool("windows overlap",                        (2, 4, 7, 11),   (3, 3), stride=2, number=346685662),
    pool("square image",                           (2, 3, 6, 6),    (3, 2), number=1581403445),
    pool("stride of one",                          (2, 3, 6, 8),    (3, 2), number=2030684749),
    pool("windows leave gaps",                     (4, 2, 8, 13),   (2, 1), stride=3, number=3240955756),
    pool("window of one pixel",                    (2, 4, 5, 9),    (1, 1), stride=2, number=2425382767),
    pool("window as large as the image",           (2, 3, 5, 4),    (5, 4), number=2807905810),
    pool("one channel",                            (4, 1, 10, 8),   (2, 4), stride=2, number=2384883318),
    pool("as many channels as images",             (3, 3, 5, 7),    (2, 1), number=2981152680),
    pool("as many channels as output columns",     (2, 4, 10, 8),   (2, 2), stride=2, number=1580180135),
    pool("every image of a larger batch",          (7, 2, 4, 6),    (2, 3), number=3914273076),
    pool("images of 0 to 255",                     (2, 3, 8, 6),    (4, 2), stride=2, draw=pixels, number=2584110216),
    pool("numbers near one ten thousandth",        (2, 3, 6, 8),    (2, 4), stride=2, draw=tiny, number=1037532037),
    pool("integer images",                         (2, 3, 8, 6),    (2, 4), stride=2, draw=whole, level="advice", refuse="told", number=3884131737),
    pool("images in bytes",                        (2, 3, 6, 8),    (4, 2), stride=2, draw=in_bytes, level="advice", refuse="may", number=1152067288),
    pool("more than 64 columns",                   (2, 3, 4, 70),   (2, 6), stride=2, number=3886536346),
    pool("more than 64 images",                    (259, 3, 4, 2),   (2, 1), number=1745578140),
    pool("more than 64 channels",                  (2, 259, 4, 3),  (2, 1), number=1700000106),
    pool("more than 256 places",                   (2, 3, 18, 16),  (2, 4), stride=2, number=671642980),
    pool("more than 256 rows",                     (2, 1, 300, 4),  (5, 3), number=815685699),
    pool("more than 256 places in a window",       (2, 3, 18, 17),  (17, 16), number=2219213359),
    pool("more than 32767 numbers in an image",   (1, 1, 258, 258), (2, 2), stride=32, draw=distinct, level="edge", number=1700000107),
    pool("one number of a million",                (2, 3, 8, 6),    (4, 2), stride=2, draw=one_million, number=3362589268),
    pool("numbers that are 0 count, too",          (2, 3, 6, 10),  (2, 4), stride=2, draw=rectified, number=1700000003),
    pool("one window for each pixel",              (2, 3, 4, 5), (1, 1), number=1851165027),
    pool("square window with stride of one",       (2, 3, 5, 7), (2, 2), number=2444912523),
    pool("square windows that divide the image, stride of one", (2, 3, 6, 8), (2, 2), number=77120431),
    pool("one row of windows",                     (2, 3, 4, 10), (4, 2), stride=2, number=1188784898),
    pool("images of one row",                      (2, 3, 1, 10), (1, 2), stride=2, number=1522805517),
    pool("square windows side by side and a remainder", (2, 3, 9, 11), (2, 2), stride=2, level="edge", refuse="may", number=3204632329),
    pool("square windows side by side with padding", (2, 3, 8, 10), (2, 2), stride=2, pad=1, level="edge", number=3540585697),
    pool("square window and padding that keeps the size", (2, 3, 5, 7), (3, 3), pad=1, level="edge", number=588173980),
    pool("square window with stride and padding",  (2, 3, 9, 11), (3, 3), stride=2, pad=1, level="edge", number=2724130924),
    pool("as many images and channels as rows and columns", (4, 4, 4, 4), (2, 2), stride=2, number=1584825133),
    pool("square windows side by side, one channel", (2, 1, 6, 6), (2, 2), stride=2, number=619879190),
    pool("square window as large as the square image", (2, 3, 3, 3), (3, 3), number=1965045507),
    pool("square windows overlap on a square image", (2, 3, 7, 7), (3, 3), stride=2, number=2923250191),
    pool("one image",                              (1, 3, 8, 6),    (4, 2), stride=2, level="edge", number=622561949),
    pool("the zeros of the padding count",         (2, 3, 7, 5),    (3, 2), pad=1, level="edge", number=2796468299),
    pool("padding of two",                         (2, 3, 4, 5),    (5, 3), pad=2, level="edge", number=932790791),
    pool("padding wider than half the window",     (2, 4, 6, 5),    (4, 3), pad=2, level="edge", number=1965423180),
    pool("stride and padding differ",              (2, 3, 7, 9),    (5, 3), stride=2, pad=1, level="edge", number=812083600),
    pool("a size that does not divide",            (2, 3, 8, 7),    (3, 2), stride=2, level="edge", refuse="may", number=2814380370),
    pool("neither size divides",                   (2, 4, 9, 8),    (3, 2), stride=4, level="edge", refuse="may", number=1952064910),
    pool("padding of three",                       (2, 3, 4, 5),    (5, 4), pad=3, level="edge", number=417314465),
    PHOTO,
    pool("one image of one channel", (1, 1, 4, 4), (2, 2), stride=2, level="edge", number=2089164538),
    pool("all sizes equal", (3, 3, 3, 3), (3, 3), pad=1, level="edge", number=958445516),
    pool("square image with stride and padding", (2, 1, 7, 7), (3, 3), stride=2, pad=1, level="edge", number=3824940956),
    pool("one image of one channel and a tall window", (1, 1, 6, 5), (3, 2), level="edge", number=1700000330),
    pool("one image with stride and padding", (1, 3, 7, 9), (3, 3), stride=2, pad=1, level="edge", number=1700000331),
    pool("windows leave gaps in a padded image", (2, 3, 6, 9), (2, 2), stride=3, pad=1, level="edge", number=1700000332),
    pool("one column of windows", (2, 3, 9, 4), (3, 4), stride=2, number=1700000333),
    pool("stride and padding of two", (2, 3, 5, 6), (5, 4), stride=2, pad=2, level="edge", number=1700000334),
    pool("only the width leaves a remainder", (2, 3, 9, 8), (3, 3), stride=2, level="edge", refuse="may", number=1700000335),
    pool("only the height leaves a remainder", (2, 3, 8, 9), (3, 3), stride=2, pad=1, level="edge", refuse="may", number=1700000336),
]
REFUSED = [
    pool("window larger than the image",           (2, 3, 3, 4),    (6, 2), level="edge", number=2320597547),
    pool("window wider than the padded image",     (2, 3, 5, 4),    (2, 8), pad=1, level="edge", number=1393279670),
    pool("window one larger than the image",       (2, 3, 5, 4),    (6, 1), level="advice", number=1657107603),
]
STRATA = (  # the kinds of cases that hidden checks are drawn in
    "window height and width differ", "window of two by two", "windows overlap", "square image",
    "stride of one", "windows leave gaps", "one channel", "every image of a larger batch",
    "one image", "the zeros of the padding count", "stride and padding differ", "a size that does not divide",
)
LARGE = pool("a backward of its own time", (2, 6, 60, 62), (2, 2), stride=2)
# fmt: on
BY_TWO = pool("defaults", (2, 3, 7, 10), (3, 4), stride=2, number=3993440194)
SQUARE = settings_apart(pool)
ALIKE = (  # each differs from the first case in one thing
    pool("the same sizes, stride of one", (2, 3, 10, 12), (4, 2), number=2173069398),
    pool("the same sizes, another window", (2, 3, 10, 12), (2, 4), stride=2, number=1),
    pool("the same sizes, more channels", (2, 4, 10, 12), (4, 2), stride=2, number=2),
    pool("as many windows, with a stride of one", (2, 3, 7, 7), (4, 2), number=1700000010),
    *(one for one in SQUARE if not one.params["pad"]),
)
IN_TURN = (*(pool("as many numbers", x, (3, 2)) for x in other_sides((2, 3, 6, 8), (3, 2))), *sides_apart(pool))
PADDED = (
    pool("the same sizes without padding", (2, 3, 7, 5), (3, 2)),
    pool("as large without padding", (2, 3, 9, 7), (3, 2)),
    pool("as large when padded", (2, 3, 7, 5), (3, 2), pad=1, level="edge"),
    *(replace(one, level="edge") for one in SQUARE if one.params["pad"]),
)
SCENARIOS = [(BY_TWO, POOL_DEFAULTS), *((CASES[4], m) for m in (*REPEATED, BETWEEN))]
SCENARIOS += [(CASES[0], beside_same_sizes(*ALIKE)), (PHOTO, FLOAT32)]
SCENARIOS += [(next(c for c in CASES if c.why == "stride of one"), as_many_numbers(*IN_TURN))]
SCENARIOS += [(next(c for c in CASES if c.why == "the zeros of the padding count"), as_many_numbers(*PADDED))]
APART = pool("planes far apart", (2, 3, 6, 8), (2, 4), stride=2, draw=planes_apart, level="edge", number=95)
SCENARIOS += [(APART, FLOAT32)]
SCENARIOS += [with_far_numbers(pool(FAR, (2, 2, 16, 14), (9, 8), number=9), (2, 2, 8, 7))]
SCENARIOS += [(c, AGAIN) for c in CASES if c.why == "square windows side by side, one channel"]
sizes, drawn = window_cases(pool)


def allowed(q: Question, want: Answer, eps: float) -> Answer:
    """Bound sums: a window in out, the overlapping windows in dx."""
    overlaps = overlapping(q, q["pool_h"], q["pool_w"])
    return products(q, {"out": q["pool_h"] * q["pool_w"], "dx": overlaps}, eps, apart=2)
