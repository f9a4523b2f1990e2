"""Max pooling: contract, cases, tolerance."""

from dataclasses import replace
from functools import partial

from ...subject.protocol import Answer, Question
from ..inputs import (
    below_a_million,
    below_zero,
    distinct,
    largest_late,
    near_ties,
    one_distinct_million,
    ties,
    tiny_ones,
    up_to_255,
    whole_numbers,
)
from ..mistakes.pooling import MISTAKES as MISTAKES
from ..references.loops import windows
from ..strata import resizable
from .shared import (
    AGAIN,
    BETWEEN,
    FLOAT32,
    POOL_DEFAULTS,
    REPEATED,
    as_many_numbers,
    beside_same_sizes,
    bound_largest,
    layer_op,
    other_sides,
    overlapping,
    pool_case,
    settings_apart,
    sides_apart,
    window_cases,
)
from .ties import Window, share_of_ties

TIED = ("tiny-numbers",)  # numbers that np.isclose takes for equal: near ties are corner cases
OP = layer_op("pooling", "Pooling", "7.4.4", ("pool_h", "pool_w", "stride", "pad"), edge=TIED)
pool = resizable(partial(pool_case, OP, draw=distinct))


def list_windows(q: Question) -> list[Window]:
    """List each window: image, rows, columns, and the places of its channels' numbers in the output."""
    at, channels = windows(q, q["pool_h"], q["pool_w"])[0], range(q["x"].shape[1])
    return [(n, inside(r, q["pad"]), inside(c, q["pad"]), [(n, channel, i, j) for channel in channels])
            for n, i, j, r, c in at]  # fmt: skip


def inside(places: slice, pad: int) -> slice:
    """Return what of a window's rows or columns lies in the image, counted there."""
    return slice(max(places.start - pad, 0), max(places.stop - pad, 0))


# fmt: off
CASES = [
    #    what it requires                          x (N,C,H,W)      window
    pool("window height and width differ",         (2, 3, 10, 12),  (4, 2), stride=2, number=3072396505),
    pool("window of height one",                   (2, 4, 9, 7),    (1, 3), stride=2, number=414071436),
    pool("window of two by two",                   (2, 3, 8, 10),   (2, 2), stride=2, number=2200770503),
    pool("window of three by three",               (4, 2, 9, 15),   (3, 3), stride=3, number=2994429683),
    pool("windows overlap as in AlexNet",          (2, 4, 7, 11),   (3, 3), stride=2, number=3799776721),
    pool("square image",                           (2, 3, 6, 6),    (3, 2), number=323919578),
    pool("stride of one",                          (2, 3, 6, 8),    (3, 2), number=1240545655),
    pool("windows leave gaps",                     (4, 2, 8, 13),   (2, 1), stride=3, number=3674079897),
    pool("window of one pixel",                    (2, 4, 5, 9),    (1, 1), stride=2, number=1566356209),
    pool("window as large as the image",           (2, 3, 5, 4),    (5, 4), number=1295787859),
    pool("one channel",                            (4, 1, 10, 8),   (2, 4), stride=2, number=815061270),
    pool("as many channels as images",             (3, 3, 5, 7),    (2, 1), number=3832968276),
    pool("as many channels as output columns",     (2, 4, 10, 8),   (2, 2), stride=2, number=3493088141),
    pool("every image of a larger batch",          (7, 2, 4, 6),    (2, 3), number=1682320849),
    pool("negative numbers",                       (2, 3, 8, 10),   (2, 4), stride=2, draw=below_zero, number=1063516862),
    pool("images of 0 to 255",                     (2, 3, 8, 6),    (4, 2), stride=2, draw=up_to_255, number=2178247037),
    pool("numbers near one ten thousandth",        (2, 3, 6, 8),    (2, 4), stride=2, draw=tiny_ones, number=2307457793),
    pool("integer images",                         (2, 3, 8, 6),    (2, 4), stride=2, draw=whole_numbers, level="advice", refuse="told", number=566166744),
    pool("several maxima in a window",             (2, 3, 6, 9),    (3, 3), stride=3, draw=ties, level="edge", rule=share_of_ties(list_windows), number=2516360213),
    pool("several maxima in a padded window",      (2, 3, 6, 10),   (2, 2), stride=2, pad=1, draw=ties, level="edge", rule=share_of_ties(list_windows), number=5),
    pool("the largest are nearly equal",           (2, 3, 8, 6),    (4, 2), stride=2, draw=near_ties, level="edge", number=6),
    pool("more than 64 columns",                   (2, 3, 4, 70),   (2, 6), stride=2, number=4041057292),
    pool("more than 64 images",                    (259, 3, 4, 2),   (2, 1), number=2781330690),
    pool("more than 64 channels",                  (2, 259, 4, 3),  (2, 1), number=1700000103),
    pool("more than 256 places",                   (2, 3, 18, 16),  (2, 4), stride=2, number=1064437746),
    pool("more than 256 rows",                     (2, 1, 300, 4),  (5, 3), number=3806922024),
    pool("more than 256 places in a window",       (2, 3, 18, 17),  (17, 16), draw=largest_late, number=2283828232),
    pool("more than 32767 numbers in an image",   (1, 1, 258, 258), (2, 2), stride=16, level="edge", number=1700000104),
    pool("numbers below minus one million",        (2, 3, 8, 10),   (2, 4), stride=2, draw=below_a_million, number=2980084315),
    pool("one number of a million",                (2, 3, 8, 6),    (4, 2), stride=2, draw=one_distinct_million, number=2620018007),
    pool("one window for each pixel",              (2, 3, 4, 5), (1, 1), number=3814700422),
    pool("square window with stride of one",       (2, 3, 5, 7), (2, 2), number=2713265530),
    pool("square windows that divide the image, stride of one", (2, 3, 6, 8), (2, 2), number=901544186),
    pool("one row of windows",                     (2, 3, 4, 10), (4, 2), stride=2, number=312224769),
    pool("images of one row",                      (2, 3, 1, 10), (1, 2), stride=2, number=3285451259),
    pool("square windows side by side and a remainder", (2, 3, 9, 11), (2, 2), stride=2, level="edge", refuse="may", number=3510685568),
    pool("square windows side by side with padding", (2, 3, 8, 10), (2, 2), stride=2, pad=1, level="edge", number=350860877),
    pool("square window and padding that keeps the size", (2, 3, 5, 7), (3, 3), pad=1, level="edge", number=3377438684),
    pool("square window with stride and padding",  (2, 3, 9, 11), (3, 3), stride=2, pad=1, level="edge", number=991400349),
    pool("as many images and channels as rows and columns", (4, 4, 4, 4), (2, 2), stride=2, number=2576759169),
    pool("square windows side by side, one channel", (2, 1, 6, 6), (2, 2), stride=2, number=4000864990),
    pool("square window as large as the square image", (2, 3, 3, 3), (3, 3), number=2590003945),
    pool("square windows overlap on a square image", (2, 3, 7, 7), (3, 3), stride=2, number=1689748423),
    pool("one image",                              (1, 3, 8, 6),    (4, 2), stride=2, level="edge", number=3837784555),
    pool("padding of one",                         (2, 3, 7, 5),    (3, 2), pad=1, level="edge", number=2678440877),
    pool("padding of two",                         (2, 3, 4, 5),    (5, 3), pad=2, level="edge", number=4054147910),
    pool("padding is never the maximum",           (2, 3, 6, 4),    (3, 2), pad=1, draw=below_zero, level="edge", number=1174972119),
    pool("padding wider than half the window",     (2, 4, 6, 5),    (4, 3), pad=2, level="edge", number=4215149414),
    pool("stride and padding differ",              (2, 3, 7, 9),    (5, 3), stride=2, pad=1, level="edge", number=1705106028),
    pool("a size that does not divide",            (2, 3, 8, 7),    (3, 2), stride=2, level="edge", refuse="may", number=329150934),
    pool("neither size divides",                   (2, 4, 9, 8),    (3, 2), stride=4, level="edge", refuse="may", number=1663063832),
    pool("padding of three",                       (2, 3, 4, 5),    (5, 4), pad=3, level="edge", number=3184795271),
    pool("padding is below minus one million",     (2, 3, 6, 4),    (3, 2), pad=1, draw=below_a_million, level="edge", number=4284553913),
    pool("one image of one channel", (1, 1, 4, 4), (2, 2), stride=2, level="edge", number=3851826188),
    pool("all sizes equal", (3, 3, 3, 3), (3, 3), pad=1, level="edge", number=165168374),
    pool("square image with stride and padding", (2, 1, 7, 7), (3, 3), stride=2, pad=1, level="edge", number=1843404470),
    pool("one image of one channel and a tall window", (1, 1, 6, 5), (3, 2), level="edge", number=1700000323),
    pool("one image with stride and padding", (1, 3, 7, 9), (3, 3), stride=2, pad=1, level="edge", number=1700000324),
    pool("windows leave gaps in a padded image", (2, 3, 6, 9), (2, 2), stride=3, pad=1, level="edge", number=1700000325),
    pool("one column of windows", (2, 3, 9, 4), (3, 4), stride=2, number=1700000326),
    pool("stride and padding of two", (2, 3, 5, 6), (5, 4), stride=2, pad=2, level="edge", number=1700000327),
    pool("only the width leaves a remainder", (2, 3, 9, 8), (3, 3), stride=2, level="edge", refuse="may", number=1700000328),
    pool("only the height leaves a remainder", (2, 3, 8, 9), (3, 3), stride=2, pad=1, level="edge", refuse="may", number=1700000329),
]
REFUSED = [
    pool("window larger than the image",           (2, 3, 3, 4),    (6, 2), level="edge", number=1613798250),
    pool("window wider than the padded image",     (2, 3, 5, 4),    (2, 8), pad=1, level="edge", number=3708824476),
    pool("window one larger than the image",       (2, 3, 5, 4),    (6, 1), level="advice", number=1975453189),
]
STRATA = (  # the kinds of cases that hidden checks are drawn in
    "window height and width differ", "window of two by two", "square image", "stride of one",
    "windows leave gaps", "one channel", "every image of a larger batch", "one image",
    "padding of one", "padding is never the maximum", "stride and padding differ",
    "a size that does not divide",
)
LARGE = pool("a backward of its own time", (2, 6, 60, 62), (2, 2), stride=2)
# fmt: on
BY_TWO = pool("defaults", (2, 3, 7, 10), (3, 4), stride=2, number=727831292)
SQUARE = settings_apart(pool)
ALIKE = (  # each differs from the first case in one thing
    pool("the same sizes, stride of one", (2, 3, 10, 12), (4, 2), number=3869639974),
    pool("the same sizes, another window", (2, 3, 10, 12), (2, 4), stride=2, number=1),
    pool("the same sizes, more channels", (2, 4, 10, 12), (4, 2), stride=2, number=2),
    pool("as many windows, with a stride of one", (2, 3, 7, 7), (4, 2), number=1700000009),
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
SCENARIOS += [(CASES[0], beside_same_sizes(*ALIKE))]
SCENARIOS += [(next(c for c in CASES if c.why == "stride of one"), as_many_numbers(*IN_TURN))]
SCENARIOS += [(next(c for c in CASES if c.why == "padding of one"), as_many_numbers(*PADDED))]
SCENARIOS += [(c, FLOAT32) for c in CASES if c.why in ("negative numbers", "padding is never the maximum")]
SCENARIOS += [(c, AGAIN) for c in CASES if c.why == "square windows side by side, one channel"]
sizes, drawn = window_cases(pool)


def allowed(q: Question, want: Answer, eps: float) -> Answer:
    """Allow one rounding of out, which is copied; bound the sum of the overlapping windows in dx."""
    return bound_largest(q, want, overlapping(q, q["pool_h"], q["pool_w"]), eps)
