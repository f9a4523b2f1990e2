"""Dropout in training has no one right answer: its mistakes, worked out on one mask."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from .manners import PLAIN
from .types import Case, Check, Op, Problem, Verdict

RATIO = 0.25
X = np.arange(1.0, 17).reshape(4, 4)
DOUT = np.array([[1, -2, 3, -1], [2, 1, -3, 2], [-1, 2, 1, -2], [3, -1, 2, 1]], "f8")
MASK = np.array([[1, 1, 0, 1], [1, 0, 1, 1], [0, 1, 1, 1], [1, 1, 1, 0]], "f8")
OTHER = MASK[::-1]  # of another forward
KEPT = 1 - RATIO


class Shown(NamedTuple):
    """what: of which answer. right: where it is not x, or dout, under the mask."""

    what: str
    got: Callable[[np.ndarray], np.ndarray]  # of x, of dout where the answer is dx
    right: Callable[[np.ndarray], np.ndarray] | None = None


BOOK = {
    "flag-turned": Shown("out", lambda a: a * KEPT),
    "inverted": Shown("out", lambda a: a * MASK / KEPT),
    "mask-at-inference": Shown("out", lambda a: a * MASK, lambda a: a * KEPT),
    "scaled-in-training": Shown("out", lambda a: a * MASK * KEPT),
    "scaled-by-ratio-in-training": Shown("out", lambda a: a * MASK * RATIO),
    "mask-returned": Shown("out", lambda a: MASK),
    "mask-repeats": Shown("out", lambda a: a * MASK[0]),
    "ratio-is-kept": Shown("out", lambda a: a * (1 - MASK)),
    "share": Shown("out", lambda a: a * MASK * OTHER),
    "nothing-dropped": Shown("out", lambda a: a),
    "nothing-kept": Shown("out", lambda a: 0 * a),
    "mask-kept": Shown("out", lambda a: a * MASK, lambda a: a * OTHER),
    "backward-no-mask": Shown("dx", lambda a: a),
    "backward-other-places": Shown("dx", lambda a: a * (1 - MASK)),
    "backward-scaled": Shown("dx", lambda a: a * MASK * KEPT),
    "backward-new-mask": Shown("dx", lambda a: a * OTHER),
    "backward-stale-mask": Shown("dx", lambda a: a * OTHER),
    "imprecise": Shown("out", lambda a: np.float16(a / 3) * MASK, lambda a: a / 3 * MASK),
    "mask-used-up": Shown("dx", lambda a: a),
    "dout-unused": Shown("dx", lambda a: MASK),
    "writes-dout": Shown("dout", lambda a: a * MASK, lambda a: a),
}
INVERTED = {
    "not-scaled": Shown("out", lambda a: a * MASK),
    "multiplied": Shown("out", lambda a: a * MASK * KEPT),
    "by-ratio": Shown("out", lambda a: a * MASK / RATIO),
    "scaled-twice": Shown("out", lambda a: a * MASK / KEPT**2),
    "ratio-is-kept": Shown("out", lambda a: a * (1 - MASK) / KEPT),
    "nothing-dropped": Shown("out", lambda a: a),
    "share": Shown("out", lambda a: a * MASK * OTHER / KEPT),
    "mask-kept": Shown("out", lambda a: a * MASK / KEPT, lambda a: a * OTHER / KEPT),
    "dx-not-scaled": Shown("dx", lambda a: a * MASK),
    "dx-multiplied": Shown("dx", lambda a: a * MASK * KEPT),
    "dx-scaled-twice": Shown("dx", lambda a: a * MASK / KEPT**2),
    "dx-no-mask": Shown("dx", lambda a: a / KEPT),
    "dx-other-mask": Shown("dx", lambda a: a * OTHER / KEPT),
}
RELU = {"writes-dout": Shown("dout", lambda a: a * MASK, lambda a: a)}
BY_HAND = {
    "dropout": (BOOK, lambda a: a * MASK),
    "inverted_dropout": (INVERTED, lambda a: a * MASK / KEPT),
    "relu": (RELU, lambda a: a * MASK),
}


def by_hand(op: Op, code: str) -> Verdict | None:
    """The mistake as a verdict; None where the references can tell it."""
    table, right = BY_HAND.get(op.component, ({}, None))
    one = table.get(code.partition(".")[2])
    if not one or not right:
        return None
    a = X if one.what == "out" else DOUT
    want, got = (one.right or right)(a), one.got(a)
    x = X * (2 * MASK - 1) if op.component == "relu" else X
    params = {"dropout_ratio": RATIO} if op.component != "relu" else {}
    case = Case.of(op, code, {"x": x}, params, None)
    part = "forward" if one.what == "out" else "backward"
    return Verdict(Check(case, PLAIN, part), "fail", "values", [Problem("values", one.what, got, want, 1e-9)])
