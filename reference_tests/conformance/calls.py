"""Which of several calls a failure is of: the sizes and arguments of that one are told, not those of the case."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ..subject.protocol import Plan, Step, Trace
from .types import Case, Problem, Verdict

RESULTS = ("call", "get", "spread")  # the verbs that give results


def wrong_call(v: Verdict) -> Case:
    """Return a failure's case with the sizes and arguments of the call that is wrong. A network's stay the case's."""
    case, plan = v.check.case, v.plan
    if not v.problems or plan is None or case.op.diagnose_with == "network":
        return case
    at = find_step(v.problems[0], plan, v.trace)
    return case if at is None else case_at(at, plan, case)


def find_step(problem: Problem, plan: Plan, trace: Trace | None) -> int | None:
    """Return the number of the step that a problem is of: it gave the result, was given the array, or stopped."""
    there = trace.results if trace else {}
    for number, step in enumerate(plan.program):
        if problem.kind == "stopped":
            found = step[2] == problem.what and step[0] in RESULTS and not {*names_of(step)} & there.keys()
        else:
            found = (step[0] in RESULTS and problem.what in names_of(step)) or problem.what in step[3]
        if found:
            return number
    return None


def names_of(step: Step) -> list[str]:
    """List the results of a step."""
    return [step[1]] if isinstance(step[1], str) else list(step[1])


def case_at(number: int, plan: Plan, case: Case) -> Case:
    """Return the case with what the forward, or the function, of this step was called with, and its layer made with."""
    op, program = case.op, plan.program
    target = program[number][2]
    layer = target.partition(".")[0]
    forward = target if op.make is None else f"{layer}.forward"
    called = next((step for step in reversed(program[: number + 1]) if step[2] == forward), None)
    made = next((step for step in program if step[:2] == ["make", layer]), None)
    if called is None or (op.make is not None and made is None):
        return case
    given = dict(zip([a for a in op.args if a not in op.named], called[3])) | (called[4] if len(called) > 4 else {})
    given |= dict(zip(op.make or (), made[3] if made else ()))
    return with_arguments(case, given, plan.given)


def with_arguments(case: Case, given: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Case:
    """Return the case with other arguments: the names of arrays, or values. The case's own where one is not known."""
    values = {k: value for k, value in given.items() if k in case.params and not isinstance(value, str)}
    shapes = {k: arrays[given[k]].shape if str(given.get(k)) in arrays else s for k, s in case.shapes.items()}
    return replace(case, shapes=shapes, params=case.params | values)
