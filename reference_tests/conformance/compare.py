"""Is the trace what the plan expects? -> a list of Problems, the first wrong step first."""

import numpy as np

from ..subject.protocol import Plan, Trace
from .types import Problem

NUMBERS = "biuf"
NO_ARRAY = np.array("no array")  # what stands where a call gave, say, a dict


def close(got: np.ndarray, want: np.ndarray, allowed: np.ndarray | float) -> bool:
    got = np.asarray(got)
    if got.shape != want.shape or got.dtype.kind not in NUMBERS:
        return False
    return not wrong_places(got, want, allowed).any()


def wrong_places(got: np.ndarray, want: np.ndarray, allowed: np.ndarray | float) -> np.ndarray:
    """True where got is further from want than allowed; nan is far from everything but a nan that is asked for."""
    with np.errstate(invalid="ignore", over="ignore"):
        near = np.abs(np.asarray(got, "f8") - want) <= allowed
    return ~(near | (got == want) | (np.isnan(want) & np.isnan(np.asarray(got, "f8"))))


def compare_one(what: str, got: np.ndarray, want: np.ndarray, allowed: np.ndarray | float) -> Problem | None:
    if got.dtype.kind not in NUMBERS:
        return Problem("type", what, got, want)
    if got.shape != want.shape:
        return Problem("shape", what, got, want)
    return None if close(got, want, allowed) else Problem("values", what, got, want, allowed)


def changed_inputs(plan: Plan, trace: Trace) -> list[Problem]:
    """Inputs and parameters that the subject wrote into, and earlier results that a later call overwrote."""
    written = {step[1] for step in plan.program if step[0] == "write"}
    return [
        Problem("changed-input", k, trace.inputs[k], a)
        for k, a in plan.given.items()
        if k not in written and k in trace.inputs and not same(trace.inputs[k], a)
    ] + [
        Problem("overwritten", k, trace.left[k], trace.results[k])
        for k in plan.keep
        if k in trace.left and not same(trace.left[k], trace.results[k])
    ]


def same(a: np.ndarray, b: np.ndarray) -> bool:
    return a is b or np.array_equal(a, b, equal_nan=a.dtype.kind == "f" and b.dtype.kind == "f")


def compare(plan: Plan, trace: Trace, wanted: dict[str, tuple[np.ndarray, np.ndarray]]) -> list[Problem]:
    """wanted: result -> (right answer, allowed error)."""
    found = [
        compare_one(what, trace.results.get(what, NO_ARRAY), want, allowed) for what, (want, allowed) in wanted.items()
    ]
    return [p for p in found if p] + changed_inputs(plan, trace)
