"""Residual addition: all that is known of it."""

from collections.abc import Callable

import numpy as np

from ...subject.protocol import Answer, Op, Question
from ..inputs import whole
from ..mistakes.changes import Ask, after
from ..tolerance import SAFETY, largest
from ..types import Case, Mistake

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


def weighted(x: float, shortcut: float) -> Callable[[Ask, Question], Answer]:
    return lambda ask, q: {"out": x * q["x"] + shortcut * q["shortcut"]}


BOTH = "dout goes to x and to the shortcut as it is"
# fmt: off
MISTAKES = [
    Mistake("add.shortcut-missing", "the shortcut is left out", weighted(1, 0), "x + shortcut"),
    Mistake("add.shortcut-only", "x is left out", weighted(0, 1), "x + shortcut"),
    Mistake("add.subtracted", "the shortcut is subtracted", weighted(1, -1), "x + shortcut"),
    Mistake("add.turned", "x is subtracted from the shortcut", weighted(-1, 1), "x + shortcut"),
    Mistake("add.mean", "the mean of both", weighted(0.5, 0.5), "x + shortcut"),
    Mistake("add.multiplied", "x is multiplied by the shortcut", lambda ask, q: {"out": q["x"] * q["shortcut"]},
            "x + shortcut"),
    Mistake("add.relu-inside", "negative sums are set to 0: the activation is a layer of its own",
            after(out=lambda a, q: np.maximum(a["out"], 0)), "x + shortcut"),
    Mistake("add.gradient-halved", "each branch gets half of dout",
            after(dx=lambda a, q: a["dx"] / 2, dshortcut=lambda a, q: a["dshortcut"] / 2), BOTH),
    Mistake("add.shortcut-cut-off", "the shortcut gets no gradient",
            after(dshortcut=lambda a, q: np.zeros_like(a["dshortcut"])), BOTH),
    Mistake("add.gradient-negative", "the shortcut gets -dout", after(dshortcut=lambda a, q: -a["dshortcut"]), BOTH),
    Mistake("add.gradient-of-product", "the gradients are those of a product",
            after(dx=lambda a, q: q.dout * q["shortcut"], dshortcut=lambda a, q: q.dout * q["x"]), BOTH),
]
# fmt: on
