"""Convolution: contract, cases, tolerance."""

from functools import partial
from typing import Any

import numpy as np

import golden

from ...subject.protocol import Answer, Question
from ..inputs import distinct, in_bytes, one_million, pixels, tiny, whole, whole_parameters
from ..mistakes.convolution import HISTORY as HISTORY
from ..mistakes.convolution import MISTAKES as MISTAKES
from ..strata import resizable
from ..types import Case, Shape
from .shared import (
    AGAIN,
    BETWEEN,
    DEFAULTS,
    FAR,
    REPEATED,
    as_many_numbers,
    beside_same_sizes,
    bound_filters,
    filter_case,
    layer_op,
    other_sides,
    overlapping,
    settings_apart,
    sides_apart,
    window_cases,
    with_far_numbers,
)

OP = layer_op("convolution", "Convolution", "7.4.3", ("W", "b", "stride", "pad"))
conv = resizable(partial(filter_case, OP))


def golden_case(row: dict[str, Any]) -> Case:
    """Make a case of a golden product: one image, one channel, one filter."""
    arrays = {k: np.array(row[k], "f8")[None, None] for k in ("x", "W")} | {"b": np.array([row["b"]], "f8")}
    return Case.of(OP, f"golden {row['name']}", arrays, {"stride": 1, "pad": 0}, np.array(row["dout"], "f8"))


# fmt: off
CASES = [
    #    what it requires                          x (N,C,H,W)     W (FN,C,FH,FW)
    conv("W is used as it is, not flipped",        (2, 3, 9, 7),   (5, 3, 4, 1), number=2201248827),
    conv("height and width differ",                (2, 3, 7, 9),   (5, 3, 1, 4), number=3877353096),
    conv("rows and columns of a square window",    (2, 3, 7, 6),   (6, 3, 3, 3), number=624235743),
    conv("square image",                           (2, 3, 6, 6),   (7, 3, 2, 4), number=3927455747),
    conv("backward cuts the padding off",          (2, 3, 7, 5),   (6, 3, 4, 2), pad=1, number=1124743812),
    conv("padding of two",                         (2, 3, 5, 6),   (6, 3, 4, 5), pad=2, number=2666193563),
    conv("backward uses the stride",               (3, 2, 9, 7),   (4, 2, 5, 1), stride=2, number=3678244055),
    conv("stride and padding differ",              (2, 3, 9, 10),  (6, 3, 5, 4), stride=2, pad=1, number=4256568937),
    conv("stride of three",                        (3, 2, 9, 13), (5, 2, 3, 4), stride=3, number=1667637164),
    conv("windows leave gaps",                     (3, 2, 7, 10),  (5, 2, 1, 1), stride=3, number=1155218793),
    conv("filter as large as the input",           (2, 3, 5, 4),   (6, 3, 5, 4), number=2267852023),
    conv("one filter",                             (2, 3, 6, 5),   (1, 3, 4, 2), number=985255344),
    conv("one channel",                            (2, 1, 7, 5),   (4, 1, 3, 2), number=3756879754),
    conv("window of one pixel and one channel",    (3, 1, 4, 5),   (2, 1, 1, 1), number=2636348137),
    conv("as many filters as channels",            (2, 3, 5, 6),   (3, 3, 4, 2), number=1358670604),
    conv("as many channels as images",             (3, 3, 6, 4),   (5, 3, 2, 1), number=2086778961),
    conv("as many channels as columns",            (2, 4, 6, 4),   (5, 4, 3, 2), number=6),
    conv("as many filters as images",              (4, 3, 6, 5),   (4, 3, 5, 2), number=493191407),
    conv("as many filters as output columns",      (2, 3, 6, 5),   (4, 3, 3, 2), number=201317807),
    conv("as many filters as output rows",         (2, 3, 6, 8),   (4, 3, 3, 2), number=2495680950),
    conv("as many filters as numbers in a window", (3, 2, 4, 6),   (4, 2, 1, 2), number=1463727351),
    conv("every image of a larger batch",          (7, 2, 4, 5),   (4, 2, 3, 1), number=813313319),
    conv("images of 0 to 255",                     (2, 3, 6, 5),   (5, 3, 4, 2), draw=pixels, number=535844493),
    conv("numbers near one ten thousandth",        (2, 3, 5, 6),   (5, 3, 2, 4), draw=tiny, number=4185645122),
    conv("integer images",                         (2, 3, 6, 5),   (5, 3, 4, 2), draw=whole, level="edge", refuse="told", number=1324385541),
    conv("images in bytes",                        (2, 3, 5, 6),   (4, 3, 2, 5), draw=in_bytes, level="edge", refuse="may", number=3196352043),
    conv("window of one pixel over all channels",  (2, 3, 4, 5),   (6, 3, 1, 1), number=1702663531),
    conv("padding of three",                       (2, 3, 4, 5),   (6, 3, 5, 4), pad=3, number=335378732),
    conv("more than 64 columns",                   (2, 3, 4, 70),  (5, 3, 2, 4), number=1376253609),
    conv("more than 64 images",                    (259, 2, 4, 5),  (6, 2, 3, 1), number=417622561),
    conv("more than 64 channels",                  (2, 259, 3, 4), (5, 259, 2, 3), number=1163747115),
    conv("more than 256 places",                   (2, 3, 18, 17), (4, 3, 2, 1), number=2645054807),
    conv("more than 256 rows",                     (2, 1, 301, 4), (4, 1, 5, 2), stride=2, number=244196137),
    conv("more than 32767 numbers in an image",   (1, 1, 258, 258), (1, 1, 2, 2), stride=32, draw=distinct, level="edge", number=1700000102),
    conv("filters of 28 numbers",                  (2, 1, 9, 8),   (6, 1, 7, 4), number=3),
    conv("one number of a million",                (2, 3, 6, 5),   (5, 3, 4, 2), draw=one_million, number=2903692898),
    conv("square windows side by side",            (3, 4, 10, 12), (7, 4, 2, 2), stride=2, number=293186204),
    conv("square windows side by side with padding", (2, 3, 8, 10), (4, 3, 2, 2), stride=2, pad=1, number=3698752783),
    conv("square window and padding that keeps the size", (2, 4, 5, 7), (6, 4, 3, 3), pad=1, number=3210502009),
    conv("square window with stride and padding",  (2, 4, 9, 11), (7, 4, 3, 3), stride=2, pad=1, number=3453397157),
    conv("one row of windows",                     (2, 3, 5, 8), (4, 3, 5, 2), number=597997364),
    conv("images of one row",                      (2, 3, 1, 8), (4, 3, 1, 3), number=2512509781),
    conv("square windows side by side and a remainder", (2, 3, 9, 11), (6, 3, 2, 2), stride=2, level="edge", refuse="may", number=3940554422),
    conv("all sizes equal", (3, 3, 3, 3), (3, 3, 3, 3), pad=1, number=4130240544),
    conv("square image with stride and padding", (2, 3, 7, 7), (5, 3, 3, 3), stride=2, pad=1, number=3508059103),
    conv("one channel and filter with stride and padding", (2, 1, 5, 5), (1, 1, 3, 3), stride=2, pad=1, number=630113743),
    conv("square filter as large as the square input", (2, 3, 3, 3), (5, 3, 3, 3), number=3356817319),
    conv("window of one pixel with stride on a square image", (2, 3, 5, 5), (4, 3, 1, 1), stride=2, number=2490768083),
    conv("one image",                              (1, 3, 6, 5),   (5, 3, 4, 2), level="edge", number=4277203648),
    conv("a size that does not divide",            (2, 3, 8, 7),   (6, 3, 5, 2), stride=2, level="edge", refuse="may", number=1668059797),
    conv("padding as large as the filter",         (2, 3, 5, 4),   (5, 3, 2, 1), pad=2, level="edge", refuse="any", number=550000426),
    conv("padding larger than the filter",         (2, 3, 4, 5),   (6, 3, 1, 2), pad=3, level="edge", refuse="any", number=2145440670),
    conv("padding of windows of one pixel",        (2, 3, 5, 4),   (6, 3, 1, 1), pad=1, level="edge", refuse="any", number=4),
    conv("whole numbers in the filters",           (2, 3, 5, 6),   (5, 3, 2, 4), draw=whole_parameters, level="advice", refuse="may", number=5),
    conv("one image, channel and filter", (1, 1, 5, 5), (1, 1, 3, 3), stride=2, pad=1, level="edge", number=2395322732),
    conv("one image of one channel, several filters", (1, 1, 6, 5), (4, 1, 3, 2), level="edge", number=1700000314),
    conv("one image and one filter", (1, 3, 6, 5), (1, 3, 2, 3), level="edge", number=1700000315),
    conv("one image with stride and padding", (1, 3, 7, 9), (4, 3, 3, 3), stride=2, pad=1, level="edge", number=1700000316),
    conv("as many filters as channels, with stride and padding", (2, 3, 7, 9), (3, 3, 3, 3), stride=2, pad=1, number=1700000317),
    conv("windows leave gaps in a padded image", (2, 3, 6, 9), (4, 3, 2, 2), stride=3, pad=1, number=1700000318),
    conv("one column of windows", (2, 3, 9, 4), (5, 3, 3, 4), stride=2, number=1700000319),
    conv("stride and padding of two", (2, 3, 5, 6), (6, 3, 5, 4), stride=2, pad=2, number=1700000320),
    conv("only the width leaves a remainder", (2, 3, 9, 7), (6, 3, 5, 4), stride=2, level="edge", refuse="may", number=1700000321),
    conv("only the height leaves a remainder", (2, 3, 8, 10), (6, 3, 5, 4), stride=2, pad=1, level="edge", refuse="may", number=1700000322),
    *(golden_case(row) for row in golden.rows("worked_product")),
]
REFUSED = [
    conv("filter larger than the input",           (2, 3, 3, 4),   (5, 3, 6, 2), level="edge", number=2854228174),
    conv("filter larger than the padded input",    (2, 3, 5, 4),   (6, 3, 2, 8), pad=1, level="edge", number=2789551277),
    conv("filter one larger than input",           (2, 3, 5, 4),   (7, 3, 6, 1), level="advice", number=288988532),
]
STRATA = (  # the kinds of cases that hidden checks are drawn in
    "height and width differ", "rows and columns of a square window", "square image",
    "backward cuts the padding off", "padding of two", "backward uses the stride",
    "stride and padding differ", "windows leave gaps", "one filter", "one channel",
    "every image of a larger batch", "integer images", "one image", "a size that does not divide",
)
LARGE = conv("a backward of its own time", (6, 6, 36, 34), (2, 6, 2, 3))
# fmt: on


def one_apart(why: str, x: Shape, window: Shape, stride: int, pad: int, number: int) -> Case:
    """Return a case of a window; see settings_apart."""
    return conv(why, x, (5, x[1], *window), stride, pad, number=number)


ALIKE = (  # each differs from the first case, or from another of these, in one thing
    conv("the same sizes, padded", (2, 3, 9, 7), (5, 3, 3, 3), pad=1, number=3773566442),
    conv("the same sizes, another window", (2, 3, 9, 7), (5, 3, 3, 3), number=1),
    conv("the same sizes, another stride", (2, 3, 9, 7), (5, 3, 3, 3), stride=2, number=2),
    conv("the same sizes, more channels", (2, 4, 9, 7), (5, 4, 4, 1), number=3),
    conv("the same sizes, more filters", (2, 3, 9, 7), (6, 3, 4, 1), number=4),
    conv("as many windows, with another stride", (2, 3, 14, 13), (5, 3, 4, 1), stride=2, number=1700000008),
    *settings_apart(one_apart),
)
IN_TURN = (
    *(conv("as many numbers", x, (5, x[1], 4, 1)) for x in other_sides((2, 3, 9, 7), (4, 1))),
    conv("as many numbers in W", (2, 5, 9, 7), (3, 5, 4, 1)),
    conv("as large without padding", (2, 3, 9, 7), (5, 3, 3, 3)),
    conv("as large when padded", (2, 3, 7, 5), (5, 3, 3, 3), pad=1),
    conv("as large with more padding", (2, 3, 5, 3), (5, 3, 3, 3), pad=2),
    *sides_apart(one_apart),
)
SCENARIOS = [(CASES[0], DEFAULTS), *((CASES[7], m) for m in (*REPEATED, BETWEEN))]
SCENARIOS += [(CASES[0], beside_same_sizes(*ALIKE)), (CASES[0], as_many_numbers(*IN_TURN))]
SCENARIOS += [with_far_numbers(conv(FAR, (2, 2, 16, 14), (3, 2, 9, 8), number=9), (2, 3, 8, 7))]
SCENARIOS += [(c, AGAIN) for c in CASES if c.why == "window of one pixel and one channel"]
sizes, drawn = window_cases(conv, filters=(1, 2))


def allowed(q: Question, want: Answer, eps: float) -> Answer:
    """Bound sums of products: a window and b in out, the overlapping windows in dx, all places in dW and db."""
    return bound_filters(q, want, len(q["W"]) * overlapping(q, *q["W"].shape[2:]), eps)
