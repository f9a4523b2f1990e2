"""Cases drawn afresh by Hypothesis, shrunk to the smallest that is wrong.

A layer's file has drawn(pick) -> Case, where pick(low, high) is one whole number, small ones first. The picks stand in
the case's id, so that one check can be run again without Hypothesis.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import ModuleType

from hypothesis import HealthCheck, Phase, find, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from .manners import PLAIN, parts
from .types import Case, Check

PUBLIC = 1  # the seed of cases that nobody asked to be others


def recorded(layer: ModuleType, pick: Callable[[int, int], int], number: int) -> Case:
    """The layer's drawn case, with its picks in its name."""
    picks: list[int] = []

    def remember(low: int, high: int) -> int:
        picks.append(pick(low, high))
        return picks[-1]

    case = layer.drawn(remember)
    return replace(case, why=f"drawn {' '.join(map(str, picks))}", seed=number)


def again(layer: ModuleType, case_id: str) -> Case | None:
    """The case of an id such as convolution/drawn-2-3-1@7; None where the id is not of that kind."""
    match = re.fullmatch(r"\w+/drawn-((?:\d+-?)+)(?:@(\d+))?", case_id)
    if not match or not hasattr(layer, "drawn"):
        return None
    picks = iter(int(p) for p in match[1].split("-") if p)
    return recorded(layer, lambda low, high: min(max(next(picks, low), low), high), int(match[2] or 0))


def cases(layer: ModuleType, number: int) -> st.SearchStrategy[Case]:
    @st.composite
    def one(draw: st.DrawFn) -> Case:
        return recorded(layer, lambda low, high: draw(st.integers(low, high)), number)

    return one()


def sample(layer: ModuleType, number: int, count: int) -> list[Case]:
    """`count` cases, the same for the same number."""
    import random

    rng = random.Random(number)
    return [recorded(layer, rng.randint, number + i) for i in range(count)]


def shrunk(layer: ModuleType, number: int, count: int, wrong: Callable[[Case], bool]) -> Case | None:
    """The smallest of the drawn cases that is wrong, None where none of `count` is."""
    how = settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    try:
        return seed(number)(find)(cases(layer, number), wrong, settings=how)
    except NoSuchExample:
        return None


def checks_of(case: Case) -> Iterator[Check]:
    for part in parts(case.op):
        yield Check(case, PLAIN, part)
