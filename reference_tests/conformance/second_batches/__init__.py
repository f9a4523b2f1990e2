"""State that is kept in a branch of the code: small written cases of all kinds, each behind a batch of other numbers.

Every layer's first case is asked for a second batch. Code that takes another way for one image, say, may keep there
what it does not keep elsewhere. So many checks would take long: all cases are one program, whose right answers are
known from the plain use. Only where it shows something is each case asked by itself, for what is to be told.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import cache
from itertools import combinations
from math import prod
from typing import Any

import numpy as np

from ...subject.protocol import Plan, Subject
from ..contract import layer
from ..judge import Devices, arrays_of, judge_all
from ..reach import Reach, interface_of, left_out
from ..scenarios import PLAIN, SCENARIOS, applies_to, parts_of, renamed
from ..scenarios.uses import draw_question, inputs_of, steps_of
from ..types import LEVELS, Case, Check, Scenario, Verdict

Trait = tuple[Any, ...]  # what it is worth, of what, how
Judge = Callable[[Sequence[Check]], Iterable[Verdict]]  # judges some checks of a subject, in their order
AGAIN = next(how for how in SCENARIOS if how.id == "second-call")
MOST = 12  # cases of a layer
LARGEST, LONGEST = 1500, 32  # numbers of a case, and the largest of its settings
SINGLE = 3  # sizes up to here are told apart
BEFORE = "_0"  # how the names of the batch before end
UNKNOWN = ("absent", "unread", "beyond")  # statuses of what has no backward
TIMES = ("timeout", "after-timeout", "after-crash")  # reasons that say nothing of the numbers


def judge_second_batches(
    component: str, subject: Subject, devices: Devices, before: Iterable[Verdict] = ()
) -> list[Verdict]:
    """Judge a component's small cases behind other batches. -> its failure, if there is one; see find_kept_in_cases."""
    if arrays_of(subject).get("kind") == "jax":  # which would compile every shape
        return []
    interface = interface_of(subject, layer(component).OP.name)
    return find_kept_in_cases(
        component, lambda checks: judge_all(checks, subject, devices), interface.reach if interface else {}, before
    )


def find_kept_in_cases(component: str, judge: Judge, reach: Reach, before: Iterable[Verdict] = ()) -> list[Verdict]:
    """Find a case that is right and whose second batch is not. -> that check's verdict, the plainest, or nothing.

    before: the component's other verdicts. Where one that counts most is wrong, nothing is asked: it comes first, and
    may be of the same cause. A case that is wrong in the plain use, or refused there, is left out.
    """
    known = list(before)
    if any(v.status == "fail" and v.check.level == "core" for v in known):
        return []
    parts = parts_of(layer(component).OP)
    whole = [v for v in known if v.check.part == parts[-1]]
    parts = parts[:1] if whole and all(v.status in UNKNOWN for v in whole) else parts
    plain = [v for v in known if v.check.scenario.id == "plain" and v.check.part in parts]
    wrong = {v.check.case.id for v in plain if v.status != "pass" or v.reason}
    cases = [case for case in choose_cases(component) if case.id not in wrong and not left_out(case, reach)]
    if not cases or all(v.status != "fail" for v in judge([check_together(cases, parts[-1])])):
        return []
    found = judge([Check(case, AGAIN, part) for case in cases for part in parts])
    failed = [v for v in found if v.status == "fail" and v.reason not in TIMES]
    failed.sort(key=lambda v: LEVELS.index(v.check.level))
    return next(([v] for v in failed if is_right_alone(v.check.case, parts, judge)), [])


def is_right_alone(case: Case, parts: Sequence[str], judge: Judge) -> bool:
    """Whether no part of a case is wrong in the plain use."""
    return all(v.status != "fail" for v in judge([Check(case, PLAIN, part) for part in parts]))


def check_together(cases: Sequence[Case], part: str) -> Check:
    """Return the check of several cases in one program."""
    title = "small cases of all kinds, each behind a batch of other numbers"
    numbers = " ".join(case.id.partition("/")[2] for case in cases)
    return Check(cases[0], Scenario(f"together {numbers}", title, lambda _case, part: use_all(cases, part)), part)


def use_all(cases: Sequence[Case], part: str) -> Plan:
    """Plan the use of several cases, each behind another batch, in one program."""
    whole = Plan([], {}, {})
    for number, case in enumerate(cases):
        one = use_behind_another(case, part)
        one = renamed(one, f"_other{number}") if number else one
        whole = replace(whole, program=whole.program + one.program, given=whole.given | one.given,
                        expect=whole.expect | one.expect)  # fmt: skip
    return whole


def use_behind_another(case: Case, part: str) -> Plan:
    """Plan the use of a layer on a batch, of which nothing is expected, and then on the case's own."""
    own, other = draw_question(case), draw_question(case, BEFORE)
    other = other.but(**{k: own[k] for k in own.arrays if k not in case.op.args})
    first, of_other = steps_of(other, part, BEFORE)
    then, expect = steps_of(own, part, make=False)
    expect = {"out": (own, "out"), **expect}
    if case.op.make is None:  # it may have kept the case's own numbers from the plain use
        expect |= of_other
    return Plan(first + then, inputs_of(own, part) | inputs_of(other, part, BEFORE), expect)


def written_again(component: str, check_id: str) -> list[Check]:
    """Find the checks that an id of a written case's second batch stands for; none if it is of another kind."""
    own, _, rest = check_id.removeprefix(f"{component}/").partition("/")
    *parts, how = rest.split("/")
    case = next((case for case in layer(component).CASES if case.id == f"{component}/{own}"), None)
    known = parts_of(layer(component).OP)
    if case is None or how != AGAIN.id or not applies_to(AGAIN, case) or not {*parts} <= {*known}:
        return []
    return [Check(case, AGAIN, part) for part in parts or known]


# Which cases.


@cache
def choose_cases(component: str) -> tuple[Case, ...]:
    """Choose small cases that differ from each other, and from those of a second batch, in what a branch may ask."""
    of = layer(component)
    asked = [*of.CASES[:1], *(case for case, how in getattr(of, "SCENARIOS", ()) if how is AGAIN)]
    ids, seen, chosen = {case.id for case in asked}, set[Trait]().union(*map(traits_of, asked)), list[Case]()
    left = [(case, traits_of(case) - seen) for case in of.CASES if case.id not in ids and is_small(case)]
    while left and len(chosen) < MOST:
        case, new = best = max(left, key=lambda one: gain(one[1]))
        left.remove(best)
        if is_drawn(case):
            chosen.append(case)
            left = [(one, traits - new) for one, traits in left if traits - new]
    return tuple(chosen)


def gain(new: set[Trait]) -> int:
    """Return what new traits are worth together."""
    return sum(worth for worth, *_trait in new)


def is_small(case: Case) -> bool:
    """Whether a case counts, is small, has one right answer and may be asked for a second batch."""
    plain = case.level != "advice" and case.rule is None and applies_to(AGAIN, case)
    settings = (int(np.max(v)) for v in case.params.values() if isinstance(v, int | tuple))
    return plain and sum(map(prod, case.shapes.values())) <= LARGEST and all(n <= LONGEST for n in settings)


def is_drawn(case: Case) -> bool:
    """Whether a case has other numbers in another batch."""
    own, other = case.question(), case.question(BEFORE)
    return any(not np.array_equal(own[k], other[k]) for k in own.arrays if k in case.op.args)


def traits_of(case: Case) -> set[Trait]:
    """Collect what a branch may ask of a case, with what it is worth.

    Each small size and whether it is even, what is single before all; flags and the like; which of two is larger.
    """
    sizes = {f"{k}{axis}": n for k, shape in case.shapes.items() for axis, n in enumerate(shape)}
    whole = {k: v for k, v in case.params.items() if isinstance(v, int) and not isinstance(v, bool)}
    flags = {(2, k, repr(v)) for k, v in case.params.items() if k not in whole}
    sizes |= whole
    small = {(6 if n == 1 else 3, k, min(n, SINGLE + 1), n % 2) for k, n in sizes.items()}
    return small | flags | {(1, a, b, order(sizes[a], sizes[b])) for a, b in combinations(sorted(sizes), 2)}


def order(one: int, other: int) -> int:
    """Return -1 or -2 for which of two sizes is larger; for the same, how large it is."""
    return min(one, SINGLE + 1) if one == other else -1 if one < other else -2
