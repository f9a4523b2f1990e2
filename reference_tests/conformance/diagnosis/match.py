"""Matching wrong numbers with known mistakes: only one that gives every wrong number is named."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from hashlib import blake2b
from itertools import product

import numpy as np

from ...i18n import _
from ...subject.protocol import EPS32, Answer, Question
from .. import references
from ..compare import NUMBERS, close, wrong_places
from ..contract import layer
from ..mistakes.changes import Ask
from ..mistakes.kinds import kind_of, restrict
from ..scenarios.uses import draw_question
from ..types import Diagnosis, Mistake, Problem, Verdict
from .minimize import sizes

WrongNumber = tuple[Question, str, Problem]  # the question, which of its answers, what is wrong with it
RightNumber = tuple[str, Question, str]  # why the case is in the table, the question, which of its answers
Reply = Callable[[Ask, Question], Answer | None]
ENOUGH = 8  # wrong numbers that two mistakes together must give: fewer can be met by chance
PAIRS = 1500  # predictions that may be made to find two mistakes together
SMALL = 1000  # small questions in which two mistakes are compared
ALIKE = 3  # of those in which two that are the same must change the answer
MOST = 1 / 3  # of how far the wrong numbers are off: what a mistake that gives them may leave
PIVOTS = 6  # wrong answers of which the one that fewest mistakes change is looked for


def wrong_numbers(v: Verdict) -> list[WrongNumber]:
    """List every wrong answer of one verdict that is an array of numbers."""
    if v.check.scenario.rule or not v.plan:
        return []
    wrong = [p for p in v.problems if p.kind in ("values", "shape") and not p.code]
    return [(*v.plan.expect[p.what], p) for p in wrong if p.what in v.plan.expect]


def right_numbers(verdicts: Iterable[Verdict]) -> list[RightNumber]:
    """List every answer that the subject has right, in failed checks too."""
    right = []
    for v in verdicts:
        ruled = v.check.case.rule or v.check.scenario.rule
        if v.reason == "refused" or ruled or not v.plan or not (v.status == "pass" or wrong_numbers(v)):
            continue
        wrong = {p.what for p in v.problems}
        right += [(v.check.case.why, q, what) for result, (q, what) in v.plan.expect.items() if result not in wrong]
    return right


class Predictions:
    """What mistakes would answer. It is remembered, since a component's checks ask for the same again and again.

    pairs: how many predictions may be made to find two mistakes together; 0: they are not looked for.
    """

    def __init__(self, pairs: int = PAIRS) -> None:
        self.pairs = pairs
        self._answers: dict[Hashable, Answer | None] = {}
        self._misfits: set[Hashable] = set()
        self._asked: dict[tuple[int, bool], tuple[Question, Question, bytes]] = {}  # the first keeps its id its own

    def answer(self, reply: Reply, q: Question) -> Answer | None:
        """Compute reply(references.ask, q); None if it does not fit the question's sizes."""
        return self._answer(reply, q, blake2b(q.key()).digest())

    def _answer(self, reply: Reply, q: Question, key_of_q: bytes) -> Answer | None:
        key = reply, key_of_q
        if key not in self._answers:
            try:
                with np.errstate(all="ignore"):
                    self._answers[key] = reply(references.ask, q)
            except Exception:  # the mistake's own formula does not fit this question
                self._answers[key] = None
                self._misfits.add(key)
        return self._answers[key]

    def predict(self, mistake: Mistake, q: Question, what: str) -> np.ndarray | None:
        """Return the array that the mistake would give; None where it does not apply."""
        mine = (self._answer(mistake.answer, *self.asked(q, what)) or {}).get(what)
        return None if mine is None else np.asarray(mine)

    def asked(self, q: Question, what: str) -> tuple[Question, bytes]:
        """Return the question as a mistake is asked it, and its key: that of its forward where out is looked at."""
        known = self._asked.get((id(q), what == "out"))
        if known is None:
            exact = question_for(q, what)
            known = self._asked[id(q), what == "out"] = q, exact, blake2b(exact.key()).digest()
        return known[1:]

    def misfits(self, mistake: Mistake, q: Question, what: str) -> bool:
        """Whether the mistake was tried and does not fit the sizes: code that makes it might do anything there."""
        return (mistake.answer, self.asked(q, what)[1]) in self._misfits

    def gives(self, mistake: Mistake, q: Question, what: str, p: Problem) -> bool | None:
        """Whether the mistake gives this wrong number; None if it says nothing of it, which is no evidence."""
        mine = self.predict(mistake, q, what)
        return None if mine is None else is_given(p, mine)

    def changes(self, mistake: Mistake, q: Question, what: str) -> bool:
        """Whether the mistake would change this answer, by more than rounding may."""
        mine = self.predict(mistake, q, what)
        if mine is None:
            return False
        right = self._answer(right_answer, *self.asked(q, "")) or {}
        if close(mine, right[what], 1e-5 * np.abs(right[what]).max(initial=0)):
            return False
        return not close(mine, right[what], layer(q.op.component).allowed(self.asked(q, "")[0], right, EPS32)[what])


def question_for(q: Question, what: str) -> Question:
    """Return the question as a mistake is asked it: in float64, without an upstream gradient where out is looked at."""
    q = q.exact()
    return q.but(dout=None) if what == "out" else q


def right_answer(ask: Ask, q: Question) -> Answer:
    """Answer as the reference does: no mistake at all."""
    return ask(q)


def is_given(p: Problem, mine: np.ndarray) -> bool:
    """Whether a prediction gives the wrong numbers: it is near to all, and far nearer than the right ones are.

    How far off a number may be differs between the places of an answer: by the most, limit, the right ones may be near.
    """
    if not close(p.got, mine, limit(p)):
        return False
    got, want = np.asarray(p.got), np.asarray(p.want)
    if p.allowed is None or got.shape != want.shape or mine.shape != want.shape:
        return True
    bad = wrong_places(got, want, p.allowed)
    if got.dtype.kind not in NUMBERS or not np.isfinite(got[bad]).all() or not np.isfinite(mine[bad]).all():
        return True
    off, apart = np.abs(got[bad] - mine[bad]), np.abs(got[bad] - want[bad])
    return bool(off.max(initial=0) <= MOST * apart.max(initial=0))


def limit(p: Problem) -> float:
    """How far a prediction may be from what the subject gave."""
    return float(np.max(p.allowed, initial=0) if p.allowed is not None else 1e-6 * np.abs(p.want).max(initial=0))


def match_one(
    predictions: Predictions,
    known: Sequence[Mistake],
    wrong: list[WrongNumber],
    right: list[RightNumber],
    later: Sequence[WrongNumber] = (),
) -> Diagnosis | None:
    """Find the mistake that alone gives every wrong number, and that least of what is right speaks against.

    None where more cases are right in spite of the mistake than it explains, or where it would change what is right in
    a call that it explains: a mistake of forward is not named where forward is right and a gradient is not. later: the
    wrong numbers of later stages; they decide between mistakes that fit.
    """
    wrong, right = by_size(wrong), of_same_type(wrong, right)
    calls, answers = {predictions.asked(q, "out")[1] for q, *_ in wrong}, {what for _q, what, _p in wrong}
    beside = [n for n in right if answers != {"out"} and predictions.asked(n[1], "out")[1] in calls]
    fitting = {
        m: n
        for m in known
        if (n := count_matches(predictions, m, wrong))
        and 2 * n >= len(wrong)
        and not unaffected_cases(predictions, m, beside)
    }
    if not fitting:
        return None
    against = {m: unaffected_cases(predictions, m, right) for m in fitting}

    def objections(m: Mistake) -> tuple[int, int]:
        return len(against[m]) + sum(predictions.gives(m, *n) is False for n in later), -fitting[m]

    m = min(fitting, key=objections) if len(fitting) > 1 else next(iter(fitting))
    only = list(dict.fromkeys(unaffected_cases(predictions, m, [n for n in right if n[2] in answers])))
    own = [n for n in without_wrong_forward(predictions, later) if n[1] in answers]
    unlike = sum(predictions.gives(m, *n) is False for n in own)
    if len(only) + unlike > len(calls):
        return None
    return Diagnosis(m.code, m.text, m.repair, only=", ".join(only))


def without_wrong_forward(predictions: Predictions, wrong: Sequence[WrongNumber]) -> list[WrongNumber]:
    """List the wrong numbers of calls whose forward is right: what else is wrong follows from that."""
    forward = {predictions.asked(q, "out")[1] for q, what, _p in wrong if what == "out"}
    return [n for n in wrong if predictions.asked(n[0], "out")[1] not in forward]


def by_size(wrong: list[WrongNumber]) -> list[WrongNumber]:
    """Sort the smallest questions first: most mistakes are ruled out by one."""
    return sorted(wrong, key=lambda n: sum(a.size for a in n[0].arrays.values()))


def count_matches(predictions: Predictions, mistake: Mistake, wrong: Sequence[WrongNumber]) -> int:
    """Count the wrong numbers that the mistake gives; 0 if it contradicts one."""
    count = 0
    for q, what, p in wrong:
        fits = predictions.gives(mistake, q, what, p)
        if fits is False or (fits is None and not predictions.misfits(mistake, q, what)):
            return 0
        count += bool(fits)
    return count


def of_same_type(wrong: Sequence[WrongNumber], right: Sequence[RightNumber]) -> list[RightNumber]:
    """List what is right for whole numbers alone, if only whole numbers are wrong: a buffer of x's type cuts those."""

    def whole(q: Question) -> bool:
        return any(a.dtype.kind in "iu" for k, a in q.arrays.items() if k not in q.op.labels)

    return [n for n in right if whole(n[1])] if all(whole(q) for q, *_ in wrong) else list(right)


def unaffected_cases(predictions: Predictions, mistake: Mistake, right: Sequence[RightNumber]) -> list[str]:
    """List the cases that the subject has right although the mistake would change them."""
    return [why for why, q, what in right if predictions.changes(mistake, q, what)]


def match_where(
    predictions: Predictions,
    known: Sequence[Mistake],
    wrong: Sequence[WrongNumber],
    right: Sequence[RightNumber],
    others: Sequence[WrongNumber] = (),
) -> Mistake | None:
    """Find the mistake that gives every wrong number, in one kind of question; None if several fit, or none does.

    It would change nothing that is right in questions of that kind, and forward is not wrong where a gradient alone is.
    others: wrong numbers of other uses; where several fit, those that give none of these wrongly are left.
    """
    if sum(max(np.size(p.want), np.size(p.got)) for *_, p in wrong) < ENOUGH:
        return None
    answers, found = {what for _q, what, _p in wrong}, dict[str, Mistake]()
    objections: dict[str, int] = {}
    for m in known:
        if m.code in found or count_matches(predictions, m, wrong) < len(wrong):
            continue
        against = [q for _why, q, what in right if what in answers and predictions.changes(m, q, what)]
        kind = kind_of([q for q, *_ in wrong], against) if against else None
        if kind and not ("out" not in answers and any(predictions.changes(m, q, "out") for q, *_ in wrong)):
            found[m.code] = Mistake(m.code, f"{_(m.text)}; {kind.text}", restrict(m, kind.holds), m.repair)
            objections[m.code] = len(against)
    left = [m for m in found.values() if all(predictions.gives(m, *n) is not False for n in others)]
    left = left if len(found) > 1 else list(found.values())
    if left and all(are_one(predictions, left[0], m, *wrong[0][:2]) for m in left[1:]):
        return left[0]
    return least_contradicted(left, objections)


def least_contradicted(found: Sequence[Mistake], objections: dict[str, int]) -> Mistake | None:
    """Return the one of several that fit against which far less would speak, were it made everywhere; else None."""
    order = sorted(found, key=lambda m: objections[m.code])
    clear = len(order) > 1 and 3 * objections[order[0].code] < 2 * objections[order[1].code]
    return order[0] if clear else None


def cut_images(q: Question) -> Iterator[Question]:
    """Yield the question with images of up to two rows and columns less, where the layer takes such."""
    name = "x" if "x" in q.arrays else "input_data"
    for rows, columns in product(range(3), repeat=2):
        image = q.arrays.get(name, np.zeros(0))
        if image.ndim != 4 or min(image.shape[2:]) < 3:
            return
        cut = q.but(**{name: image[:, :, rows:, columns:]}, dout=None)
        try:
            out = references.ask(cut)["out"]
        except Exception:  # the sizes do not go together
            continue
        yield cut.but(dout=np.sin(np.arange(out.size)).reshape(out.shape)) if q.dout is not None else cut


def are_one(predictions: Predictions, a: Mistake, b: Mistake, q: Question, what: str) -> bool:
    """Whether two mistakes of one kind of question are the same: they answer alike in small questions and beside it."""
    changed = 0
    for small in (*(draw_question(case) for _sizes, case in sizes(q.op.component)[:SMALL]), *cut_images(q)):
        one, other = (predictions.predict(m, small, what) for m in (a, b))
        if one is None and other is None:
            continue
        if one is None or other is None or not close(one, other, 1e-9 * np.abs(other).max(initial=0)):
            return False
        changed += predictions.changes(a, small, what)
    return changed >= ALIKE


def match_two(
    predictions: Predictions, known: Sequence[Mistake], wrong: list[WrongNumber], right: Sequence[RightNumber]
) -> Diagnosis | None:
    """Find two mistakes that together give every wrong number: one put on the reference that makes the other.

    Neither may give them alone, not even in these answers only, and nothing right may speak against either. It is given
    up after predictions.pairs predictions, not after some time, so that the same submission gets the same diagnosis on
    every machine.
    """
    left, known = iter(range(predictions.pairs)), [m for m in known if not m.alone]
    if not predictions.pairs or sum(np.size(p.want) for *_, p in wrong) < ENOUGH:
        return None
    wrong = by_size(wrong)
    if any(count_matches(predictions, m, wrong) for m in known):
        return None
    for a, b in candidate_pairs(predictions, known, wrong, left):
        if next(left, None) is None:
            return None
        both = Mistake("", "", compose(a, b))
        if all(predictions.gives(both, *n) for n in wrong) and not any(
            unaffected_cases(predictions, m, right) for m in (both, a, b)
        ):
            first, second = sorted((a, b), key=lambda m: m.code)
            return Diagnosis(
                f"{first.code} + {second.code}", f"{first.text}; {second.text}", f"{first.repair}; {second.repair}"
            )
    return None


def candidate_pairs(
    predictions: Predictions, known: Sequence[Mistake], wrong: list[WrongNumber], left: Iterator[int]
) -> Iterator[tuple[Mistake, Mistake]]:
    """Yield the pairs that give the wrong answer which fewest mistakes change."""
    acting: dict[int, list[Mistake]] = {}
    for i, (q, what, _p) in enumerate(wrong[:PIVOTS]):
        acting[i] = [m for m in known if next(left, None) is not None and predictions.changes(m, q, what)]
    pivot = min((i for i in acting if acting[i]), key=lambda i: len(acting[i]), default=None)
    if pivot is None:
        return
    for a in acting[pivot]:
        for b in known:
            if b.code == a.code or next(left, None) is None:
                continue
            orders = ((a, b), (b, a)) if b in acting[pivot] else ((a, b),)
            yield from ((x, y) for x, y in orders if predictions.gives(Mistake("", "", compose(x, y)), *wrong[pivot]))


def compose(a: Mistake, b: Mistake) -> Reply:
    """Put mistake a on a reference that makes mistake b."""

    def answer(ask: Ask, q: Question) -> Answer | None:
        def inner(q: Question) -> Answer:
            try:
                return merge_answers(ask(q), b.answer(ask, q))
            except Exception:  # b does not fit this question
                return ask(q)

        return merge_answers(inner(q), a.answer(inner, q))

    return answer


def merge_answers(right: Answer, changed: Answer | None) -> Answer:
    """Put the changed answers over the right ones: what a mistake does not speak of stays as it was."""
    return {**right, **(changed or {})}
