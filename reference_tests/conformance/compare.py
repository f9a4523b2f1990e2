"""Comparing a trace with what its plan expects: a list of problems, the first wrong step first."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ..subject.protocol import Plan, Stop, Trace
from .types import Problem, RightAnswer

NUMBERS = "biuf"  # the kinds of dtype that hold real numbers
NO_ARRAY = np.array("no array")  # stands where a call gave, say, a dict


def close(got: Any, want: np.ndarray, allowed: np.ndarray | float) -> bool:
    """Whether got is an array of numbers of want's shape, and nowhere further from it than allowed."""
    got = np.asarray(got)
    if got.shape != want.shape or got.dtype.kind not in NUMBERS:
        return False
    near = within(got, want, allowed)
    return bool(near.all()) or bool((near | same(got, want)).all())


def within(got: np.ndarray, want: np.ndarray, allowed: np.ndarray | float) -> np.ndarray:
    """Mark with True where the difference is a number that is allowed: everywhere in most right answers."""
    with np.errstate(invalid="ignore", over="ignore"):
        found: np.ndarray = np.abs(np.asarray(got, "f8") - want) <= allowed
    return found


def same(got: np.ndarray, want: np.ndarray) -> np.ndarray:
    """Mark with True where both are the same infinity, or both nan."""
    found: np.ndarray = (got == want) | (np.isnan(want) & np.isnan(np.asarray(got, "f8")))
    return found


def wrong_places(got: np.ndarray, want: np.ndarray, allowed: np.ndarray | float) -> np.ndarray:
    """Mark with True where got is further from want than allowed; a nan is close to a nan alone."""
    wrong: np.ndarray = ~(within(got, want, allowed) | same(got, want))
    return wrong


def identical(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether two arrays are equal to the last bit; a nan equals a nan."""
    return a is b or np.array_equal(a, b, equal_nan=a.dtype.kind == "f" and b.dtype.kind == "f")


def compare_one(what: str, got: np.ndarray, want: np.ndarray, allowed: np.ndarray | float) -> Problem | None:
    """Compare one result; None if it is right."""
    if got.dtype.kind not in NUMBERS:
        return Problem("type", what, got, want)
    if got.shape != want.shape:
        return Problem("shape", what, got, want, allowed)
    return None if close(got, want, allowed) else Problem("values", what, got, want, allowed)


def changed_inputs(plan: Plan, trace: Trace) -> list[Problem]:
    """List the inputs and parameters that the subject wrote into, and earlier results that a later call overwrote."""
    if any(step[0] == "fill" for step in plan.program):  # a result may be a view of what was given
        return []
    written = {step[1] for step in plan.program if step[0] == "write"}
    return [
        Problem("changed-input", k, trace.inputs[k], a)
        for k, a in plan.given.items()
        if k not in written and k in trace.inputs and not identical(trace.inputs[k], a)
    ] + [
        Problem("overwritten", k, trace.left[k], trace.results[k])
        for k in plan.keep
        if k in trace.left and not identical(trace.left[k], trace.results[k])
    ]


def compare(plan: Plan, trace: Trace, expected: Mapping[str, RightAnswer]) -> list[Problem]:
    """Compare every expected result, then look for inputs that were changed."""
    compared = [
        compare_one(what, trace.results.get(what, NO_ARRAY), want, allowed)
        for what, (want, allowed) in expected.items()
    ]
    return [with_returned(p, trace) for p in compared if p] + changed_inputs(plan, trace)


def with_returned(p: Problem, trace: Trace) -> Problem:
    """Add what came in place of an array to a result of no numbers or of another shape: that is its mistake then."""
    returned = trace.returned.get(p.what)
    if returned is None and p.got is NO_ARRAY:  # a key that the dict does not have
        returned = trace.returned.get(p.what.rpartition(".")[0])
    if returned is None or p.kind not in ("type", "shape"):
        return p
    kind = p.kind if returned.kind == "number" else "type"  # a number of its own is an answer, of a wrong shape
    return replace(p, kind=kind, returned=returned)


def stopped(stop: Stop, name: str) -> Problem:
    """Return the problem of a program that stops, by the layer's name: Convolution.forward for layer_other.forward."""
    return Problem("stopped", stop.step, replace(stop, step=re.sub(r"^layer\w*(?=\.)", name, stop.step)))
