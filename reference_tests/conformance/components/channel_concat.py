"""Channel concatenation: contract, cases, tolerance."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from ...subject.protocol import EPS32, Op, Plan, Trace
from ..compare import NO_ARRAY, compare_one
from ..inputs import one_million, tiny, whole
from ..mistakes.channel_concat import HISTORY as HISTORY
from ..mistakes.channel_concat import INPUTS
from ..mistakes.channel_concat import MISTAKES as MISTAKES
from ..strata import resizable
from ..tolerance import SAFETY, largest
from ..types import Case, Problem, Scenario, Shape
from .shared import SAME_ARRAY, as_many_numbers, bound_copies, enlarge, other_sides, size_between

OP = Op(
    "channel_concat",
    "ChannelConcat",
    "GoogLeNet, 4",
    args=INPUTS,
    make=(),
    grads={f"d{x}": "backward()" for x in INPUTS},
)


@resizable
def concat(why: str, n: int, channels: tuple[int, int, int], h: int, w: int, **more: Any) -> Case:
    """Make a case of N images, the channels of each input, and their sides."""
    return Case(OP, why, {x: (n, c, h, w) for x, c in zip(INPUTS, channels)}, **more)


def whole_first(rng: np.random.Generator, name: str, shape: Shape) -> np.ndarray:
    """Draw integers for the first input alone: an array of its type cuts the others."""
    return whole(rng, "x" if name == INPUTS[0] else name, shape)


# fmt: off
CASES = [
    #      what it requires                             N  channels    H  W
    concat("inputs in the order given",                 2, (3, 1, 4),  5, 2, number=811128275),
    Case(OP, "rows as well as images", {x: (5, c) for x, c in zip(INPUTS, (3, 1, 4))}, level="edge", refuse="may", number=3005),
    concat("joined along the channels, not the images", 3, (2, 2, 2),  4, 3, number=4143936912),
    concat("joined along the channels, not the rows",   2, (4, 4, 4),  4, 3, number=1117990834),
    concat("as many channels as images",                3, (3, 3, 3),  2, 4, number=3164560477),
    concat("one pixel",                                 4, (2, 3, 1),  1, 1, number=1123606669),
    concat("every image of a larger batch",             7, (1, 2, 1),  2, 3, number=3307005024),
    concat("numbers near one ten thousandth",           2, (2, 1, 3),  3, 2, draw=tiny, number=4027404941),
    concat("more than 64 channels",                     2, (150, 259, 3), 2, 3, number=1804080760),
    concat("more than 64 images", 259, (2, 1, 3), 3, 2, number=2636078082),
    concat("more than 256 places",                      2, (3, 1, 2),  18, 17, number=1457508895),
    concat("one number of a million",                   2, (3, 1, 2),  4, 5, draw=one_million, number=710023231),
    concat("whole numbers",                             2, (1, 2, 3),  3, 4, draw=whole_first, level="advice", refuse="told", number=3783527473),
    concat("all sizes equal", 3, (3, 3, 3), 3, 3, number=3754912702),
    concat("one image",                                 1, (3, 2, 4),  2, 5, level="edge", number=1828086316),
]
STRATA = (  # the kinds of cases that hidden checks are drawn in
    "inputs in the order given", "joined along the channels, not the images",
    "joined along the channels, not the rows", "one pixel", "every image of a larger batch",
    "one image",
)
LARGE = concat("a backward of its own time", 20, (3, 1, 4), 40, 38)
# fmt: on
allowed = bound_copies


def add_channels(case: Case) -> Case:
    """Return the case with one channel more in each input, in larger images."""
    return enlarge(replace(case, shapes={x: (n, c + 1, h, w) for x, (n, c, h, w) in case.shapes.items()}))


def join_other_numbers(case: Case, part: str) -> Plan:
    """Plan the use of one layer on two inputs, then on four."""
    q, more = case.question(), case.question("_2")
    given, program = {**q.arrays, "x4": more[INPUTS[0]]}, [["make", "layer", OP.name, list[str]()]]
    for turn, names in (("", INPUTS[:2]), ("_2", (*INPUTS, "x4"))):
        n, _, h, w = q[INPUTS[0]].shape
        shape = (n, sum(given[x].shape[1] for x in names), h, w)
        program.append(["call", "out" + turn, "layer.forward", list(names)])
        if part == "backward":
            program.append(["spread", [f"d{x}{turn}" for x in names], "layer.backward", ["dout" + turn]])
            given["dout" + turn] = case.rng("numbers" + turn).standard_normal(shape)
    return Plan(program, given, {})


def check_other_numbers(plan: Plan, trace: Trace) -> Problem | None:
    """Check the outputs of two and of four inputs, or their gradients."""
    for verb, result, _layer, names in plan.program[1:]:
        if verb == "call":
            parts = [plan.given[x] for x in names]
            want = {result: np.concatenate(parts, axis=1)}
        else:
            ends = np.cumsum([x.shape[1] for x in parts])[:-1]
            want = dict(zip(result, np.split(plan.given[names[0]], ends, axis=1)))
        for what, right in want.items():
            problem = compare_one(what, trace.results.get(what, NO_ARRAY), right, SAFETY * EPS32 * largest(right))
            if problem:
                return problem
    return None


PIXEL = next(c for c in CASES if c.why == "one pixel")
IN_TURN = (
    *(concat("as many numbers", n, (c, 1, 8 - c - 1), h, w) for n, c, h, w in other_sides((2, 3, 5, 2))),
    concat("as many channels in all", 2, (4, 3, 1), 5, 2),
)
OTHER_NUMBERS = Scenario(
    "other-numbers", "two inputs, then four", join_other_numbers, "edge", "any", rule=check_other_numbers
)
SCENARIOS = [
    (PIXEL, size_between(add_channels)),
    (CASES[0], as_many_numbers(*IN_TURN)),
    (CASES[0], OTHER_NUMBERS),
    (next(c for c in CASES if c.why == "as many channels as images"), SAME_ARRAY),
]


def drawn(pick: Callable[[int, int], int]) -> Case:
    """Draw a case; pick(low, high) picks an integer of low .. high."""
    return concat("drawn", pick(1, 5), (pick(1, 3), pick(1, 4), pick(1, 3)), pick(1, 4), pick(1, 4))
