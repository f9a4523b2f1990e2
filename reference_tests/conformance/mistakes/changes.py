"""The ways in which a mistake changes what a reference answers: by what goes in, by what comes out, by the formula."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ...subject.protocol import Answer, Question
from ..types import Mistake

Ask = Callable[[Question], Answer]  # ask a reference
WrongAnswer = Callable[[Ask, Question], Answer | None]  # None or {}: the mistake does not change this question's answer


def dout_of(q: Question) -> np.ndarray:
    """Return the upstream gradient; raise TypeError if the question has none."""
    if q.dout is None:
        raise TypeError("the question has no upstream gradient")
    return q.dout


def ask_with(**change: Callable[[Question], Any]) -> WrongAnswer:
    """Change what goes in: W=f asks with f(question) in place of W."""
    return lambda ask, q: ask(q.but(**{k: f(q) for k, f in change.items()}))


def alter(**change: Callable[[Answer, Question], Any]) -> WrongAnswer:
    """Change what comes out: out=f puts f(answer, question) in place of out."""

    def answer(ask: Ask, q: Question) -> Answer:
        right = ask(q)
        return {**right, **{k: f(right, q) for k, f in change.items() if k in right}}

    return answer


def alter_dx(dx: Callable[[Question, np.ndarray], Any]) -> WrongAnswer:
    """Take another gradient dx(question, right out); the output is right."""
    return alter(dx=lambda a, q: dx(q, a["out"]))


def compute(
    f: Callable[[np.ndarray], Any], slope: Callable[[np.ndarray, np.ndarray], Any] | None = None
) -> WrongAnswer:
    """Take another function f(x), elementwise, with the gradient dout * slope(x, y)."""

    def answer(ask: Ask, q: Question) -> Answer:
        out = np.asarray(f(q["x"]))
        return {"out": out} if q.dout is None or slope is None else {"out": out, "dx": q.dout * slope(q["x"], out)}

    return answer


def clip_input(
    f: Callable[[np.ndarray], Any], limit: float, slope: Callable[[np.ndarray, np.ndarray], Any]
) -> WrongAnswer:
    """Take f(x), elementwise, of x cut off at -limit and limit; the gradient is dout * slope(x, y)."""
    return compute(lambda x: f(np.clip(x, -limit, limit)), slope)


def at_inference(f: Callable[[np.ndarray, float], np.ndarray]) -> WrongAnswer:
    """Answer f(x, dropout_ratio) at inference."""
    return lambda ask, q: {"out": f(q["x"], q["dropout_ratio"])}


def leave_to_rule(ask: Ask, q: Question) -> Answer:
    """Answer nothing: the numbers are random, so a rule of the component finds this mistake, not a comparison."""
    return {}


def read_last(a: np.ndarray) -> np.ndarray:
    """Read an array (N, C, H, W) as if it lay in the order (N, H, W, C)."""
    n, c, h, w = a.shape
    return np.asarray(a.reshape(n, h, w, c).transpose(0, 3, 1, 2))


def laid_last(a: np.ndarray) -> np.ndarray:
    """Lay an array's numbers in the order (N, H, W, C) under its shape (N, C, H, W)."""
    return np.asarray(a.transpose(0, 2, 3, 1).reshape(a.shape))


def list_untransposed(prefix: str) -> tuple[Mistake, ...]:
    """List the mistakes of who reshapes images between (N, channels, OH, OW) and (N, OH, OW, channels) at once."""
    first = "reshape to (N, OH, OW, channels) first, then bring the channels to the second place"
    return (
        Mistake(f"{prefix}.no-transpose",
                "the numbers stand in the order (N, OH, OW, channels) and are reshaped without a transpose",
                alter(out=lambda a, q: laid_last(a["out"])), first),
        Mistake(f"{prefix}.dout-no-transpose",
                "dout is reshaped to one channel a column without bringing its channels to the end first",
                lambda ask, q: ask(q.but(dout=read_last(dout_of(q)))),
                "transpose dout to (N, OH, OW, channels) before it is reshaped"),
        Mistake(f"{prefix}.dout-no-transpose",
                "dout's channels are brought to the end, then it is reshaped to (N, channels, OH, OW) "
                "without bringing them back", lambda ask, q: ask(q.but(dout=laid_last(dout_of(q)))), first),
    )  # fmt: skip


def list_shape_mistakes(prefix: str) -> tuple[Mistake, ...]:
    """List the mistakes of an output whose numbers are right and whose shape is lost."""
    return (
        Mistake(f"{prefix}.squeezed", "axes of length 1 are dropped from the output",
                alter(out=lambda a, q: np.squeeze(a["out"])),
                "squeeze drops the batch too where it is one image: leave the shape alone"),
        Mistake(f"{prefix}.flattened", "each image comes out as one row",
                alter(out=lambda a, q: a["out"].reshape(len(a["out"]), -1) if a["out"].ndim else a["out"]),
                "the output has the shape that the layer promises"),
    )  # fmt: skip
