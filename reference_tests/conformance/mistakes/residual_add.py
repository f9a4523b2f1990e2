"""Residual addition: the known mistakes, each a change of what a reference answers."""

from collections.abc import Callable

import numpy as np

from ...subject.protocol import Answer, Question
from ..types import Mistake
from .changes import WrongAnswer, alter


def add_weighted(x: float, shortcut: float) -> WrongAnswer:
    """Add x and the shortcut, each times a weight."""
    return lambda ask, q: {"out": x * q["x"] + shortcut * q["shortcut"]}


def mask_by_sum(name: str) -> Callable[[Answer, Question], np.ndarray]:
    """Keep a gradient where the sum is above 0."""
    return lambda right, q: right[name] * (q["x"] + q["shortcut"] > 0)


BOTH = "dout goes to x and to the shortcut as it is"
# fmt: off
MISTAKES = [
    Mistake("add.shortcut-missing", "the shortcut is left out", add_weighted(1, 0), "x + shortcut"),
    Mistake("add.shortcut-only", "x is left out", add_weighted(0, 1), "x + shortcut"),
    Mistake("add.subtracted", "the shortcut is subtracted", add_weighted(1, -1), "x + shortcut"),
    Mistake("add.turned", "x is subtracted from the shortcut", add_weighted(-1, 1), "x + shortcut"),
    Mistake("add.mean", "the mean of both", add_weighted(0.5, 0.5), "x + shortcut"),
    Mistake("add.multiplied", "x is multiplied by the shortcut", lambda ask, q: {"out": q["x"] * q["shortcut"]},
            "x + shortcut"),
    *(Mistake("add.weighted", f"the shortcut counts {w:g} times", add_weighted(1, w), "x + shortcut")
      for w in (0.1, 0.2, 0.5, 2.0)),
    Mistake("add.relu-inside", "negative sums are set to 0: the activation is a layer of its own",
            alter(out=lambda a, q: np.maximum(a["out"], 0)), "x + shortcut"),
    *(Mistake("add.relu-in-backward", f"backward sets to 0 what {whose} gets where the sum is negative, as a ReLU does",
              alter(**{name: mask_by_sum(name) for name in names}), BOTH)
      for whose, names in (("each branch", ("dx", "dshortcut")), ("x", ("dx",)), ("the shortcut", ("dshortcut",)))),
    Mistake("add.gradient-halved", "each branch gets half of dout",
            alter(dx=lambda a, q: a["dx"] / 2, dshortcut=lambda a, q: a["dshortcut"] / 2), BOTH),
    Mistake("add.shortcut-cut-off", "the shortcut gets no gradient",
            alter(dshortcut=lambda a, q: np.zeros_like(a["dshortcut"])), BOTH),
    Mistake("add.gradient-negative", "the shortcut gets -dout", alter(dshortcut=lambda a, q: -a["dshortcut"]), BOTH),
    Mistake("add.gradient-of-product", "the gradients are those of a product",
            alter(dx=lambda a, q: q.dout * q["shortcut"], dshortcut=lambda a, q: q.dout * q["x"]), BOTH),
]
# fmt: on
