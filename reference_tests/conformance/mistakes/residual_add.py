"""Residual addition: the known mistakes, each a change of what a reference answers."""

from collections.abc import Callable

import numpy as np

from ...subject.protocol import Answer, Question
from ..types import Mistake
from .changes import Ask, after


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
