"""Global max pooling: contract, cases, tolerance."""

from collections.abc import Callable
from typing import Any

from ...subject.protocol import Answer, Op, Question
from ..inputs import below_zero, distinct, tiny_ones, up_to_255, whole_numbers
from ..mistakes.global_max_pooling import MISTAKES as MISTAKES
from ..tolerance import relative
from ..types import Case, Draw, Shape

OP = Op("global_max_pooling", "GlobalMaxPooling", "7.3.1", args=("x",), make=(), grads={"dx": "backward()"})


def pool(why: str, x: Shape, draw: Draw = distinct, **more: Any) -> Case:
    """Make a case of the shape of x."""
    return Case(OP, why, {"x": x}, draw=draw, **more)


# fmt: off
CASES = [
    #    the mistake it catches             x (N,C,H,W)
    pool("maximum over the wrong axes",     (2, 3, 4, 5)),
    pool("place read with the height",      (3, 2, 5, 4)),
    pool("square image",                    (2, 4, 3, 3)),
    pool("as many channels as images",      (3, 3, 2, 4)),
    pool("one pixel",                       (2, 5, 1, 1)),
    pool("one channel",                     (4, 1, 3, 2)),
    pool("batch worked in pieces of four",  (7, 2, 2, 3)),
    pool("negative numbers",                (2, 3, 5, 4), draw=below_zero),
    pool("images of 0 to 255",              (2, 3, 4, 3), draw=up_to_255),
    pool("numbers of a ten thousandth",     (2, 3, 3, 4), draw=tiny_ones),
    pool("whole numbers",                   (2, 3, 4, 5), draw=whole_numbers, refuse="may"),
    pool("one image",                       (1, 4, 3, 5), level="edge"),
]
# fmt: on


def allowed(q: Question, want: Answer, eps: float) -> Answer:
    """Allow one rounding: numbers are copied."""
    return relative(want, 1, eps)


def drawn(pick: Callable[[int, int], int]) -> Case:
    """Draw a case; pick(low, high) picks an integer of low .. high."""
    return pool("drawn", (pick(1, 5), pick(1, 4), pick(1, 6), pick(1, 6)))
