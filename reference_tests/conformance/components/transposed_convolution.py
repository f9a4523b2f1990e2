"""Transposed convolution: contract, cases, tolerance. Also called "deconvolution"."""

from collections.abc import Callable
from typing import Any

from ...subject.protocol import Answer, Question
from ..inputs import distinct, one_million, pixels, tiny, whole
from ..mistakes.transposed_convolution import HISTORY as HISTORY
from ..mistakes.transposed_convolution import MISTAKES as MISTAKES
from ..strata import resizable
from ..tolerance import products
from ..types import Case, Shape
from .shared import (
    BETWEEN,
    FAR,
    REPEATED,
    as_many_numbers,
    beside_same_sizes,
    layer_op,
    other_sides,
    settings_apart,
    sides_apart,
    with_far_numbers,
)

OP = layer_op("transposed_convolution", "TransposedConvolution", "Dumoulin, Visin, 4", ("W", "b", "stride", "pad"))


@resizable
def deconv(why: str, x: Shape, W: Shape, stride: int = 1, pad: int = 0, **more: Any) -> Case:
    """Make a case of the shapes of x and W."""
    return Case(OP, why, {"x": x, "W": W, "b": W[1:2]}, {"stride": stride, "pad": pad}, **more)


# fmt: off
CASES = [
    #      what it requires                     x (N,C,H,W)     W (C,FN,FH,FW)
    deconv("W is laid down as it is",           (2, 3, 4, 5),   (3, 4, 3, 2), number=4045046201),
    deconv("height and width differ",           (2, 3, 5, 3),   (3, 2, 1, 4), number=784047221),
    deconv("square image and window",           (3, 2, 4, 4),   (2, 5, 3, 3), number=3893141532),
    deconv("stride between the windows",        (2, 3, 4, 3),   (3, 2, 3, 2), stride=2, number=3294039117),
    deconv("windows leave gaps",                (2, 2, 3, 4),   (2, 3, 1, 2), stride=3, number=3169823723),
    deconv("padding cuts the edge off",         (2, 3, 5, 4),   (3, 2, 4, 3), pad=1, number=852672229),
    deconv("stride and padding differ",         (2, 3, 4, 3),   (3, 2, 3, 4), stride=2, pad=1, number=2266991087),
    deconv("as many filters as channels",       (2, 3, 4, 5),   (3, 3, 2, 3), number=1415193734),
    deconv("one channel",                       (2, 1, 4, 3),   (1, 3, 2, 2), number=2708054895),
    deconv("one filter",                        (2, 3, 3, 4),   (3, 1, 3, 2), number=252286397),
    deconv("one pixel",                         (3, 2, 1, 1),   (2, 4, 3, 2), number=3574499145),
    deconv("every image of a larger batch",     (7, 2, 2, 3),   (2, 3, 2, 1), number=3239224463),
    deconv("images of 0 to 255",                (2, 3, 4, 3),   (3, 2, 2, 3), draw=pixels, number=3888431119),
    deconv("numbers near one ten thousandth",   (2, 3, 3, 4),   (3, 2, 3, 2), draw=tiny, number=4258951112),
    deconv("integer images",                    (2, 3, 4, 3),   (3, 2, 2, 1), draw=whole, level="advice", refuse="told", number=1816348747),
    deconv("more than 64 columns",              (2, 3, 2, 70),  (3, 4, 3, 2), number=1121894949),
    deconv("more than 64 images",               (259, 2, 4, 3), (2, 3, 2, 1), number=1700000118),
    deconv("more than 64 channels",             (2, 259, 4, 3), (259, 3, 2, 1), number=1700000119),
    deconv("more than 64 filters",              (2, 3, 3, 2),   (3, 259, 2, 1), number=1700000120),
    deconv("more than 256 places",              (2, 3, 17, 16), (3, 2, 2, 1), number=2373018075),
    deconv("more than 32767 numbers in an image", (1, 1, 33, 33), (1, 1, 2, 2), stride=8, draw=distinct, level="edge", number=1700000121),
    deconv("one number of a million",           (2, 3, 4, 3),   (3, 2, 2, 1), draw=one_million, number=18394385),
    deconv("window of one pixel",               (2, 3, 4, 5), (3, 6, 1, 1), number=4227943839),
    deconv("square windows side by side",       (2, 3, 4, 5), (3, 6, 2, 2), stride=2, number=3821229713),
    deconv("square window and padding that keeps the size", (2, 3, 4, 5), (3, 6, 3, 3), pad=1, number=3202118885),
    deconv("square window of twice the stride", (2, 3, 4, 5), (3, 6, 4, 4), stride=2, pad=1, number=671580949),
    deconv("windows overlap across alone", (2, 3, 4, 3), (3, 2, 2, 4), stride=2, number=1700001010),
    deconv("all sizes equal", (3, 3, 3, 3), (3, 3, 3, 3), pad=1, number=1207275414),
    deconv("square image with stride and padding", (2, 3, 4, 4), (3, 5, 3, 3), stride=2, pad=1, number=3502082335),
    deconv("one channel and filter with stride and padding", (2, 1, 3, 3), (1, 1, 4, 4), stride=2, pad=1, number=2713360752),
    deconv("window of one pixel with stride on a square image", (2, 3, 3, 3), (3, 4, 1, 1), stride=2, number=510360512),
    deconv("one image",                         (1, 3, 4, 5),   (3, 4, 3, 2), level="edge", number=4211082728),
    deconv("padding of two",                    (2, 3, 5, 4),   (3, 2, 4, 3), pad=2, number=3159961557),
    deconv("padding as large as the filter",    (2, 3, 6, 5),   (3, 4, 2, 1), pad=2, level="edge", refuse="any", number=3516980866),
    deconv("one image of one channel, several filters", (1, 1, 4, 3), (1, 4, 2, 3), level="edge", number=1700000363),
    deconv("one image of one channel, one filter, and a stride", (1, 1, 4, 3), (1, 1, 2, 3), stride=2, level="edge", number=1700000364),
    deconv("one image with stride and padding", (1, 3, 4, 3), (3, 2, 3, 3), stride=2, pad=1, level="edge", number=1700000365),
    deconv("square windows side by side with padding", (2, 3, 4, 5), (3, 4, 2, 2), stride=2, pad=1, number=1700000366),
    deconv("windows leave gaps in a padded image", (2, 3, 3, 4), (3, 4, 2, 2), stride=3, pad=1, number=1700000367),
    deconv("stride and padding of two", (2, 3, 4, 3), (3, 4, 5, 4), stride=2, pad=2, number=1700000368),
]
STRATA = (  # the kinds of cases that hidden checks are drawn in
    "W is laid down as it is", "height and width differ", "square image and window",
    "stride between the windows", "windows leave gaps", "padding cuts the edge off",
    "stride and padding differ", "one channel", "one filter", "one pixel", "every image of a larger batch",
    "one image",
)
LARGE = deconv("a backward of its own time", (6, 6, 36, 34), (6, 2, 2, 3))
# fmt: on


def one_apart(why: str, out: Shape, window: Shape, stride: int, pad: int, number: int) -> Case:
    """Return a case of an output and a window; see settings_apart."""
    height, width = ((side + 2 * pad - f) // stride + 1 for side, f in zip(out[2:], window))
    return deconv(why, (*out[:2], height, width), (out[1], 4, *window), stride, pad, number=number)


ALIKE = (  # each differs from the first case in one thing, or in its settings
    deconv("the same sizes, padded", (2, 3, 4, 5), (3, 4, 3, 2), stride=2, pad=1, number=3781491074),
    deconv("the same sizes, another window", (2, 3, 4, 5), (3, 4, 2, 3), number=1),
    deconv("the same sizes, another stride", (2, 3, 4, 5), (3, 4, 3, 2), stride=2, number=2),
    deconv("the same sizes, more channels", (2, 4, 4, 5), (4, 4, 3, 2), number=3),
    deconv("the same sizes, more filters", (2, 3, 4, 5), (3, 5, 3, 2), number=4),
    *settings_apart(one_apart),
)
IN_TURN = (
    *(deconv("as many numbers", x, (x[1], 4, 3, 2)) for x in other_sides((2, 3, 4, 5))),
    deconv("as many numbers in W", (2, 4, 4, 5), (4, 3, 3, 2)),
    deconv("as large before the padding is cut off", (2, 3, 4, 5), (3, 4, 3, 2), pad=1),
    deconv("as large afterwards", (2, 3, 6, 7), (3, 4, 3, 2), pad=1),
    *sides_apart(one_apart),
)
PADDED = next(c for c in CASES if c.why == "stride and padding differ")
SCENARIOS = [(CASES[0], beside_same_sizes(*ALIKE)), (CASES[0], as_many_numbers(*IN_TURN)), (CASES[0], BETWEEN)]
SCENARIOS += [(PADDED, m) for m in REPEATED]
SCENARIOS += [with_far_numbers(deconv(FAR, (2, 2, 8, 7), (2, 3, 9, 8), number=9), (2, 3, 16, 14))]


def allowed(q: Question, want: Answer, eps: float) -> Answer:
    """Bound sums of products: the pixels over a place and b in out, the filters in dx, pixels in dW, places in db."""
    c, fn, fh, fw = q["W"].shape
    n, _, h, w = q["x"].shape
    places = max(n * want["out"].shape[2] * want["out"].shape[3], 1)
    return products(q, {"out": c * fh * fw + 1, "dx": fn * fh * fw, "dW": max(n * h * w, 1), "db": places}, eps)


def drawn(pick: Callable[[int, int], int]) -> Case:
    """Draw a case; pick(low, high) picks an integer of low .. high."""
    n, c, h, w = (pick(1, high) for high in (4, 3, 4, 4))
    fn, fh, fw, stride = pick(1, 3), pick(1, 4), pick(1, 4), pick(1, 3)
    fewest = min((h - 1) * stride + fh, (w - 1) * stride + fw)
    return deconv("drawn", (n, c, h, w), (c, fn, fh, fw), stride, pick(0, min(2, (fewest - 1) // 2)))
