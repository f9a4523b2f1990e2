"""Residual addition: contract, cases, tolerance."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ...subject.protocol import Answer, Op, Question
from ..inputs import tiny, whole
from ..mistakes.residual_add import MISTAKES as MISTAKES
from ..tolerance import SAFETY, largest
from ..types import Case, Shape

OP = Op(
    "residual_add",
    "ResidualAdd",
    "ResNet, 3.2",
    args=("x", "shortcut"),
    make=(),
    grads={"dx": "backward()", "dshortcut": "backward()"},
)


def add(why: str, x: Shape, **more: Any) -> Case:
    """Make a case of the shape of x and of the shortcut."""
    return Case(OP, why, {"x": x, "shortcut": x}, **more)


# fmt: off
CASES = [
    #   the mistake it catches              x
    add("shortcut left out",                (2, 3, 4, 5)),
    add("only images are taken",            (4, 7)),
    add("square images",                    (3, 2, 4, 4)),
    add("batch worked in pieces of four",   (7, 2, 1, 3)),
    add("numbers of a ten thousandth",      (2, 3, 5, 4), draw=tiny),
    add("whole numbers",                    (2, 3, 4, 2), draw=whole, refuse="may"),
    add("one image",                        (1, 4, 2, 3), level="edge"),
]
# fmt: on


def allowed(q: Question, want: Answer, eps: float) -> Answer:
    """Bound one addition of two rounded numbers."""
    size = largest(q["x"]) + largest(q["shortcut"])
    return {k: np.full(a.shape, SAFETY * eps * (size if k == "out" else largest(a))) for k, a in want.items()}


def drawn(pick: Callable[[int, int], int]) -> Case:
    """Draw a case; pick(low, high) picks an integer of low .. high."""
    return add("drawn", tuple(pick(1, 5) for _ in range(pick(2, 4))))
