"""The types of floats in which a subject may be asked: its numbers are of that type, and so is the bound."""

from dataclasses import replace

import numpy as np

from ..subject.protocol import Plan, Question
from .types import Check

EPS = {"float32": 2.0**-23, "bfloat16": 2.0**-7, "float16": 2.0**-10}  # type -> the distance from 1 to the next number
HALVES = ("bfloat16", "float16")
IN_HALVES = (  # components of sums of products, and of functions of one number: their bounds hold there too
    "convolution", "grouped_convolution", "depthwise_convolution", "pointwise_convolution", "transposed_convolution",
    "locally_connected", "affine", "average_pooling", "global_average_pooling", "relu", "sigmoid", "tanh", "im2col",
    "col2im",
)  # fmt: skip
LARGEST = {"float16": 65504.0}


def fits_floats(check: Check, floats: str) -> bool:
    """Return whether a check can be asked in a type of floats.

    Two numbers that are different only in float32 would be two maxima of one window in half of its bits.
    """
    if check.scenario.id == "float64-kept":
        return False
    if floats not in HALVES:
        return True
    component, ruled = check.case.op.component, check.case.rule or check.scenario.rule
    known = component in IN_HALVES or (component == "pooling" and check.part == "forward")
    return known and not ruled


def holds(plan: Plan, floats: str) -> bool:
    """Return whether every number of a plan is in the range of a type."""
    most = LARGEST.get(floats, np.inf)
    return all(np.abs(a[np.isfinite(a)]).max(initial=0) <= most for a in plan.given.values() if a.dtype.kind == "f")


def in_floats(plan: Plan, floats: str) -> Plan:
    """Return the plan with every number rounded to a type, and with that type's bound.

    The question is rounded too: numbers that are equal only then make a tie, of which every answer is right.
    """
    questions = {id(q): q for q, _ in plan.expect.values()}
    new = {key: round_question(q, floats) for key, q in questions.items()}
    expect = {name: (new[id(q)], what) for name, (q, what) in plan.expect.items()}
    given = {name: round_to(a, floats) for name, a in plan.given.items()}
    return replace(plan, given=given, expect=expect, eps=max(plan.eps, EPS[floats]))


def round_question(q: Question, floats: str) -> Question:
    """Return the question with every number rounded."""
    arrays = {name: round_to(a, floats) for name, a in q.arrays.items()}
    return q.but(**arrays, dout=None if q.dout is None else round_to(q.dout, floats))


def round_to(a: np.ndarray, floats: str) -> np.ndarray:
    """Return the array's numbers as they are in another type of floats, in the array's own type where it has room."""
    if a.dtype.kind != "f":
        return a
    if floats != "bfloat16":
        return a.astype("f4").astype(floats).astype(a.dtype)
    bits = np.atleast_1d(a).astype("f4").view("u4")
    even = (bits >> 16) & 1  # a number between two goes to the even one
    kept = np.where(np.isfinite(np.atleast_1d(a)), (bits + 0x7FFF + even) & 0xFFFF0000, bits).astype("u4")
    return kept.view("f4").astype(a.dtype).reshape(a.shape)
