"""Comparing a trace with what its plan expects: a list of problems, the first wrong step first."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ..subject.protocol import Plan, Stop, Trace, counted
from .tolerance import largest
from .types import Problem, RightAnswer

NUMBERS = "biuf"  # the kinds of dtype that hold real numbers
NO_ARRAY = np.array("no array")  # stands where a call gave, say, a dict
FILLED, WRITTEN, SPREAD = "_filled", 0, 2  # the ending of how writing into a result ended, and two of these ends
LATER = "_later"  # the ending of what is read after one more forward


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
    written = {step[1] if step[0] == "write" else step[3][0] for step in plan.program if step[0] in ("write", "set")}
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


def check_gradients_later(plan: Plan, trace: Trace) -> Problem | None:
    """Check that a gradient that is still there after another forward is the one that backward left.

    None, zeros, or an error in their place are no wrong gradient: that it is gone is seen at once.
    """
    for name in [step[1] for step in plan.program if step[0] == "get" and step[1].endswith(LATER)]:
        at_once, later = trace.results[name.removesuffix(LATER)], trace.results[name]
        if later.dtype.kind in NUMBERS and at_once.dtype.kind in NUMBERS and np.any(later):
            problem = compare_one(name.removesuffix(LATER), later, np.asarray(at_once, "f8"), 1e-5 * largest(at_once))
            if problem:
                return problem
    return None


def check_written_into(plan: Plan, trace: Trace) -> Problem | None:
    """Check that no result is a read-only view of fewer numbers, and that each place of a gradient is its own.

    An array that its author has sealed is right: it is whole, and who writes into it is told so.
    """
    fills = [(name, step[0]) for verb, _result, name, step, *_rest in plan.program if verb == "fill"]
    ended = {name: trace.results.get(name + FILLED, np.array(-1)) for name, _number in fills}
    for name, _number in fills:
        if trace.results[name].dtype.kind not in NUMBERS:
            return Problem("type", name, trace.results[name], returned=trace.returned.get(name))
        if np.array_equal(ended[name], SPREAD):
            return Problem("locked", name, trace.results[name])
    for name, number in fills[1:]:  # an output may be x itself, or what backward goes on with
        left = trace.left[name]
        own = np.array_equal(left, counted(number, left.shape)) or left.dtype.kind not in "if"
        if np.array_equal(ended[name], WRITTEN) and not own:
            if np.array_equal(left, trace.results.get(f"{name}_2", np.zeros(0))):
                return Problem("overwritten", name, left, trace.results[name])
            return Problem("shared", name, trace.results[name])
    return None
