"""Batch normalization: mistakes of what the running statistics begin with, and of what sets them back to that."""

from collections.abc import Callable, Iterator

import numpy as np

from ...subject.protocol import Answer, Question
from ..types import Mistake
from .changes import Ask, WrongAnswer
from .running_statistics import mix, mix_turned, move_statistics, over_n

Start = tuple[float | None, float | None]  # of the mean and of the variance; None: what was given
Stages = tuple[str, WrongAnswer, WrongAnswer]  # a mistake's code, what the first batch does, what the second does

STARTS: tuple[tuple[str, str, tuple[Start, ...]], ...] = (
    ("statistics", "mean and variance", ((0.0, 1.0), (0.0, 0.0))),
    ("running-mean", "mean", ((0.0, None),)),
    ("running-var", "variance", ((None, 1.0), (None, 0.0))),
)
MOVES: tuple[WrongAnswer, ...] = (  # how the statistics may be moved besides
    move_statistics(),
    move_statistics(var=over_n(mix)),
    move_statistics(mix_turned, mix_turned),
    move_statistics(mix_turned, over_n(mix_turned)),
)
GIVEN = "take running_mean and running_var in __init__, and set them nowhere but where training moves them"
ONCE = "set them once, in __init__; each training batch moves what the batches before have left"


def begin_with(start: Start, then: WrongAnswer | None = None) -> WrongAnswer:
    """Take statistics of its own for those that were given, and answer by `then`, or else rightly."""

    def answer(ask: Ask, q: Question) -> Answer | None:
        own = {k: np.full_like(q[k], v) for k, v in zip(("running_mean", "running_var"), start) if v is not None}
        return then(ask, q.but(**own)) if then else ask(q.but(**own))

    return answer


def in_training(change: WrongAnswer) -> WrongAnswer:
    """Make the mistake in training alone."""
    return lambda ask, q: change(ask, q) if q["train_flg"] else None


def list_start_mistakes() -> Iterator[Mistake]:
    """Yield the mistakes as plain uses show them, and as training does."""
    for code, what, starts in STARTS:
        for start in starts:
            text = f"inference has 0 or 1 in place of the running {what} that came in: ignored by __init__, or set back"
            yield Mistake(f"bn.{code}-not-taken", text, begin_with(start), GIVEN)
            text = f"each training batch begins with 0 or 1 in place of the old running {what}: set back, or left out"
            yield Mistake(f"bn.{code}-reset", text, in_training(begin_with(start)), ONCE)


def forget(start: Start) -> Callable[[Ask, Question, Question], Answer | None]:
    """Infer by statistics of its own, whatever training has left.

    At a momentum of one it looks the same where momentum and 1 - momentum change places: nothing moves.
    """
    return lambda ask, old, new: None if new["train_flg"] or new["momentum"] == 1 else begin_with(start)(ask, new)


LOST = tuple(  # mistakes of state: (ask, the question before, this question)
    Mistake("bn.statistics-lost", "inference has 0 or 1 in place of what training has left in the running statistics: "
            "backward, or inference itself, sets them back", forget(start), ONCE)
    for start in ((0.0, 1.0), (0.0, 0.0))
)  # fmt: skip


def list_stages() -> Iterator[Stages]:
    """Yield what two training batches do where the statistics begin elsewhere, or do so with every batch."""
    for code, _what, starts in STARTS:
        for start in starts:
            for move in MOVES:
                reset = begin_with(start, move)
                yield f"bn.{code}-not-taken", reset, move
                yield f"bn.{code}-reset", reset, reset
