"""Residual addition: all that is known of it."""

from collections.abc import Callable

import numpy as np

from ...subject.protocol import Answer, Op, Question
from ..inputs import whole
from ..mistakes.residual_add import MISTAKES as MISTAKES
from ..tolerance import SAFETY, largest
from ..types import Case

OP = Op(
    "residual_add",
    "ResidualAdd",
    "ResNet, 3.2",
    args=("x", "shortcut"),
    make=(),
    grads={"dx": "backward()", "dshortcut": "backward()"},
)


def add(why: str, x: tuple[int, ...], **more) -> Case:
    return Case(OP, why, {"x": x, "shortcut": x}, **more)


def tiny(rng, name, shape):
    return 1e-4 * rng.standard_normal(shape)


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
    """One addition of two rounded numbers."""
    size = largest(q["x"]) + largest(q["shortcut"])
    return {k: np.full(a.shape, SAFETY * eps * (size if k == "out" else largest(a))) for k, a in want.items()}


def drawn(pick: Callable[[int, int], int]) -> Case:
    return add("drawn", tuple(pick(1, 5) for _ in range(pick(2, 4))))
