"""Two known mistakes together: one put on the reference that makes the other."""

from collections.abc import Iterator, Sequence

import numpy as np

from .diagnosis import Diagnosis
from .mistakes import Ask
from .named import Number, by_size, changes, gives
from .types import Answer, Mistake, Question

ENOUGH = 8  # wrong numbers that two mistakes together must give: fewer can be met by chance


def together(known: Sequence[Mistake], wrong: list[Number], tries: int) -> Diagnosis | None:
    """Two mistakes, one put on the reference that has the other. tries: so many predictions, then it is given up; no
    time, so that the same submission has the same diagnosis on every machine."""
    left = iter(range(tries))
    if not tries or sum(np.size(p.want) for *_, p in wrong) < ENOUGH:
        return None
    wrong = by_size(wrong)
    for a, b in candidates(known, wrong, left):
        if next(left, None) is None:
            return None
        both = Mistake("", "", on_top(a, b))
        if all(gives(both, *n) for n in wrong):
            first, second = sorted((a, b), key=lambda m: m.code)
            return Diagnosis(
                f"{first.code} + {second.code}", f"{first.text}; {second.text}", f"{first.repair}; {second.repair}"
            )
    return None


def candidates(known: Sequence[Mistake], wrong: list[Number], left: Iterator[int]) -> Iterator[tuple[Mistake, Mistake]]:
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
            yield from ((x, y) for x, y in orders if gives(Mistake("", "", on_top(x, y)), q, what, p))


def on_top(a: Mistake, b: Mistake):
    """Mistake a, on a reference that makes mistake b."""

    def answer(ask: Ask, q: Question) -> Answer | None:
        def inner(q: Question) -> Answer:
            try:
                return merged(ask(q), b.answer(ask, q))
            except Exception:  # b does not fit this question
                return ask(q)

        return merged(inner(q), a.answer(inner, q))

    return answer


def merged(right: Answer, changed: Answer | None) -> Answer:
    """What a mistake does not speak of stays as it was."""
    return {**right, **(changed or {})}
