"""Global average pooling: contract, cases, tolerance."""

from collections.abc import Callable
from typing import Any

from ...subject.protocol import Answer, Op, Question
from ..inputs import pixels, tiny, whole
from ..mistakes.global_average_pooling import MISTAKES as MISTAKES
from ..tolerance import products
from ..types import Case, Shape

OP = Op("global_average_pooling", "GlobalAveragePooling", "NIN, 3.2", args=("x",), make=(), grads={"dx": "backward()"})


def pool(why: str, x: Shape, **more: Any) -> Case:
    """Make a case of the shape of x."""
    return Case(OP, why, {"x": x}, **more)


# fmt: off
CASES = [
    #    the mistake it catches             x (N,C,H,W)
    pool("mean over the wrong axes",        (2, 3, 4, 5)),
    pool("divided by one side",             (3, 2, 5, 4)),
    pool("square image",                    (2, 4, 3, 3)),
    pool("as many channels as images",      (3, 3, 2, 4)),
    pool("one pixel",                       (2, 5, 1, 1)),
    pool("one channel",                     (4, 1, 3, 2)),
    pool("batch worked in pieces of four",  (7, 2, 2, 3)),
    pool("images of 0 to 255",              (2, 3, 5, 4), draw=pixels),
    pool("numbers of a ten thousandth",     (2, 3, 4, 3), draw=tiny),
    pool("whole numbers cut off",           (2, 3, 4, 5), draw=whole, refuse="may"),
    pool("one image",                       (1, 4, 3, 5), level="edge"),
]
# fmt: on


def allowed(q: Question, want: Answer, eps: float) -> Answer:
    """Bound a sum of H * W numbers and a division."""
    return products(q, {"out": q["x"][0, 0].size + 1 if q["x"].size else 1, "dx": 1}, eps)


def drawn(pick: Callable[[int, int], int]) -> Case:
    """Draw a case; pick(low, high) picks an integer of low .. high."""
    return pool("drawn", (pick(1, 5), pick(1, 4), pick(1, 6), pick(1, 6)))
