"""Which known mistake gives the subject's numbers? Only one that gives every wrong number."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import blake2b

import numpy as np

from ...subject.protocol import Answer, Plan, Question
from .. import references
from ..compare import close
from ..mistakes.changes import Ask
from ..types import Mistake, Problem, Verdict
from .result import Diagnosis

_plans: dict[int, tuple[Verdict, Plan]] = {}
_answers: dict[tuple, Answer | None] = {}
_unfit: set[tuple] = set()  # of which a mistake has nothing to say: its own formula does not fit
Number = tuple[Question, str, Problem]  # what was asked, which of its answers, what is wrong with it


def forget() -> None:
    """Answers are remembered for one component's diagnosis: its checks ask for the same ones again and again."""
    _plans.clear()
    _answers.clear()
    _unfit.clear()


def plan_of(v: Verdict) -> Plan:
    if id(v) not in _plans:
        _plans[id(v)] = v, v.check.scenario.plan(v.check.case, v.check.part)
    return _plans[id(v)][1]


def wrong_numbers(v: Verdict) -> list[Number]:
    """Every wrong answer of one verdict that is an array of numbers."""
    if v.check.scenario.rule:
        return []
    wrong = [p for p in v.problems if p.kind in ("values", "shape") and not p.code]
    return [(*plan_of(v).expect[p.what], p) for p in wrong if p.what in plan_of(v).expect]


def right_numbers(verdicts: Iterable[Verdict]) -> Iterator[tuple[str, Question, str]]:
    """(why, question, answer name) of every number that the subject has right, in failed checks too."""
    for v in verdicts:
        ruled = v.check.case.rule or v.check.scenario.rule
        if v.reason == "refused" or ruled or not (v.status == "pass" or wrong_numbers(v)):
            continue
        wrong = {p.what for p in v.problems}
        for result, (q, what) in plan_of(v).expect.items():
            if result not in wrong:
                yield v.check.case.why, q, what


def cached_answer(answer: Callable[..., Answer | None], q: Question) -> Answer | None:
    """answer(references.ask, question); None where it does not fit the question."""
    key = key_of(answer, q)
    if key not in _answers:
        try:
            with np.errstate(all="ignore"):
                _answers[key] = answer(references.ask, q)
        except Exception:  # the mistake does not fit this question
            _answers[key] = None
            _unfit.add(key)
    return _answers[key]


def key_of(answer: Callable[..., Answer | None], q: Question) -> tuple:
    return answer, blake2b(q.key()).digest()


def does_not_fit(mistake: Mistake, q: Question, what: str) -> bool:
    """Whether it was asked and does not go with these sizes: there, code that makes it would stop or do anything."""
    q = q.exact()
    return key_of(mistake.answer, q if what != "out" else q.but(dout=None)) in _unfit


def right_answer(ask: Ask, q: Question) -> Answer:
    return ask(q)


def predicted(mistake: Mistake, q: Question, what: str) -> np.ndarray | None:
    """The number that the mistake would give; None where it does not apply."""
    q = q.exact()
    found = (cached_answer(mistake.answer, q if what != "out" else q.but(dout=None)) or {}).get(what)
    return None if found is None else np.asarray(found)


def gives(mistake: Mistake, q: Question, what: str, p: Problem) -> bool | None:
    """None: it does not fit the sizes, which is no evidence."""
    mine = predicted(mistake, q, what)
    return None if mine is None else predicts(mine, p)


def predicts(mine: np.ndarray, p: Problem) -> bool:
    got = np.asarray(p.got)
    if mine.shape != got.shape or got.dtype.kind not in "biuf":
        return False
    limit = np.max(p.allowed, initial=0) if p.allowed is not None else 1e-6 * np.abs(p.want).max(initial=0)
    with np.errstate(invalid="ignore"):
        return bool(np.all((np.abs(got - mine) <= limit) | (got == mine) | (np.isnan(got) & np.isnan(mine))))


def matching_mistakes(known: Iterable[Mistake], wrong: Sequence[Number]) -> dict[Mistake, int]:
    """The mistakes that contradict no wrong number and give some -> how many they give."""
    found = {m: count_matches(m, wrong) for m in known}
    return {m: n for m, n in found.items() if n}


def count_matches(mistake: Mistake, wrong: Sequence[Number]) -> int:
    count = 0
    for n in wrong:
        fits = gives(mistake, *n)
        if fits is False or (fits is None and not does_not_fit(mistake, n[0], n[1])):
            return 0
        count += bool(fits)
    return count


def match_one(
    known: Sequence[Mistake], wrong: list[Number], right: list[tuple[str, Question, str]], later: Sequence[Number] = ()
) -> Diagnosis | None:
    """The mistake alone that gives every wrong number and speaks against least of what is right."""
    wrong = by_size(wrong)
    fitting = {
        m: n
        for m, n in matching_mistakes(known, wrong).items()
        if 2 * n >= len(wrong) and not contradicts_forward(m, wrong, right)
    }
    if not fitting:
        return None
    against = {m: unaffected_cases(m, right) for m in fitting}

    def strain(m: Mistake) -> int:
        return len(against[m]) + sum(gives(m, *n) is False for n in later)

    m = min(fitting, key=strain) if len(fitting) > 1 else next(iter(fitting))
    return Diagnosis(m.code, m.text, m.repair, only=", ".join(dict.fromkeys(against[m])))


def by_size(wrong: list[Number]) -> list[Number]:
    """The smallest first: most mistakes are ruled out by one."""
    return sorted(wrong, key=lambda n: sum(a.size for a in n[0].arrays.values()))


def contradicts_forward(mistake: Mistake, wrong: list[Number], right: list[tuple[str, Question, str]]) -> bool:
    """A mistake of forward whose forward the subject has right, in the very cases whose gradients are wrong."""
    asked = {q.but(dout=None).key() for q, what, _ in wrong if what != "out"}
    outs = [(why, q, what) for why, q, what in right if what == "out" and q.but(dout=None).key() in asked]
    return bool(unaffected_cases(mistake, outs))


def unaffected_cases(mistake: Mistake, right: list[tuple[str, Question, str]]) -> list[str]:
    """The cases that the subject has right although the mistake would change them."""
    return [why for why, q, what in right if changes(mistake, q, what)]


def changes(mistake: Mistake, q: Question, what: str) -> bool:
    mine = predicted(mistake, q, what)
    if mine is None:
        return False
    want = (cached_answer(right_answer, q.exact()) or {})[what]
    return not close(mine, want, 1e-5 * np.abs(want).max(initial=0))


ENOUGH = 8  # wrong numbers that two mistakes together must give: fewer can be met by chance


def match_two(known: Sequence[Mistake], wrong: list[Number], tries: int) -> Diagnosis | None:
    """Two mistakes, one put on the reference that has the other. tries: so many predictions, then it is given up; no
    time, so that the same submission has the same diagnosis on every machine."""
    left = iter(range(tries))
    if not tries or sum(np.size(p.want) for *_, p in wrong) < ENOUGH:
        return None
    wrong = by_size(wrong)
    for a, b in candidate_pairs(known, wrong, left):
        if next(left, None) is None:
            return None
        both = Mistake("", "", compose(a, b))
        if all(gives(both, *n) for n in wrong):
            first, second = sorted((a, b), key=lambda m: m.code)
            return Diagnosis(
                f"{first.code} + {second.code}", f"{first.text}; {second.text}", f"{first.repair}; {second.repair}"
            )
    return None


def candidate_pairs(
    known: Sequence[Mistake], wrong: list[Number], left: Iterator[int]
) -> Iterator[tuple[Mistake, Mistake]]:
    """Pairs that give the number which fewest mistakes change."""
    acting: dict[int, list[Mistake]] = {}
    for i, (q, what, _) in list(enumerate(wrong))[:6]:
        acting[i] = [m for m in known if next(left, None) is not None and changes(m, q, what)]
    pivot = min((i for i in acting if acting[i]), key=lambda i: len(acting[i]), default=None)
    if pivot is None:
        return
    q, what, p = wrong[pivot]
    for a in acting[pivot]:
        for b in known:
            if b.code == a.code or next(left, None) is None:
                continue
            orders = ((a, b), (b, a)) if b in acting[pivot] else ((a, b),)
            yield from ((x, y) for x, y in orders if gives(Mistake("", "", compose(x, y)), q, what, p))


def compose(a: Mistake, b: Mistake):
    """Mistake a, on a reference that makes mistake b."""

    def answer(ask: Ask, q: Question) -> Answer | None:
        def inner(q: Question) -> Answer:
            try:
                return merge_answers(ask(q), b.answer(ask, q))
            except Exception:  # b does not fit this question
                return ask(q)

        return merge_answers(inner(q), a.answer(inner, q))

    return answer


def merge_answers(right: Answer, changed: Answer | None) -> Answer:
    """What a mistake does not speak of stays as it was."""
    return {**right, **(changed or {})}
