"""Worked examples of the known mistakes: the smallest numbers on which each shows.

Dropout in training has no one right answer: its mistakes are worked out on one mask, in tables.
"""

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache, cached_property
from itertools import islice
from typing import NamedTuple

import numpy as np

from ...subject.protocol import Answer, Op, Plan, Question
from .. import references
from ..compare import compare_one
from ..contract import layer
from ..inputs import Geometry, whole
from ..scenarios import HISTORY, PLAIN, QUEUE, checks_of
from ..scenarios.uses import draw_question, output_shape, plain_use
from ..types import Case, Check, Mistake, Problem, Shape, Verdict, normal

RATIO = 0.25
X = np.arange(1.0, 17).reshape(4, 4)
DOUT = np.array([[1, -2, 3, -1], [2, 1, -3, 2], [-1, 2, 1, -2], [3, -1, 2, 1]], "f8")
MASK = np.array([[1, 1, 0, 1], [1, 0, 1, 1], [0, 1, 1, 1], [1, 1, 1, 0]], "f8")
OTHER = MASK[::-1]  # of another forward
KEPT = 1 - RATIO  # the share of numbers that stay


class MaskedAnswer(NamedTuple):
    """What a mistake of dropout makes of one answer, on the mask."""

    what: str  # the answer
    got: Callable[[np.ndarray], np.ndarray]  # of x, or of dout where the answer is dx
    right: Callable[[np.ndarray], np.ndarray] | None = None  # None: x, or dout, under the mask


BOOK = {
    "flag-turned": MaskedAnswer("out", lambda a: a * KEPT),
    "inverted": MaskedAnswer("out", lambda a: a * MASK / KEPT),
    "mask-at-inference": MaskedAnswer("out", lambda a: a * MASK, lambda a: a * KEPT),
    "scaled-in-training": MaskedAnswer("out", lambda a: a * MASK * KEPT),
    "scaled-by-ratio-in-training": MaskedAnswer("out", lambda a: a * MASK * RATIO),
    "mask-returned": MaskedAnswer("out", lambda a: MASK),
    "mask-repeats": MaskedAnswer("out", lambda a: a * MASK[0]),
    "ratio-is-kept": MaskedAnswer("out", lambda a: a * (1 - MASK)),
    "share": MaskedAnswer("out", lambda a: a * MASK * OTHER),
    "nothing-dropped": MaskedAnswer("out", lambda a: a),
    "nothing-kept": MaskedAnswer("out", lambda a: 0 * a),
    "mask-kept": MaskedAnswer("out", lambda a: a * MASK, lambda a: a * OTHER),
    "backward-no-mask": MaskedAnswer("dx", lambda a: a),
    "backward-other-places": MaskedAnswer("dx", lambda a: a * (1 - MASK)),
    "backward-scaled": MaskedAnswer("dx", lambda a: a * MASK * KEPT),
    "backward-new-mask": MaskedAnswer("dx", lambda a: a * OTHER),
    "backward-stale-mask": MaskedAnswer("dx", lambda a: a * OTHER),
    "oldest-mask": MaskedAnswer("dx", lambda a: a * OTHER),
    "infers-by-default": MaskedAnswer("out", lambda a: a * KEPT),
    "imprecise": MaskedAnswer("out", lambda a: np.float16(a / 3) * MASK, lambda a: a / 3 * MASK),
    "mask-used-up": MaskedAnswer("dx", lambda a: a),
    "dout-unused": MaskedAnswer("dx", lambda a: MASK),
    "writes-dout": MaskedAnswer("dout", lambda a: a * MASK, lambda a: a),
    "inference-stays": MaskedAnswer("out", lambda a: a),
}
INVERTED = {
    "whole-factor": MaskedAnswer("out", lambda a: a * (MASK // KEPT)),
    "not-scaled": MaskedAnswer("out", lambda a: a * MASK),
    "multiplied": MaskedAnswer("out", lambda a: a * MASK * KEPT),
    "by-ratio": MaskedAnswer("out", lambda a: a * MASK / RATIO),
    "scaled-twice": MaskedAnswer("out", lambda a: a * MASK / KEPT**2),
    "by-share-kept": MaskedAnswer("out", lambda a: a * MASK / MASK.mean()),
    "ratio-is-kept": MaskedAnswer("out", lambda a: a * (1 - MASK) / KEPT),
    "nothing-dropped": MaskedAnswer("out", lambda a: a),
    "share": MaskedAnswer("out", lambda a: a * MASK * OTHER / KEPT),
    "mask-kept": MaskedAnswer("out", lambda a: a * MASK / KEPT, lambda a: a * OTHER / KEPT),
    "dx-not-scaled": MaskedAnswer("dx", lambda a: a * MASK),
    "dx-multiplied": MaskedAnswer("dx", lambda a: a * MASK * KEPT),
    "dx-scaled-twice": MaskedAnswer("dx", lambda a: a * MASK / KEPT**2),
    "dx-by-share-kept": MaskedAnswer("dx", lambda a: a * MASK / MASK.mean()),
    "dx-no-mask": MaskedAnswer("dx", lambda a: a / KEPT),
    "dx-other-mask": MaskedAnswer("dx", lambda a: a * OTHER / KEPT),
    "oldest-mask": MaskedAnswer("dx", lambda a: a * OTHER / KEPT),
    "infers-by-default": MaskedAnswer("out", lambda a: a),
    "inference-stays": MaskedAnswer("out", lambda a: a),
}
RELU = {"writes-dout": MaskedAnswer("dout", lambda a: a * MASK, lambda a: a)}
DROPOUT_EXAMPLES: dict[str, tuple[dict[str, MaskedAnswer], Callable[[np.ndarray], np.ndarray]]] = {
    "dropout": (BOOK, lambda a: a * MASK),
    "inverted_dropout": (INVERTED, lambda a: a * MASK / KEPT),
    "relu": (RELU, lambda a: a * MASK),
}


def dropout_example(op: Op, code: str) -> Verdict | None:
    """Work a mistake of dropout out on the mask, as a verdict; None where it is no such mistake."""
    if op.component not in DROPOUT_EXAMPLES:
        return None
    table, right = DROPOUT_EXAMPLES[op.component]
    one = table.get(code.partition(".")[2])
    if not one:
        return None
    a = X if one.what == "out" else DOUT
    want, got = (one.right or right)(a), one.got(a)
    x = X * (2 * MASK - 1) if op.component == "relu" else X
    params = {"dropout_ratio": RATIO} if op.component != "relu" else {}
    case = Case.of(op, code, {"x": x}, params, None)
    part = "forward" if one.what == "out" else "backward"
    return failure_of(case, part, Problem("values", one.what, got, want, 1e-9), None)  # no call fixes the mask


def failure_of(case: Case, part: str, problem: Problem, plan: Plan | None) -> Verdict:
    """Make the verdict of a case of which one answer is wrong."""
    return Verdict(Check(case, PLAIN, part), "fail", problem.kind, [problem], plan=plan)


FIRST, SPREAD = 8, 24  # small cases: the first ones, and some of all sizes
WINDOW = ("FH", "FW", "stride")
FAMILIAR = ((3, 3, 1), (2, 2, 2))  # windows that a reader knows from the book come first
LARGEST = 5000  # numbers that a case may hold


@dataclass(frozen=True)
class AnsweredQuestion:
    """A question with its right answer, computed once for all mistakes."""

    q: Question

    @cached_property
    def want(self) -> Answer:
        """The right answer."""
        return references.ask(self.q)


def example_of(component: str, mistake: Mistake) -> Verdict | None:
    """Make the verdict that a subject with that mistake would get; None where it shows in no number."""
    by_table = dropout_example(layer(component).OP, mistake.code)
    if by_table:
        return by_table
    for one in questions(component):
        problem = first_difference(mistake, one)
        if problem:
            q = one.q
            case = Case.of(q.op, mistake.code, q.arrays, q.params, q.dout)
            part = "result" if not q.op.grads else "forward" if problem.what == "out" else "backward"
            return failure_of(case, part, problem, plain_use(case, part))
    return None


@cache
def questions(component: str) -> list[AnsweredQuestion]:
    """List questions: 4x4 images first, then other small ones, then the suite's own cases; in small whole numbers."""
    of = layer(component)
    small = list(islice(of.sizes(), 4000)) if hasattr(of, "sizes") else []
    square = [(g, case) for g, case in small if (g.get("H"), g.get("W")) == (4, 4)]
    square.sort(key=lambda one: tuple(one[0].get(k, 0) for k in WINDOW) not in FAMILIAR)
    own = sorted(of.CASES, key=lambda case: sum(np.prod(s) for s in case.shapes.values()))
    cases = [*spread(square), *spread(small)]
    listed = [with_whole_numbers(case) for case in [*cases, *own]]
    listed += [fractions(q) for q in listed[:FIRST]]
    return [AnsweredQuestion(q) for q in [*listed, *scenario_questions(component)]]


def spread(small: list[tuple[Geometry, Case]]) -> list[Case]:
    """Pick the first few, then some of all sizes."""
    return [case for _, case in small[:FIRST] + small[FIRST :: max(1, len(small) // SPREAD)]]


def with_whole_numbers(case: Case) -> Question:
    """Draw the case with small whole numbers, and a small upstream gradient."""
    q = (replace(case, draw=draw_digits) if case.draw is normal else case).question()
    if q.op.grads:
        dout = whole(case.rng("dout"), "x", output_shape(q)) // 3
        upstream = dout if dout.any() else dout + 1  # a single number may be 0, which shows nothing
        q = q.but(dout=upstream if q.op.upstream is None else np.array(q.op.upstream))
    return q.exact()


def draw_digits(rng: np.random.Generator, name: str, shape: Shape) -> np.ndarray:
    """Draw whole numbers other than 0, distinct where there are few of them; those of a filter are at most 3."""
    size, most = int(np.prod(shape)), 9 if name in ("x", "input_data", "col") else 3
    digits = rng.permutation(max(size, 2 * most))[:size] % (2 * most) - most
    return np.asarray(digits + (digits >= 0), "f8").reshape(shape)


def fractions(q: Question) -> Question:
    """Divide the numbers by 4, for a mistake that whole numbers hide."""
    q = q.but(**{k: a if k in q.op.labels else a / 4 for k, a in q.arrays.items()})
    return q if q.dout is None else q.but(dout=q.dout / 4)


def scenario_questions(component: str) -> Iterator[Question]:
    """Yield the questions of the layer's own scenarios, the smallest first: a network has no others."""
    by_key: dict[bytes, Question] = {}
    for check in checks_of(layer(component)):
        if check.scenario is PLAIN:
            continue
        try:
            expect = check.scenario.plan(check.case, check.part).expect
        except Exception:  # a plan with no answer to compare
            continue
        by_key |= {q.key(): q.exact() for q, _ in expect.values()}
    of_size = sorted(by_key.values(), key=lambda q: sum(a.size for a in q.arrays.values()))
    return (q for q in of_size if sum(a.size for a in q.arrays.values()) < LARGEST)


def first_difference(mistake: Mistake, one: AnsweredQuestion) -> Problem | None:
    """Find the first answer that the mistake changes: forward alone first, since a wrong size fits no dout."""
    for backward in dict.fromkeys([False, one.q.dout is not None]):
        try:
            with np.errstate(all="ignore"), warnings.catch_warnings(action="ignore"):
                got, want = wrong_answer(mistake, one.q if backward else one.q.but(dout=None)), one.want
        except Exception:  # it does not fit the sizes
            continue
        for what in [w for w in want if got.get(w) is not None]:
            bound = 1e-4 * np.abs(want[what]).max(initial=0) + 1e-12
            problem = compare_one(what, np.asarray(got[what]), want[what], np.full(want[what].shape, bound))
            if problem and problem.kind in ("values", "shape"):
                return problem
    return None


@cache
def states(component: str) -> tuple[Mistake, ...]:
    """List the mistakes of a state between calls: the layer's own, and those of its scenarios of several calls."""
    of = layer(component)
    used = (m for check in checks_of(of) for m in check.scenario.mistakes)
    return tuple(dict.fromkeys((QUEUE, *HISTORY, *getattr(of, "HISTORY", ()), *used)))


def wrong_answer(mistake: Mistake, q: Question) -> Answer:
    """Answer as the mistake does. A state mistake is first asked other values in the same arrays."""
    if mistake not in states(q.op.component):
        return mistake.answer(references.ask, q) or {}
    before = q.but(**{k: np.roll(a, 1) if k in q.op.labels else np.flip(a) + 1 for k, a in q.arrays.items()})
    return mistake.answer(references.ask, before, q) or {}


def catching_cases(component: str, mistake: Mistake) -> list[str]:
    """List the suite's cases that catch the mistake."""
    return [case.why for case, one in suite_questions(component) if first_difference(mistake, one)]


@cache
def suite_questions(component: str) -> list[tuple[Case, AnsweredQuestion]]:
    """Draw the questions of the suite's cases."""
    return [(case, AnsweredQuestion(draw_question(case).exact())) for case in layer(component).CASES]
