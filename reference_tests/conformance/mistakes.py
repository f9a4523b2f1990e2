"""How a mistake is put on a reference: it changes what goes in, or what comes out."""

from collections.abc import Callable

import numpy as np

from .types import Answer, Question

Ask = Callable[[Question], Answer]


def given(**change: Callable[..., object]) -> Callable[[Ask, Question], Answer]:
    """The mistake of changing what goes in: change["W"](question) is put in place of W."""
    return lambda ask, q: ask(q.but(**{k: f(q) for k, f in change.items()}))


def after(**change: Callable[..., object]) -> Callable[[Ask, Question], Answer]:
    """The mistake of changing what comes out: change["out"](answer, question) is put in place of out."""

    def answer(ask: Ask, q: Question) -> Answer:
        right = ask(q)
        return {**right, **{k: f(right, q) for k, f in change.items() if k in right}}  # type: ignore[dict-item]

    return answer


def of_x(f: Callable[..., object], slope: Callable[..., object] | None = None) -> Callable[[Ask, Question], Answer]:
    """The mistake of another function f(x), elementwise, with the gradient dout * slope(x, y)."""

    def answer(ask: Ask, q: Question) -> Answer:
        out = np.asarray(f(q["x"]))
        return {"out": out} if q.dout is None or slope is None else {"out": out, "dx": q.dout * slope(q["x"], out)}

    return answer


def gradient(dx: Callable[..., object]) -> Callable[[Ask, Question], Answer]:
    """The mistake of another dx(question, right out); the output is right."""
    return after(dx=lambda a, q: dx(q, a["out"]))
