"""Which cases are asked around the numbers that a target's code names, and how they are made again from their ids."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache

import numpy as np

from ...i18n import N_
from ...subject.protocol import Plan
from .. import corners
from ..contract import layer
from ..network_scenarios import SCENARIOS as NETWORK
from ..reach import Reach, left_out
from ..scenarios import HISTORY, parts_of, two_batches
from ..scenarios.uses import plan_of, steps_of, with_upstream_gradient
from ..types import Case, Check, Scenario
from .literals import Literal
from .sizes import AXES, TOTAL, Axes, case_of, lengths_in, lengths_of, work_of

SMALLEST = 8  # smaller sizes are asked by the written and the drawn cases
LONGEST, LARGEST = 5001, 70_001  # of one axis: more numbers are asked in all axes together
FIRST, LATER, ONE = 250.0, 30.0, 120.0  # milliseconds of references for just beyond, for the other sizes, for one case
SECONDS = 5.0  # of processor time for one case
NUMBER = "x"  # what stands in an id for the numbers of a case
TURNS = (0.5, 0.98, 1.02, 1.5, 0.1, 2.1, -0.5, -0.98, -1.02, -1.5, -0.1, -2.1)  # times a number that the code names
MOST = 2.1  # the largest of these
AFTER, ALONE = "_2", "_3"  # how the names of a batch end that another goes before, and of the same batch alone
FEW = 2  # numbers that are asked
WITHOUT = (
    "shapes",
    "dropout",
    "inverted_dropout",
    "simple_conv_net",
    "mean_normalization",
)  # layers whose numbers are drawn otherwise
OVERFLOWS = 80.0  # logits so far apart are a corner case: exp overflows in float32
ID = re.compile(r"(\w+)/([A-Za-z]+)=([-+.\w]+?)(?:-([a-z-]+))?$")


def near(a: np.ndarray, number: float, rng: np.random.Generator) -> np.ndarray:
    """Return numbers of this size, of both signs and on both sides of it, all different, in any order."""
    turns = np.resize(TURNS, a.size) * (1 + 1e-3 * np.arange(a.size) / max(a.size, 1))
    return np.asarray(abs(number) * rng.permutation(turns).reshape(a.shape))


def use_near(case: Case, number: float, part: str) -> Plan:
    """Plan the plain use with x and the upstream gradient near a number."""
    q = case.question()
    moved = [k for k in q.op.args if k in q.arrays and k not in q.op.labels]
    q = q.but(**{k: near(q[k], number, case.rng(f"near {k}")) for k in moved})
    if q.op.labels:  # a class without hope is a question of its own
        q = q.but(**{k: q["x"].argmax(axis=1) for k in q.op.labels})
    q = with_upstream_gradient(case, q)
    if q.dout is not None and q.op.upstream is None:
        q = q.but(dout=near(q.dout, number, case.rng("near dout")))
    return plan_of(q, part)


def use_twice(case: Case, part: str) -> Plan:
    """Use a layer on two batches, and another with its parameters on the second alone: what is kept may have a bound.

    The right answers are the same for both, so that the references are asked once.
    """
    plan = two_batches(case, part)
    if case.op.make is None:
        return plan
    steps, expect = steps_of(next(q for q, _ in plan.expect.values()), part, ALONE)
    given = {name.removesuffix(AFTER) + ALONE: name for name in plan.given if name.endswith(AFTER)}
    alone = [[*step[:3], [given.get(str(a), a) for a in step[3]], *step[4:]] for step in steps]
    return replace(plan, program=[*plan.program, *alone], expect={**expect, **plan.expect})


def use(case: Case, part: str) -> Plan:
    """Plan the use of a case around a number of the code; a network has its own. backward: forward, too."""
    if case.op.diagnose_with == "network":
        return NETWORK["everything"].plan(case, part)
    name, _, value = case.why.partition(" ")[0].partition("=")
    plan = use_near(case, float(value), part) if name == NUMBER else use_twice(case, part)
    outs = {"out" + name.removeprefix(what): (q, "out") for name, (q, what) in plan.expect.items()}
    return replace(plan, expect={**outs, **plan.expect})


THRESHOLD = Scenario("threshold", N_("a size or a number that the code names"), use, mistakes=HISTORY)


def parts_asked(component: str) -> tuple[str, ...]:
    """Return the parts of a component that are asked: of dropout forward alone, as its mask is drawn."""
    parts = parts_of(layer(component).OP)
    return ("result",) if component == "simple_conv_net" else parts[:1] if "dropout" in component else parts


def check_of(case: Case, part: str) -> Check:
    """Return the check of a case around a number of the code. Who takes too long is not asked further, nor wrong."""
    return Check(case, THRESHOLD, part, budget=SECONDS)


def sizes_of(literals: Sequence[Literal]) -> Iterator[tuple[int, int, int]]:
    """Yield (turn, size, number): just beyond each number; twice as much and a rest; itself, if it may count alone.

    That it is right up to there is asked where it is wrong beyond.
    """
    for one in literals:
        k = int(one.value)
        sizes = [(0, k + 1), (1, 2 * k + 1), *([(0, k)] if one.spot.equal else [])]
        yield from ((turn, size, k) for turn, size in sizes if SMALLEST <= size <= LARGEST)


def list_cases(component: str, literals: Sequence[Literal], reach: Reach, whole: bool = True) -> list[Case]:
    """List the cases of sizes around the numbers of the code: the other axes are tiny, and the work has a bound.

    whole: those too that would show nothing which the written cases do not. These are of one call each: just beyond,
    a layer with a state is asked for the batch, of which most is kept, in any case.
    """
    found: dict[str, Case] = {}
    stateful = layer(component).OP.make is not None
    shapes, work, first = set[str](), 0.0, 2 * LATER if component == "simple_conv_net" else FIRST
    for turn, size, k in sorted(sizes_of(literals), key=lambda one: one[0]):
        for axes in AXES.get(component, ()):
            for axis in [one for one in lengths_of(axes) if (one == TOTAL) == (size > LONGEST)]:
                more = work_of(component, axes, axis, size)
                if more > ONE or work + more > (first if turn == 0 else LATER):
                    continue
                twice = whole or (stateful and axis == "N" and turn == 0)
                if not twice and is_written(written_lengths(component, axes.kind, axis), size, k):
                    continue
                case = made(component, axes, axis, size)
                key = repr((axes.kind, case and (case.shapes, case.params)))
                if case and key not in shapes and not left_out(case, reach):
                    shapes.add(key)
                    found[case.id] = case
                    work += more
    return list(found.values())


def is_written(written: frozenset[int], size: int, k: int) -> bool:
    """Whether written cases have so long an axis, and one that blocks of k do not divide: they show what this would."""
    return size in written or (size > k and any(length >= size and length % k for length in written))


@cache
def written_lengths(component: str, kind: str, axis: str) -> frozenset[int]:
    """Return the lengths of an axis in the written cases that count, of cases that grow in the plain way."""
    if kind not in ("", "rows"):
        return frozenset()
    of = layer(component)
    cases = of.CASES or [case for case, _ in of.SCENARIOS]  # of a network
    found = [lengths_in(case) for case in cases if case.level == "core" or not of.CASES]
    rows = kind == "rows" or "H" not in AXES[component][0].tiny
    return frozenset(one[axis] for one in found if axis in one and ("H" not in one or not of.CASES) == rows)


def made(component: str, axes: Axes, axis: str, size: int) -> Case | None:
    """Return the case of a size, with the level that written cases of its kind have; None where there is none."""
    case = case_of(component, axes, axis, size)
    return corners.as_written(layer(component), case) if case else None


def list_number_cases(component: str, literals: Sequence[Literal], reach: Reach) -> list[Case]:
    """List the cases of numbers around those of the code, the layer's sizes tiny."""
    if component in WITHOUT:
        return []
    kinds = ("", "padded") if component == "pooling" else ("",)  # zeros around an image bound no number
    some = [axes for axes in AXES.get(component, ()) if axes.kind in kinds]
    found = [number_case(component, axes, one.value) for one in literals[:FEW] for axes in some]
    return [case for case in found if case and not left_out(case, reach)]


def number_case(component: str, axes: Axes, number: float) -> Case | None:
    """Return the case of numbers near one; None where the written case cannot be made so."""
    case = made(component, axes, axes.grow[0] if axes.grow else next(iter(axes.tiny)), SMALLEST)
    far = component == "softmax_with_loss" and MOST * abs(number) > OVERFLOWS
    why = f"{NUMBER}={float(number)!r}" + (f" {axes.kind}" if axes.kind else "")
    return replace(case, why=why, level="edge" if far else case.level) if case else None


def rebuild_case(component: str, case_id: str) -> Case | None:
    """Make the case of an id such as convolution/N=1025 or relu/x=30.0 again; None for an id of another kind."""
    match = ID.fullmatch(case_id)
    axes = next((a for a in AXES.get(component, ()) if match and a.kind == (match[4] or "")), None)
    if match is None or axes is None:
        return None
    try:
        if match[2] == NUMBER:
            return number_case(component, axes, float(match[3]))
        fits = match[2] in lengths_of(axes) and int(match[3]) <= LARGEST
        return made(component, axes, match[2], int(match[3])) if fits else None
    except (ValueError, OverflowError):
        return None
