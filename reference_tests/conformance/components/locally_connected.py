"""Locally connected layer: contract, cases, tolerance. A convolution whose filters are not shared."""

from collections.abc import Callable
from typing import Any

from ...subject.protocol import Answer, Question
from ..inputs import Geometry, distinct, fitting, one_million, pixels, tiny, whole
from ..mistakes.locally_connected import HISTORY as HISTORY
from ..mistakes.locally_connected import MISTAKES as MISTAKES
from ..strata import resizable
from ..tolerance import products
from ..types import Case, Shape
from .shared import REPEATED, as_many_numbers, beside_same_sizes, layer_op, other_sides, settings_apart, sides_apart

OP = layer_op("locally_connected", "LocallyConnected", "DeepFace, 3", ("W", "b", "stride", "pad"))


@resizable
def local(
    why: str, x: Shape, filters: int, window: tuple[int, int], stride: int = 1, pad: int = 0, **more: Any
) -> Case:
    """Make a case of the shape of x, the number of filters at a place, and the window."""
    places = [(size + 2 * pad - f) // stride + 1 for size, f in zip(x[2:], window)]
    shapes = {"x": x, "W": (*places, filters, x[1], *window), "b": (filters, *places)}
    return Case(OP, why, shapes, {"stride": stride, "pad": pad}, **more)


# fmt: off
CASES = [
    #     what it requires                      x (N,C,H,W)    FN  window
    local("every position has its own filter",  (2, 3, 5, 6),  4, (2, 3), number=2554366424),
    local("height and width differ",            (2, 2, 4, 6),  3, (3, 1), number=1049628872),
    local("square image",                       (2, 3, 4, 4),  2, (2, 2), number=1794468024),
    local("stride of two",                      (3, 2, 7, 5),  2, (3, 1), stride=2, number=2222380669),
    local("windows leave gaps",                 (2, 2, 4, 7),  3, (1, 1), stride=3, number=3387265905),
    local("as many filters as positions",       (2, 3, 4, 3),  3, (2, 1), number=3709392694),
    local("one filter of one channel",          (3, 1, 4, 5),  1, (2, 2), number=3469975992),
    local("window as large as the image",       (3, 2, 3, 4),  4, (3, 4), number=3271595909),
    local("every image of a larger batch",      (7, 1, 3, 4),  2, (2, 3), number=2017817336),
    local("images of 0 to 255",                 (2, 2, 4, 3),  3, (3, 2), draw=pixels, number=2463037589),
    local("numbers near one ten thousandth",    (2, 3, 3, 4),  2, (2, 3), draw=tiny, number=198585500),
    local("integer images",                     (2, 2, 4, 5),  3, (3, 2), draw=whole, level="edge", refuse="told", number=581575535),
    local("more than 64 columns",               (2, 2, 3, 70),  3, (2, 4), number=3782372641),
    local("more than 64 images",                (259, 2, 4, 3), 3, (2, 1), number=1700000115),
    local("more than 64 channels",              (2, 259, 4, 3), 3, (2, 1), number=1700000116),
    local("more than 256 places",               (2, 1, 18, 17), 3, (2, 1), number=786288351),
    local("more than 32767 numbers in an image", (1, 1, 258, 258), 1, (2, 2), stride=16, draw=distinct, level="edge", number=1700000117),
    local("one number of a million",            (2, 2, 4, 3),  3, (3, 2), draw=one_million, number=4042148491),
    local("window of one pixel",                (2, 3, 4, 5), 6, (1, 1), number=3962224930),
    local("window of height one",               (2, 3, 4, 7), 6, (1, 3), number=2482615552),
    local("square windows side by side",        (3, 2, 8, 10), 6, (2, 2), stride=2, number=3960305430),
    local("square window and padding that keeps the size", (2, 3, 4, 5), 6, (3, 3), pad=1, level="edge", number=1578454913),
    local("square windows on a square image, with a stride", (2, 2, 5, 5), 3, (3, 3), stride=2, number=983149388),
    local("windows overlap across alone", (2, 2, 6, 8), 3, (2, 4), stride=2, number=1700001008),
    local("windows overlap down alone", (2, 2, 8, 6), 3, (4, 2), stride=2, number=1700001009),
    local("window of one pixel with stride on a square image", (2, 3, 5, 5), 4, (1, 1), stride=2, number=236141234),
    local("one image",                          (1, 3, 5, 4),  2, (2, 3), level="edge", number=1636169574),
    local("padding of one",                     (2, 2, 4, 5),  3, (3, 2), pad=1, level="edge", number=2628838426),
    local("stride and padding differ",          (2, 2, 7, 5),  3, (3, 5), stride=2, pad=1, level="edge", number=846890554),
    local("padding of two",                     (2, 2, 3, 4),  3, (4, 3), pad=2, level="edge", number=4071638257),
    local("padding as large as the window",     (2, 2, 3, 4),  3, (2, 1), pad=2, level="edge", refuse="any", number=4083673827),
    local("all sizes equal", (3, 3, 3, 3), 3, (3, 3), pad=1, level="edge", number=2854092660),
    local("one image of one channel, several filters", (1, 1, 4, 5), 3, (2, 3), level="edge", number=1700000355),
    local("one image with stride and padding", (1, 2, 5, 7), 3, (3, 3), stride=2, pad=1, level="edge", number=1700000356),
    local("square windows side by side with padding", (2, 2, 4, 6), 3, (2, 2), stride=2, pad=1, level="edge", number=1700000357),
    local("windows leave gaps in a padded image", (2, 2, 6, 9), 3, (2, 2), stride=3, pad=1, level="edge", number=1700000358),
    local("one column of windows", (2, 2, 5, 4), 3, (3, 4), stride=2, number=1700000359),
    local("stride and padding of two", (2, 2, 5, 6), 3, (5, 4), stride=2, pad=2, level="edge", number=1700000360),
]
STRATA = (  # the kinds of cases that hidden checks are drawn in
    "every position has its own filter", "height and width differ", "square image", "stride of two",
    "windows leave gaps", "one filter of one channel", "every image of a larger batch", "integer images",
    "one image", "padding of one", "stride and padding differ",
)
LARGE = local("a backward of its own time", (2, 3, 40, 38), 2, (2, 3))
# fmt: on


def one_apart(why: str, x: Shape, window: tuple[int, int], stride: int, pad: int, number: int) -> Case:
    """Return a case of a window; see settings_apart."""
    return local(why, x, 4, window, stride, pad, number=number)


ALIKE = (  # each differs from the first case in one thing
    local("the same sizes, another stride", (2, 3, 5, 6), 4, (2, 3), stride=3, number=1),
    local("the same sizes, another window", (2, 3, 5, 6), 4, (3, 2), number=2),
    local("the same sizes, padded", (2, 3, 5, 6), 4, (2, 3), pad=1, number=1700001007),
    local("the same sizes, more channels", (2, 4, 5, 6), 4, (2, 3), number=3),
    *settings_apart(one_apart),
)
IN_TURN = (
    *(local("as many numbers", x, 4, (2, 3)) for x in other_sides((2, 3, 5, 6), (2, 3))),
    local("as large without padding", (2, 3, 5, 6), 4, (3, 3)),
    local("as large when padded", (2, 3, 3, 4), 4, (3, 3), pad=1),
    local("as large with more padding", (2, 3, 1, 2), 4, (3, 3), pad=2),
    *sides_apart(one_apart),
)
PADDED = next(c for c in CASES if c.why == "stride and padding differ")
SCENARIOS = [(CASES[0], beside_same_sizes(*ALIKE)), (CASES[0], as_many_numbers(*IN_TURN))]
SCENARIOS += [(PADDED, m) for m in REPEATED]


def allowed(q: Question, want: Answer, eps: float) -> Answer:
    """Bound sums of products: a window and b in out, the filters over a place in dx, the images in dW and db."""
    _, _, fn, c, fh, fw = q["W"].shape
    n = max(len(q["x"]), 1)
    return products(q, {"out": c * fh * fw + 1, "dx": fn * fh * fw, "dW": n, "db": n}, eps)


def case_of(why: str, g: Geometry) -> Case:
    """Return the case of a geometry."""
    return local(why, (g["N"], g["C"], g["H"], g["W"]), g["FN"], (g["FH"], g["FW"]), g["stride"], g["pad"])


def drawn(pick: Callable[[int, int], int]) -> Case:
    """Draw a case; pick(low, high) picks an integer of low .. high."""
    return case_of("drawn", fitting(pick, filters=True))
