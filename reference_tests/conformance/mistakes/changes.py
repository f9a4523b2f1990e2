"""How a mistake is put on a reference: it changes what goes in, or what comes out."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ...subject.protocol import Answer, Question
from ..types import Mistake

Ask = Callable[[Question], Answer]


def given(**change: Callable[..., Any]) -> Callable[[Ask, Question], Answer]:
    """The mistake of changing what goes in: change["W"](question) is put in place of W."""
    return lambda ask, q: ask(q.but(**{k: f(q) for k, f in change.items()}))


def after(**change: Callable[..., Any]) -> Callable[[Ask, Question], Answer]:
    """The mistake of changing what comes out: change["out"](answer, question) is put in place of out."""

    def answer(ask: Ask, q: Question) -> Answer:
        right = ask(q)
        return {**right, **{k: f(right, q) for k, f in change.items() if k in right}}

    return answer


def of_x(f: Callable[..., Any], slope: Callable[..., Any] | None = None) -> Callable[[Ask, Question], Answer]:
    """The mistake of another function f(x), elementwise, with the gradient dout * slope(x, y)."""

    def answer(ask: Ask, q: Question) -> Answer:
        out = np.asarray(f(q["x"]))
        return {"out": out} if q.dout is None or slope is None else {"out": out, "dx": q.dout * slope(q["x"], out)}

    return answer


def gradient(dx: Callable[..., Any]) -> Callable[[Ask, Question], Answer]:
    """The mistake of another dx(question, right out); the output is right."""
    return after(dx=lambda a, q: dx(q, a["out"]))


def of_shape(prefix: str) -> tuple[Mistake, ...]:
    """The output's shape lost, its numbers right."""
    return (
        Mistake(
            f"{prefix}.squeezed",
            "axes of length 1 are dropped from the output",
            after(out=lambda a, q: np.squeeze(a["out"])),
            "squeeze drops the batch too where it is one image: leave the shape alone",
        ),
        Mistake(
            f"{prefix}.flattened",
            "each image comes out as one row",
            after(out=lambda a, q: a["out"].reshape(len(a["out"]), -1) if a["out"].ndim else a["out"]),
            "the output has the shape that the layer promises",
        ),
    )
