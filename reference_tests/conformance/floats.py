"""The types of floats in which a subject may be asked: its numbers are of that type, and so is the bound."""

from dataclasses import replace

import numpy as np

from ..subject.protocol import Plan, Question

EPS = {"float32": 2.0**-23, "bfloat16": 2.0**-7, "float16": 2.0**-10}  # type -> the distance from 1 to the next number


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
        return a.astype(floats).astype(a.dtype)
    bits = np.atleast_1d(a).astype("f4").view("u4")
    even = (bits >> 16) & 1  # a number between two goes to the even one
    kept = np.where(np.isfinite(np.atleast_1d(a)), (bits + 0x7FFF + even) & 0xFFFF0000, bits).astype("u4")
    return kept.view("f4").astype(a.dtype).reshape(a.shape)
