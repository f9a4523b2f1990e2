"""Pointwise (1x1) convolution: contract, cases, tolerance."""

from collections.abc import Callable
from typing import Any

from ...subject.protocol import Answer, Op, Question
from ..inputs import pixels, tiny, whole
from ..mistakes.pointwise_convolution import MISTAKES as MISTAKES
from ..tolerance import products
from ..types import Case, Shape

OP = Op(
    "pointwise_convolution",
    "PointwiseConvolution",
    "NIN, 3.1",
    args=("x",),
    make=("W", "b"),
    grads={"dx": "backward()", "dW": "dW", "db": "db"},
)


def conv(why: str, x: Shape, filters: int, **more: Any) -> Case:
    """Make a case of the shape of x and the number of filters."""
    return Case(OP, why, {"x": x, "W": (filters, x[1], 1, 1), "b": (filters,)}, **more)


# fmt: off
CASES = [
    #    the mistake it catches                 x (N,C,H,W)     FN
    conv("W not transposed",                    (2, 3, 4, 5),   6),
    conv("as many filters as channels",         (3, 4, 5, 2),   4),
    conv("as many channels as columns",         (2, 5, 3, 5),   4),
    conv("square image",                        (2, 3, 4, 4),   5),
    conv("one channel",                         (2, 1, 5, 4),   3),
    conv("one filter",                          (3, 4, 2, 5),   1),
    conv("one pixel",                           (4, 3, 1, 1),   2),
    conv("batch worked in pieces of four",      (7, 2, 3, 1),   3),
    conv("images of 0 to 255",                  (2, 3, 4, 5),   4, draw=pixels),
    conv("numbers of a ten thousandth",         (2, 3, 5, 4),   2, draw=tiny),
    conv("integer images",                      (2, 3, 4, 5),   4, draw=whole, refuse="may"),
    conv("one image",                           (1, 3, 4, 5),   6, level="edge"),
]
# fmt: on


def allowed(q: Question, want: Answer, eps: float) -> Answer:
    """Bound sums of products: C terms and b in out, FN in dx, all places in dW and db."""
    fn, c = q["W"].shape[:2]
    n, _, h, w = want["out"].shape
    return products(q, {"out": c + 1, "dx": fn, "dW": max(n * h * w, 1), "db": max(n * h * w, 1)}, eps)


def drawn(pick: Callable[[int, int], int]) -> Case:
    """Draw a case; pick(low, high) picks an integer of low .. high."""
    return conv("drawn", tuple(pick(1, high) for high in (5, 4, 4, 4)), pick(1, 5))
