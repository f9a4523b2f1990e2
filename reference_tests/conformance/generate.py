"""Cases drawn afresh by Hypothesis, shrunk to the smallest that is wrong.

A layer's file has drawn(pick) -> Case, where pick(low, high) is one whole number, small ones first. The picks stand in
the case's id, so that one check can be run again without Hypothesis.
"""

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import ModuleType

from hypothesis import HealthCheck, Phase, find, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from ..subject.protocol import Subject
from .judge import judge
from .references import CPU
from .scenarios import PLAIN, parts_of
from .types import Case, Check, Scenario, Verdict

PUBLIC = 1  # the seed of cases that nobody asked to be others


def record_picks(layer: ModuleType, pick: Callable[[int, int], int], number: int) -> Case:
    """The layer's drawn case, with its picks in its name."""
    picks: list[int] = []

    def remember(low: int, high: int) -> int:
        picks.append(pick(low, high))
        return picks[-1]

    case = layer.drawn(remember)
    return replace(case, why=f"drawn {' '.join(map(str, picks))}", seed=number)


def rebuild_case(layer: ModuleType, case_id: str) -> Case | None:
    """The case of an id such as convolution/drawn-2-3-1@7; None where the id is not of that kind."""
    match = re.fullmatch(r"\w+/drawn-((?:\d+-?)+)(?:@(\d+))?", case_id)
    if not match or not hasattr(layer, "drawn"):
        return None
    picks = iter(int(p) for p in match[1].split("-") if p)
    return record_picks(layer, lambda low, high: min(max(next(picks, low), low), high), int(match[2] or 0))


def generated_scenario(layer: ModuleType) -> Scenario:
    """How a drawn case is used: plainly, but for a network, which is not called as a layer is."""
    return getattr(layer, "GENERATED", PLAIN)


def generate_cases(layer: ModuleType, number: int) -> st.SearchStrategy[Case]:
    @st.composite
    def one(draw: st.DrawFn) -> Case:
        return record_picks(layer, lambda low, high: draw(st.integers(low, high)), number)

    return one()


def shrink(layer: ModuleType, number: int, count: int, wrong: Callable[[Case], bool]) -> Case | None:
    """The smallest of the drawn cases that is wrong, None where none of `count` is."""
    how = settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    try:
        return find(generate_cases(layer, number), wrong, settings=how, random=random.Random(number))
    except NoSuchExample:
        return None


def judge_generated(layer: ModuleType, number: int, count: int, subject: Subject, devices=CPU) -> Iterator[Verdict]:
    """One verdict a part: of the smallest drawn case that is wrong, or of all of them."""
    for part in parts_of(layer.OP):
        seen: list[Verdict] = []

        def wrong(case: Case, part: str = part, seen: list[Verdict] = seen) -> bool:
            seen.append(judge(Check(case, generated_scenario(layer), part), subject, devices))
            return seen[-1].status in ("fail", "error")

        smallest = shrink(layer, number, count, wrong)
        if smallest is None:
            all_of_them = replace(seen[-1].check.case, why="drawn afresh", seed=number)
            status = "pass" if any(v.status == "pass" for v in seen) else seen[-1].status
            verdict = Verdict(Check(all_of_them, generated_scenario(layer), part), status, seen[-1].reason)
        else:
            verdict = next(v for v in reversed(seen) if v.check.case.id == smallest.id)
        verdict.seconds = sum(v.seconds for v in seen)
        yield verdict
