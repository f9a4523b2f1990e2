"""How a mistake is put on a reference: it changes what goes in, or what comes out."""

from collections.abc import Callable

from .types import Answer, Question

Ask = Callable[[Question], Answer]


def given(**change: Callable[[Question], object]) -> Callable[[Ask, Question], Answer]:
    """The mistake of changing what goes in: change["W"](question) is put in place of W."""
    return lambda ask, q: ask(q.but(**{k: f(q) for k, f in change.items()}))


def after(**change: Callable[[Answer, Question], object]) -> Callable[[Ask, Question], Answer]:
    """The mistake of changing what comes out: change["out"](answer, question) is put in place of out."""

    def answer(ask: Ask, q: Question) -> Answer:
        right = ask(q)
        return {**right, **{k: f(right, q) for k, f in change.items() if k in right}}  # type: ignore[dict-item]

    return answer
