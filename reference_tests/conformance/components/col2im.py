"""col2im: contract, cases, tolerance."""

from typing import Any

from ...subject.protocol import Answer, Op, Question
from ..inputs import one_million, pixels, tiny, whole
from ..mistakes.col2im import MISTAKES as MISTAKES
from ..strata import resizable
from ..tolerance import products
from ..types import Case, Shape
from .shared import (
    AGAIN,
    DEFAULTS,
    FAR,
    as_many_numbers,
    beside_same_sizes,
    other_sides,
    overlapping,
    settings_apart,
    sides_apart,
    size_between,
    window_cases,
    with_far_numbers,
)

OP = Op(
    "col2im",
    "col2im",
    "7.4.3",
    args=("col", "input_shape", "filter_h", "filter_w", "stride", "pad"),
    without=("empty-batch", "after-another-batch-size"),  # the number of images is an argument
)


@resizable
def image(why: str, x: Shape, window: tuple[int, int], stride: int = 1, pad: int = 0, **more: Any) -> Case:
    """Make a case of the shape of the image and the window."""
    n, c, *size = x
    oh, ow = ((s + 2 * pad - f) // stride + 1 for s, f in zip(size, window, strict=True))
    col = (n * max(oh, 0) * max(ow, 0), c * window[0] * window[1])
    params = {"input_shape": tuple(x), "filter_h": window[0], "filter_w": window[1], "stride": stride, "pad": pad}
    return Case(OP, why, {"col": col}, params, **more)


# fmt: off
CASES = [
    #     what it requires                        x (N,C,H,W)     window
    image("overlapping windows are summed",       (2, 3, 9, 6),   (4, 1), number=1511183409),
    image("columns over C then FH then FW",       (2, 3, 6, 9),   (1, 4), number=2135305800),
    image("rows and columns of a square window",  (2, 4, 7, 5),   (3, 3), number=42182563),
    image("square image",                         (2, 3, 5, 5),   (4, 2), number=3272600066),
    image("padding of one is cut off",            (2, 3, 5, 7),   (4, 2),  pad=1, number=3332420181),
    image("padding of two is cut off",            (2, 3, 7, 4),   (5, 3),  pad=2, number=2928488174),
    image("stride of two",                        (3, 2, 9, 7),   (5, 1),  stride=2, number=2938733070),
    image("stride of three",                      (3, 2, 9, 13),  (3, 4),  stride=3, number=1383684072),
    image("stride and padding differ",            (2, 3, 9, 7),   (5, 3),  stride=2, pad=1, number=743761171),
    image("windows leave gaps",                   (2, 3, 10, 7),  (1, 1),  stride=3, number=2262880444),
    image("window as large as the image",         (2, 3, 5, 4),   (5, 4), number=1409099426),
    image("windows that do not overlap",          (3, 2, 4, 6),   (2, 2),  stride=2, number=1064722141),
    image("one channel",                          (3, 1, 6, 5),   (2, 4), number=301397747),
    image("as many channels as images",           (3, 3, 5, 4),   (2, 1), number=2911062827),
    image("every image of a larger batch",        (7, 2, 4, 5),   (3, 1), number=518443898),
    image("numbers up to 255",                    (2, 3, 6, 5),   (3, 2),  draw=pixels, number=985736907),
    image("numbers near one ten thousandth",      (2, 3, 5, 6),   (3, 2),  draw=tiny, number=1232771731),
    image("integer numbers",                      (2, 3, 7, 5),   (4, 2),  draw=whole, level="advice", refuse="told", number=3471995470),
    image("padding of three is cut off",          (2, 3, 4, 5),   (5, 4),  pad=3, number=142374966),
    image("more than 64 columns",                 (2, 3, 4, 70),  (3, 2), number=1895013133),
    image("more than 64 images",                  (259, 2, 3, 4),  (2, 3), number=4003428247),
    image("more than 64 channels",                (2, 259, 4, 3),  (2, 1), number=1700000101),
    image("more than 256 places",                 (2, 3, 18, 17), (2, 1), number=3210492147),
    image("more than 256 rows",                   (2, 1, 300, 3), (4, 2), number=2747760319),
    image("more than 256 columns",                (5, 2, 3, 300), (2, 4), number=1676241149),
    image("one number of a million",              (2, 3, 6, 5),   (3, 2),  draw=one_million, number=434110483),
    image("one window for each pixel",            (2, 3, 4, 5), (1, 1), number=2583644973),
    image("one row of windows",                   (2, 3, 4, 10), (4, 2), stride=2, number=2539020613),
    image("images of one row",                    (2, 3, 1, 10), (1, 2), stride=2, number=1823055273),
    image("square windows side by side with padding", (2, 3, 8, 10), (2, 2), stride=2, pad=1, number=1941033158),
    image("square window and padding that keeps the size", (2, 3, 5, 7), (3, 3), pad=1, number=1495741672),
    image("square window with stride and padding", (2, 3, 9, 11), (3, 3), stride=2, pad=1, number=622038651),
    image("square windows side by side and a remainder", (2, 3, 9, 11), (2, 2), stride=2, level="edge", refuse="may", number=1782001249),
    image("all sizes equal", (3, 3, 3, 3), (3, 3), pad=1, number=2164285284),
    image("square image with stride and padding", (2, 3, 7, 7), (3, 3), stride=2, pad=1, number=1443363491),
    image("one channel with stride and padding", (2, 1, 5, 5), (3, 3), stride=2, pad=1, number=2525162143),
    image("square window as large as the square image", (2, 3, 3, 3), (3, 3), number=2008666926),
    image("window of one pixel with stride on a square image", (2, 3, 5, 5), (1, 1), stride=2, number=640222790),
    image("one image",                            (1, 3, 6, 5),   (4, 2),  level="edge", number=3914083659),
    image("no images",                            (0, 3, 6, 5),   (4, 2),  level="advice", refuse="any", number=3305979751),
    image("a size that does not divide",          (2, 3, 8, 7),   (3, 4),  stride=2, level="edge", refuse="may", number=3547195460),
    image("neither size divides",                 (2, 3, 9, 7),   (2, 1),  stride=4, level="edge", refuse="may", number=3809372185),
    image("one window for each pixel of a padded image", (2, 3, 5, 6), (1, 1), pad=1, level="edge", number=5),
    image("more than 32767 numbers in an image",  (1, 1, 258, 258), (2, 2), stride=16, level="edge", number=6),
    image("padding as large as the window",       (2, 3, 5, 4),   (2, 1),  pad=2, level="edge", number=2512669537),
    image("padding larger than the window",       (2, 3, 4, 5),   (1, 2),  pad=3, level="edge", number=3404517333),
    image("one image of one channel", (1, 1, 4, 4), (2, 2), stride=2, level="edge", number=1256958046),
    image("one image of one channel and a tall window", (1, 1, 6, 5), (3, 2), level="edge", number=1700000307),
    image("one image with stride and padding", (1, 3, 7, 9), (3, 3), stride=2, pad=1, level="edge", number=1700000308),
    image("windows leave gaps in a padded image", (2, 3, 6, 9), (2, 2), stride=3, pad=1, number=1700000309),
    image("one column of windows", (2, 3, 9, 4), (3, 4), stride=2, number=1700000310),
    image("stride and padding of two", (2, 3, 5, 6), (5, 4), stride=2, pad=2, number=1700000311),
    image("only the width leaves a remainder", (2, 3, 9, 8), (3, 3), stride=2, level="edge", refuse="may", number=1700000312),
    image("only the height leaves a remainder", (2, 3, 8, 9), (3, 3), stride=2, pad=1, level="edge", refuse="may", number=1700000313),
]
REFUSED: list[Case] = []
STRATA = (  # the kinds of cases that hidden checks are drawn in
    "overlapping windows are summed", "rows and columns of a square window", "square image",
    "padding of one is cut off", "padding of two is cut off", "stride of two", "stride and padding differ",
    "windows leave gaps", "windows that do not overlap", "one channel", "every image of a larger batch",
    "one image", "a size that does not divide",
)
LARGE = image("larger images", (2, 3, 30, 28), (3, 2))
# fmt: on
ALIKE = (  # each differs from the first case, or from another of these, in one thing
    image("the same sizes, padded", (2, 3, 9, 6), (4, 1), pad=1, number=899506646),
    image("the same sizes, another stride", (2, 3, 9, 6), (4, 1), stride=5, number=1),
    image("the same sizes, another window", (2, 3, 9, 6), (1, 4), number=2),
    image("the same sizes, more channels", (2, 4, 9, 6), (4, 1), number=3),
    image("the same sizes, more images", (3, 3, 9, 6), (4, 1), number=4),
    image("as many windows, with another stride", (2, 3, 14, 11), (4, 1), stride=2, number=1700000007),
    *settings_apart(image),
)
IN_TURN = (
    *(image("as many numbers", x, (4, 1)) for x in other_sides((2, 3, 9, 6), (4, 1))),
    image("as large without padding", (2, 3, 9, 6), (3, 3)),
    image("as large when padded", (2, 3, 7, 4), (3, 3), pad=1),
    image("as large with more padding", (2, 3, 5, 2), (3, 3), pad=2),
    *sides_apart(image),
)
TWICE = image("twice as many images", (4, 3, 5, 7), (4, 2), pad=1, number=1700000376)
SCENARIOS = [
    (CASES[0], DEFAULTS),
    (CASES[4], AGAIN),
    (CASES[4], size_between(lambda case: TWICE)),
    (CASES[0], beside_same_sizes(*ALIKE)),
]
SCENARIOS += [(CASES[0], as_many_numbers(*IN_TURN))]
SCENARIOS += [with_far_numbers(image(FAR, (2, 3, 6, 5), (3, 2), number=9))]
sizes, drawn = window_cases(image)


def allowed(q: Question, want: Answer, eps: float) -> Answer:
    """Bound sums of the overlapping windows."""
    return products(q, {"out": overlapping(q, q["filter_h"], q["filter_w"])}, eps)
