"""Finding the smallest case on which the subject is wrong, and a rule from small cases: wrong only when ..."""

import itertools
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, lru_cache
from math import log
from typing import NamedTuple

import numpy as np

from ...i18n import N_, _
from ...subject.protocol import Plan, Question, Subject, Trace
from .. import references
from ..compare import close, compare, stopped
from ..contract import layer as layer_of
from ..inputs import Geometry
from ..reach import apart, interface_of, is_cheap, left_out
from ..scenarios import PLAIN
from ..scenarios.uses import plain_use
from ..types import Case, Check, Problem, RightAnswer, Verdict
from .exceptions import HOPELESS
from .shape_algebra import IMAGES, sizes_of

ROWS = 500  # of the table, and small cases that are searched: a number, since what is said must not depend on the clock
KEPT = 5000  # small cases whose right answers are kept, a few numbers each
TRIED = 6  # of the wrong and of the right rows that are asked again, each in a process of its own
SLOW = 20.0  # seconds; a subject that needs more for its rows, thirty times the usual, gets neither of the two
NEARLY = 0.9  # of such sizes that are wrong: "nearly always when"
RARE = 1e-4  # a fact is reported if chance shows it in fewer tables than this


Shown = tuple[Geometry, bool]  # the sizes of a written case, and whether it is wrong


class SmallCase(NamedTuple):
    """The program of a small case, the right answers to it, and how far from them rounding may lead."""

    plan: Plan
    answer: dict[str, np.ndarray]
    allowed: dict[str, np.ndarray]


@dataclass(frozen=True)
class Row:
    """One small case, and what is wrong with it."""

    geometry: Geometry
    case: Case
    problems: list[Problem]
    plan: Plan | None = None

    @property
    def wrong(self) -> bool:
        """Whether anything is."""
        return bool(self.problems)


@cache
def sizes(component: str) -> list[tuple[Geometry, Case]]:
    """List every small case of a layer, the least work first; none where its file has none."""
    of = layer_of(component)
    return list(of.sizes()) if hasattr(of, "sizes") else []


def rows(component: str, part: str, subject: Subject, picked: Iterable[int]) -> Iterator[Row]:
    """Run the picked small cases and compare them with one reference, which is checked elsewhere against the others.

    It ends when the subject does not answer any more, or is SLOW.
    """
    table, until = sizes(component), time.monotonic() + SLOW
    interface = interface_of(subject, layer_of(component).OP.name)
    for i in picked:
        g, case = table[i]
        if interface and left_out(case, interface.reach):
            continue
        asked = right_answer(component, part, i)
        trace = subject.run(asked.plan)
        if trace.stop and trace.stop.reason in HOPELESS:
            return
        problems = problems_of(asked, trace, part, interface.lacks if interface else ())
        if problems is not None:
            yield Row(g, case, problems, asked.plan)
        if time.monotonic() > until:
            return


@lru_cache(maxsize=KEPT)
def right_answer(component: str, part: str, number: int) -> SmallCase:
    """Return the program of a small case and the right answers to it, the same for every subject."""
    return answered(sizes(component)[number][1], part)


def answered(case: Case, part: str) -> SmallCase:
    """Return the program of the plain use of a case and the right answers to it."""
    plan = plain_use(case, part)
    q = next(iter(plan.expect.values()))[0]
    answer = references.ask(q)
    return SmallCase(plan, answer, layer_of(case.op.component).allowed(q, answer, plan.eps))


def is_wrong(case: Case, part: str, subject: Subject) -> bool:
    """Whether the plain use of a case is wrong."""
    asked, interface = answered(case, part), interface_of(subject, case.op.name)
    return bool(problems_of(asked, subject.run(asked.plan), part, interface.lacks if interface else ()))


def problems_of(asked: SmallCase, trace: Trace, part: str, lacks: Collection[str] = ()) -> list[Problem] | None:
    """List what is wrong; None for a backward whose own forward is wrong, which says nothing of backward.

    lacks: the results that the interface does not give.
    """
    plan, answer, bound = asked
    if part == "backward":
        out = trace.results.get("out")
        if out is None or not close(out, answer["out"], bound["out"]):
            return None
    if trace.stop:
        return [stopped(trace.stop, next(iter(plan.expect.values()))[0].op.name)]
    expected = {result: RightAnswer(answer[w], bound[w]) for result, (_q, w) in plan.expect.items() if w not in lacks}
    return compare(plan, trace, expected)


def first_wrong(component: str, part: str, subject: Subject, most: int = ROWS) -> Verdict | None:
    """Find the smallest case that is wrong, as a verdict; None if none of the `most` smallest is."""
    smallest = range(min(most, len(sizes(component))))
    row = next((r for r in rows(component, part, subject, smallest) if r.wrong), None)
    if row is None:
        return None
    said = interface_of(subject, row.case.op.name)
    return Verdict(
        Check(row.case, PLAIN, part), "fail", row.problems[0].kind, row.problems, plan=row.plan, interface=said
    )


def outcome_table(component: str, part: str, subject: Subject) -> list[Row]:
    """Try ROWS of the small cases, or all if there are fewer, drawn the same way each time; [] if any has no end."""
    picked = np.random.default_rng(1).permutation(len(sizes(component)))[:ROWS]
    table = list(rows(component, part, subject, map(int, picked)))
    return table if part == "backward" or len(table) == len(picked) else []


def small_cases(
    component: str, part: str, subject: Subject, keeps: bool = False
) -> tuple[Verdict | None, list[Row], Subject]:
    """Find the smallest wrong case and the table of small cases. -> the two, and the subject as it was asked for them.

    They are asked one after the other in one process where that makes no difference, else each apart, as whoever runs
    the shown call does. keeps: whether it is known that something is kept between calls.
    """
    if not sizes(component):
        return None, [], subject
    alone = apart(subject) if keeps else None
    if alone is None:
        small = first_wrong(component, part, subject)
        table = outcome_table(component, part, subject) if small else []
        alone = apart(subject) if small else None
        if alone is None or (small and is_same_apart(small, table, part, alone)):
            return small, table, subject
    if not is_cheap(alone):
        return None, [], alone
    small = first_wrong(component, part, alone)
    return small, outcome_table(component, part, alone) if small else [], alone


def is_same_apart(small: Verdict, table: Sequence[Row], part: str, alone: Subject) -> bool:
    """Whether the smallest wrong case, and some of the table, end the same where nothing was called before."""
    rows = [r for wanted in (True, False) for r in odd_ones(table, wanted)] if is_cheap(alone) else []
    asked = [(small.check.case, True), *((r.case, r.wrong) for r in rows)]
    return all(is_wrong(case, part, alone) is wrong for case, wrong in asked)


def odd_ones(table: Sequence[Row], wrong: bool) -> list[Row]:
    """Pick some wrong or right rows, evenly: half of them from those that the fact that fits the table best misses."""
    bad = np.array([r.wrong for r in table], bool)
    best = max(facts_of(table).values(), key=lambda held: int(np.sum(held == bad)), default=bad)
    some: list[Row] = []
    for missed in (True, False):
        rows = [r for r, held in zip(table, best) if r.wrong is wrong and bool(held == wrong) is not missed]
        some += rows[:: len(rows) // TRIED + 1]
    return some


def facts_of(table: Sequence[Row]) -> dict[str, np.ndarray]:
    """Return where each fact holds, of those that the layer has the sides for."""
    found = {}
    for name, fact in FACTS.items():
        with suppress(KeyError):
            found[name] = np.array([fact(r.geometry) for r in table], bool)
    return found


FACTS: dict[str, Callable[[Geometry], bool]] = {  # the plainest first; KeyError: the layer has no such side
    N_("N > 1"): lambda g: g["N"] > 1,
    N_("N > 4"): lambda g: g["N"] > 4,
    N_("N is 1"): lambda g: g["N"] == 1,
    N_("N is odd"): lambda g: g["N"] % 2 == 1,
    N_("C > 1"): lambda g: g["C"] > 1,
    N_("C is 1"): lambda g: g["C"] == 1,
    N_("K > 2"): lambda g: g["K"] > 2,
    N_("t is one-hot"): lambda g: g["onehot"] == 1,
    N_("t holds labels"): lambda g: g["onehot"] == 0,
    N_("N equals K"): lambda g: g["N"] == g["K"],
    N_("N differs from K"): lambda g: g["N"] != g["K"],
    N_("M > 1"): lambda g: g["M"] > 1,
    N_("M is 1"): lambda g: g["M"] == 1,
    N_("the window n > 1"): lambda g: g["n"] > 1,
    N_("the window n > 3"): lambda g: g["n"] > 3,
    N_("C < n"): lambda g: g["C"] < g["n"],
    N_("C > n"): lambda g: g["C"] > g["n"],
    N_("FN > 1"): lambda g: g["FN"] > 1,
    N_("FN is 1"): lambda g: g["FN"] == 1,
    N_("H > 1"): lambda g: g["H"] > 1,
    N_("W > 1"): lambda g: g["W"] > 1,
    N_("H differs from W"): lambda g: g["H"] != g["W"],
    N_("H > W"): lambda g: g["H"] > g["W"],
    N_("W > H"): lambda g: g["W"] > g["H"],
    N_("FH differs from FW"): lambda g: g["FH"] != g["FW"],
    N_("FH > FW"): lambda g: g["FH"] > g["FW"],
    N_("FW > FH"): lambda g: g["FW"] > g["FH"],
    N_("OH differs from OW"): lambda g: g["OH"] != g["OW"],
    N_("OH > OW"): lambda g: g["OH"] > g["OW"],
    N_("OW > OH"): lambda g: g["OW"] > g["OH"],
    N_("FH > 1"): lambda g: g["FH"] > 1,
    N_("FW > 1"): lambda g: g["FW"] > 1,
    N_("FH*FW > 1"): lambda g: g["FH"] * g["FW"] > 1,
    N_("OH > 1"): lambda g: g["OH"] > 1,
    N_("OW > 1"): lambda g: g["OW"] > 1,
    N_("OH*OW > 1"): lambda g: g["OH"] * g["OW"] > 1,
    N_("OH*OW is 1"): lambda g: g["OH"] * g["OW"] == 1,
    N_("stride > 1"): lambda g: g["stride"] > 1,
    N_("stride > 2"): lambda g: g["stride"] > 2,
    N_("stride is 1"): lambda g: g["stride"] == 1,
    N_("pad > 0"): lambda g: g["pad"] > 0,
    N_("pad > 1"): lambda g: g["pad"] > 1,
    N_("pad is 0"): lambda g: g["pad"] == 0,
    N_("C differs from FN"): lambda g: g["C"] != g["FN"],
    N_("OW equals FN"): lambda g: g["OW"] == g["FN"],
    N_("OH equals FN"): lambda g: g["OH"] == g["FN"],
    N_("N equals C"): lambda g: g["N"] == g["C"],
    N_("stride differs from pad"): lambda g: g["stride"] != g["pad"],
    N_("FH > stride"): lambda g: g["FH"] > g["stride"],
    N_("FW > stride"): lambda g: g["FW"] > g["stride"],
    N_("FH is at most the stride"): lambda g: g["FH"] <= g["stride"],
    N_("FW is at most the stride"): lambda g: g["FW"] <= g["stride"],
    N_("FH is the stride"): lambda g: g["FH"] == g["stride"],
    N_("FW is the stride"): lambda g: g["FW"] == g["stride"],
    N_("pad > FH - 1"): lambda g: g["pad"] > g["FH"] - 1,
    N_("pad > FW - 1"): lambda g: g["pad"] > g["FW"] - 1,
    N_("stride > window"): lambda g: g["stride"] > min(g["FH"], g["FW"]),
    N_("windows overlap"): lambda g: (g["stride"] < g["FH"] and g["OH"] > 1) or (g["stride"] < g["FW"] and g["OW"] > 1),
    N_("stride differs from the window"): lambda g: (g["stride"], g["stride"]) != (g["FH"], g["FW"]),
    N_("FH*FW differs from FH+FW"): lambda g: g["FH"] * g["FW"] != g["FH"] + g["FW"],
}
CHANCE = (  # sizes that nothing compares: said only where the rule is exact with them
    *("stride differs from pad", "N equals C", "N equals K", "OW equals FN", "OH equals FN"),
    "FH*FW differs from FH+FW",
)


def find_rule(table: list[Row], shown: Sequence[Shown] = ()) -> str:
    """Say 'wrong exactly when A and B' if that splits the table, else 'nearly always' or 'only when', with its share.

    '' without a rule. shown: the written cases, which the rule must hold of as well.
    """
    bad = np.array([r.wrong for r in table])
    if not bad.any():
        return ""
    if bad.all():
        return _("wrong for all of {n} small sizes").format(n=len(bad)) if len(bad) > 10 else ""
    best = conjunction(table, bad, [g for g, wrong in shown if wrong])
    if not best:
        return ""
    names, held = best
    spared = sum(not wrong and all(holds(FACTS[name], g, False) for name in names) for g, wrong in shown)
    numbers = {"bad": int(bad.sum()), "held": int(held.sum()) + spared, "others": int((~held).sum())}
    if numbers["bad"] == numbers["held"]:
        text = _("wrong exactly when {facts}: in all of {held} such sizes, and in none of {others} others")
    elif numbers["bad"] >= NEARLY * numbers["held"]:
        text = _("wrong nearly always when {facts}: in {bad} of {held} such sizes, and in none of {others} others")
    else:
        text = _("wrong only when {facts}: in {bad} of {held} such sizes, and in none of {others} others")
    return text.format(facts=joined(names), **numbers)


SIDES = {"filter_h": "FH", "pool_h": "FH", "filter_w": "FW", "pool_w": "FW"}  # of a window, by the name of an argument


def geometry_of(q: Question) -> Geometry:
    """Return the sizes of a written case under the names that the small ones have; some may be lacking."""
    found = {s.name: s.value for s in sizes_of(q) if not s.slip}
    found |= {side: q.params[name] for name, side in SIDES.items() if name in q.params}
    x = q.arrays.get("x")
    if x is not None and x.ndim == len(IMAGES):
        found |= dict(zip(IMAGES, x.shape))
    if "t" in q.arrays:
        found["onehot"] = int(q["t"].ndim > 1)
    return found | {name: q.params[name] for name in ("stride", "pad", "n") if name in q.params}


def holds(fact: Callable[[Geometry], bool], g: Geometry, unknown: bool) -> bool:
    """Whether a fact holds of these sizes; unknown: what is said where one of them is lacking."""
    try:
        return fact(g)
    except KeyError:
        return unknown


def joined(names: Iterable[str]) -> str:
    """Join the facts with 'and', in the reader's language."""
    return _(" and ").join(_(name) for name in names)


def conjunction(
    table: list[Row], bad: np.ndarray, also: Sequence[Geometry] = ()
) -> tuple[tuple[str, ...], np.ndarray] | None:
    """Find the facts that are true of every wrong row and, together, of fewest others.

    Of several such conjunctions the one with the fewest and plainest facts. -> names, where they hold. also: other
    sizes that are wrong.
    """
    candidates = {}
    for name, held in facts_of(table).items():
        if not all(holds(FACTS[name], g, True) for g in also):
            continue
        if held[bad].all() and not held.all() and is_significant(held, int(bad.sum())):
            candidates[name] = held
    best: tuple[tuple[str, ...], np.ndarray] | None = None
    for size in (1, 2, 3):
        for names in itertools.combinations(candidates, size):
            held = np.logical_and.reduce([candidates[n] for n in names])
            if any(n in CHANCE for n in names) and not np.array_equal(held, bad):
                continue
            if best is None or held.sum() < best[1].sum() * (1.0 if size == len(best[0]) else 0.9):
                best = names, held
        if best and np.array_equal(best[1], bad):
            break
    return best


def is_significant(held: np.ndarray, wrong: int) -> bool:
    """Whether it is more than chance that the fact holds of all wrong rows (hypergeometric distribution)."""
    n, h = len(held), int(held.sum())
    return sum(log((h - i) / (n - i)) for i in range(wrong)) < log(RARE)
