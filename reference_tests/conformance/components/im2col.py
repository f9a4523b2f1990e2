"""im2col: contract, cases, tolerance."""

from typing import Any

from ...subject.protocol import Op
from ..inputs import in_bytes, one_million, pixels, tiny, whole
from ..mistakes.im2col import MISTAKES as MISTAKES
from ..strata import resizable
from ..types import Case, Shape
from .shared import (
    AFTER_LARGER,
    AGAIN,
    BETWEEN,
    DEFAULTS,
    as_many_numbers,
    beside_same_sizes,
    bound_copies,
    other_sides,
    settings_apart,
    sides_apart,
    window_cases,
)

OP = Op("im2col", "im2col", "7.4.3", args=("input_data", "filter_h", "filter_w", "stride", "pad"))


@resizable
def cols(why: str, x: Shape, window: tuple[int, int], stride: int = 1, pad: int = 0, **more: Any) -> Case:
    """Make a case of the shape of the images and the window."""
    params = {"filter_h": window[0], "filter_w": window[1], "stride": stride, "pad": pad}
    return Case(OP, why, {"input_data": x}, params, **more)


# fmt: off
CASES = [
    #    what it requires                         x (N,C,H,W)     window
    cols("rows over N then OH then OW",           (2, 3, 9, 6),   (4, 1), number=1403537239),
    cols("columns over C then FH then FW",        (2, 3, 6, 9),   (1, 4), number=806589169),
    cols("rows and columns of a square window",   (2, 4, 7, 5),   (3, 3), number=3855265475),
    cols("square image",                          (2, 3, 5, 5),   (4, 2), number=1249310714),
    cols("padding of one",                        (2, 3, 5, 7),   (4, 2),  pad=1, number=1045391307),
    cols("padding of two",                        (2, 3, 7, 4),   (5, 3),  pad=2, number=1347405600),
    cols("stride of two",                         (3, 2, 9, 7),   (5, 1),  stride=2, number=482771261),
    cols("stride of three",                       (3, 2, 9, 13),  (3, 4),  stride=3, number=1058787469),
    cols("stride and padding differ",             (2, 3, 9, 7),   (5, 3),  stride=2, pad=1, number=813027673),
    cols("windows leave gaps",                    (2, 3, 10, 7),  (1, 1),  stride=3, number=528668642),
    cols("window as large as the image",          (2, 3, 5, 4),   (5, 4), number=2027907513),
    cols("window of two by two",                  (3, 2, 4, 6),   (2, 2),  stride=2, number=3110032605),
    cols("one channel",                           (3, 1, 6, 5),   (2, 4), number=3149983338),
    cols("as many channels as images",            (3, 3, 5, 4),   (2, 1), number=2980216673),
    cols("every image of a larger batch",         (7, 2, 4, 5),   (3, 1), number=1370714051),
    cols("numbers up to 255",                     (2, 3, 6, 5),   (3, 2),  draw=pixels, number=1368900296),
    cols("numbers near one ten thousandth",       (2, 3, 5, 6),   (3, 2),  draw=tiny, number=3748598569),
    cols("integer images",                        (2, 3, 6, 5),   (4, 2),  draw=whole, level="edge", refuse="told", number=2153095358),
    cols("images in bytes",                       (2, 3, 5, 6),   (2, 4),  draw=in_bytes, level="edge", refuse="may", number=4243900086),
    cols("padding of three",                      (2, 3, 4, 5),   (5, 4),  pad=3, number=1606948029),
    cols("more than 64 columns",                  (2, 3, 4, 70),  (3, 2), number=3400525590),
    cols("more than 64 images",                   (259, 2, 3, 4),  (2, 3), number=1658153315),
    cols("more than 64 channels",                (2, 259, 4, 3),  (2, 1), number=1700000100),
    cols("more than 256 places",                  (2, 3, 18, 17), (2, 1), number=83903720),
    cols("more than 256 rows",                    (2, 1, 300, 3), (4, 2), number=1979696445),
    cols("more than 256 columns",                 (5, 2, 3, 300), (2, 4), number=3350948342),
    cols("one number of a million",               (2, 3, 6, 5),   (3, 2),  draw=one_million, number=3905185565),
    cols("one window for each pixel",             (2, 3, 4, 5), (1, 1), number=3601528724),
    cols("one row of windows",                    (2, 3, 4, 10), (4, 2), stride=2, number=1718748747),
    cols("images of one row",                     (2, 3, 1, 10), (1, 2), stride=2, number=2620182904),
    cols("square windows side by side with padding", (2, 3, 8, 10), (2, 2), stride=2, pad=1, number=3554738267),
    cols("square window and padding that keeps the size", (2, 3, 5, 7), (3, 3), pad=1, number=2489253001),
    cols("square window with stride and padding", (2, 3, 9, 11), (3, 3), stride=2, pad=1, number=3352526992),
    cols("square windows side by side and a remainder", (2, 3, 9, 11), (2, 2), stride=2, level="edge", refuse="may", number=1974440329),
    cols("all sizes equal", (3, 3, 3, 3), (3, 3), pad=1, number=854547543),
    cols("square image with stride and padding", (2, 3, 7, 7), (3, 3), stride=2, pad=1, number=3684043223),
    cols("one channel with stride and padding", (2, 1, 5, 5), (3, 3), stride=2, pad=1, number=259812224),
    cols("square window as large as the square image", (2, 3, 3, 3), (3, 3), number=76527718),
    cols("window of one pixel with stride on a square image", (2, 3, 5, 5), (1, 1), stride=2, number=1679130773),
    cols("one image",                             (1, 3, 6, 5),   (4, 2),  level="edge", number=3194917487),
    cols("one image of seven by seven",           (1, 3, 7, 7),   (5, 5),  level="edge", number=1230185563),
    cols("a size that does not divide",           (2, 3, 8, 7),   (3, 4),  stride=2, level="edge", refuse="may", number=1165517310),
    cols("neither size divides",                  (2, 3, 9, 7),   (2, 1),  stride=4, level="edge", refuse="may", number=1498551298),
    cols("one window for each pixel of a padded image", (2, 3, 5, 6), (1, 1), pad=1, level="edge", number=5),
    cols("more than 32767 numbers in an image",   (1, 1, 258, 258), (2, 2), stride=16, level="edge", number=6),
    cols("padding as large as the window",        (2, 3, 5, 4),   (2, 1),  pad=2, level="edge", number=3666999256),
    cols("padding larger than the window",        (2, 3, 4, 5),   (1, 2),  pad=3, level="edge", number=2243523436),
    cols("one image of one channel", (1, 1, 4, 4), (2, 2), stride=2, level="edge", number=3127829647),
    cols("one image of one channel and a tall window", (1, 1, 6, 5), (3, 2), level="edge", number=1700000300),
    cols("one image with stride and padding", (1, 3, 7, 9), (3, 3), stride=2, pad=1, level="edge", number=1700000301),
    cols("windows leave gaps in a padded image", (2, 3, 6, 9), (2, 2), stride=3, pad=1, number=1700000302),
    cols("one column of windows", (2, 3, 9, 4), (3, 4), stride=2, number=1700000303),
    cols("stride and padding of two", (2, 3, 5, 6), (5, 4), stride=2, pad=2, number=1700000304),
    cols("only the width leaves a remainder", (2, 3, 9, 8), (3, 3), stride=2, level="edge", refuse="may", number=1700000305),
    cols("only the height leaves a remainder", (2, 3, 8, 9), (3, 3), stride=2, pad=1, level="edge", refuse="may", number=1700000306),
]
REFUSED = [
    cols("window larger than the image",          (2, 3, 3, 4),   (5, 2),  level="edge", number=1439946112),
    cols("window wider than the padded image",    (2, 3, 5, 4),   (3, 8),  pad=1, level="edge", number=1801862397),
    cols("window one larger than the image",      (2, 3, 4, 5),   (2, 6),  level="advice", number=1338852639),
]
STRATA = (  # the kinds of cases that hidden checks are drawn in
    "rows over N then OH then OW", "rows and columns of a square window", "square image", "padding of one",
    "padding of two", "stride of two", "stride and padding differ", "windows leave gaps", "one channel",
    "every image of a larger batch", "integer images", "one image", "a size that does not divide",
)
LARGE = cols("larger images", (2, 3, 30, 28), (3, 2))
# fmt: on
allowed = bound_copies
ALIKE = (  # each differs from the first case, or from another of these, in one thing
    cols("the same sizes, padded", (2, 3, 9, 6), (4, 1), pad=1, number=4021761400),
    cols("the same sizes, another stride", (2, 3, 9, 6), (4, 1), stride=5, number=1),
    cols("the same sizes, another window", (2, 3, 9, 6), (1, 4), number=2),
    cols("the same sizes, more channels", (2, 4, 9, 6), (4, 1), number=3),
    cols("the same sizes, more images", (3, 3, 9, 6), (4, 1), number=4),
    cols("as many windows, with another stride", (2, 3, 14, 11), (4, 1), stride=2, number=1700000006),
    *settings_apart(cols),
)
IN_TURN = (
    *(cols("as many numbers", x, (4, 1)) for x in other_sides((2, 3, 9, 6), (4, 1))),
    cols("as large without padding", (2, 3, 9, 6), (3, 3)),
    cols("as large when padded", (2, 3, 7, 4), (3, 3), pad=1),
    cols("as large with more padding", (2, 3, 5, 2), (3, 3), pad=2),
    *sides_apart(cols),
)
SCENARIOS = [
    (CASES[0], DEFAULTS),
    *((CASES[4], m) for m in (AGAIN, AFTER_LARGER, BETWEEN)),
    (CASES[0], beside_same_sizes(*ALIKE)),
]
SCENARIOS += [(CASES[0], as_many_numbers(*IN_TURN))]
sizes, drawn = window_cases(cols)
