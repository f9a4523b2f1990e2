"""Dropout, the book's and the inverted: how many numbers are dropped, where the ratio is near 0 or 1, and call by call.

Only zeros are counted: by what the others are scaled, other checks ask.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from ...i18n import _
from ...subject.protocol import Plan, Trace
from ..compare import NUMBERS
from ..scenarios.uses import steps_of
from ..tolerance import likely_bound
from ..types import Case, Problem, Scenario
from .dropout_rules import ratio_of, train, wrong_share

Rule = Callable[[Plan, Trace], Problem | None]
Named = Callable[[int, int, float], str]  # (kept, size, ratio) -> the code of the mistake that a wrong share points to
RARE, OFTEN, SIZE = 0.0009, 0.9991, (200, 200)  # two ratios, and numbers of which 36 are dropped, or kept
CALLS, ROWS = 8, (25, 40)  # at one half all these calls drop equally many of these numbers once in 10**11 runs
ROUNDS, ODD = 48, (1, 13)  # at one half a place of these is alike in all these calls once in 10**13 runs
STEPS = (100, 256, 255, 1000)  # into which a ratio is cut: per cent, bytes, per mille


def in_fortran_order(forward: Rule, backward: Rule) -> Scenario:
    """Make the scenario of training with arrays in Fortran order, by whose order what is wrong there is named."""

    def plan(case: Case, part: str) -> Plan:
        return train(case, part, layout="F")

    def rule(plan: Plan, trace: Trace) -> Problem | None:
        problem = (backward if "dx" in trace.results else forward)(plan, trace)
        return problem and replace(problem, code="")

    return Scenario("fortran", "training, Fortran order", plan, parts=("forward", "backward"), rule=rule)


def find_zeros(trace: Trace, plan: Plan, turn: str = "") -> np.ndarray | Problem:
    """Return where an output is not 0; a problem if it is not of the shape of x."""
    out, x = trace.results["out" + turn], plan.given["x"]
    if out.shape != x.shape or out.dtype.kind not in NUMBERS:
        return Problem("shape" if out.dtype.kind in NUMBERS else "type", "out" + turn, out, x)
    return np.asarray(out != 0)


def name_cut(component: str, otherwise: Named) -> Named:
    """Return what names a ratio that is cut to whole steps, in which a small one is 0; otherwise names the others."""

    def name(kept: int, size: int, ratio: float) -> str:
        for steps in STEPS:
            left = 1 - int(steps * ratio) / steps
            low, high = likely_bound(size, left, 1e-4)  # only a name hangs on it
            if low <= kept <= high:
                return f"{component}.ratio-{'per-cent' if steps == 100 and left < 1 else 'cut'}"
        return otherwise(kept, size, ratio) if kept else f"{component}.ratio-cut"

    return name


def share_of_few(component: str, otherwise: Named) -> Scenario:
    """Make the scenario of a ratio near 0 or 1: as many are dropped as it says."""
    name = name_cut(component, otherwise)

    def rule(plan: Plan, trace: Trace) -> Problem | None:
        found = find_zeros(trace, plan)
        return found if isinstance(found, Problem) else wrong_share(found, ratio_of(plan), name)

    return Scenario("share-of-few", "training: as many zeros as a ratio near 0 or 1 says", train, parts=("forward",),
                    rule=rule)  # fmt: skip


def train_often(calls: int) -> Callable[[Case, str], Plan]:
    """Make the plan of so many trainings on one batch."""

    def plan(case: Case, part: str) -> Plan:
        q, program = case.question(), list[list[Any]]()
        for number in range(calls):
            step = steps_of(q, "forward", make=not number)[0]
            program += [*step[:-1], [step[-1][0], f"out_{number}", *step[-1][2:]]]
        return Plan(program, {"x": q["x"]}, {})

    return plan


def count_varies(component: str) -> Scenario:
    """Make the scenario in which the number of dropped ones differs between calls, as each is dropped by itself."""

    def rule(plan: Plan, trace: Trace) -> Problem | None:
        counts = set[int]()
        for number in range(CALLS):
            found = find_zeros(trace, plan, f"_{number}")
            if isinstance(found, Problem):
                return found
            counts.add(int(np.count_nonzero(found)))
        if len(counts) > 1:
            return None
        note = _("(exactly {kept} of {size} numbers are kept in each of {calls} calls; by chance their number varies)")
        note = note.format(kept=counts.pop(), size=plan.given["x"].size, calls=CALLS)
        return Problem("alike", "out", note=note, code=f"{component}.exact-share")

    return Scenario("count-varies", "training: another number of zeros in every call", train_often(CALLS),
                    "edge", parts=("forward",), rule=rule)  # fmt: skip


def each_in_turn(component: str) -> Scenario:
    """Make the scenario in which each number, the last ones too, is dropped in some calls and kept in others."""

    def rule(plan: Plan, trace: Trace) -> Problem | None:
        kept = list[np.ndarray]()
        for number in range(ROUNDS):
            found = find_zeros(trace, plan, f"_{number}")
            if isinstance(found, Problem):
                return found
            kept.append(found.ravel())
        return alike_in_all(np.array(kept), component)

    return Scenario("each-in-turn", "training: every number is dropped in some calls and kept in others",
                    train_often(ROUNDS), "edge", parts=("forward",), rule=rule)  # fmt: skip


def alike_in_all(kept: np.ndarray, component: str) -> Problem | None:
    """Report numbers that are dropped in all calls, or kept in all. kept: (calls, numbers)."""
    dropped, stays = ~kept.any(axis=0), kept.all(axis=0)
    fixed = np.asarray(dropped | stays)
    count, size = int(fixed.sum()), fixed.size
    if not count:
        return None
    note = _("({dropped} of {size} numbers are dropped and {kept} kept in each of {calls} calls)")
    note = note.format(dropped=int(dropped.sum()), kept=int(stays.sum()), size=size, calls=len(kept))
    at_end = count < size and fixed[size - count :].all()
    return Problem("alike", "out", note=note, code=f"{component}.last-numbers" if at_end else "")
