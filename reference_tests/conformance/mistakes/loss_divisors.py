"""Softmax with loss: what loss and gradient are divided by in place of the number of images."""

from collections.abc import Callable, Iterator

import numpy as np

from ...subject.protocol import Answer, Question
from ..types import Mistake
from .changes import Ask, WrongAnswer
from .softmax_parts import exact_losses, losses, softmax, summed_gradient

Divisor = Callable[[Question], float]
IMAGES = "divide by the number of images, len(x), whatever t looks like"
PARTS = (("the loss is", ("out",)), ("dx is", ("dx",)), ("loss and gradient are", ("out", "dx")))


def count_classes(q: Question) -> int:
    """Return K."""
    return int(q["x"].shape[1])


def for_labels(ndim: int, n: Divisor) -> Divisor:
    """Divide so for labels of so many axes alone."""
    return lambda q: n(q) if q["t"].ndim == ndim else len(q["x"])


def less_one(n: Divisor) -> Divisor:
    """Divide by one less."""
    return lambda q: n(q) - 1


DIVISORS: tuple[tuple[str, str, Divisor], ...] = (
    ("divided-by-classes", "divided by the number of classes, not of images", count_classes),
    ("divided-by-classes", "divided by the number of classes for one-hot labels, len(t[0]), not of images",
     for_labels(2, count_classes)),
    ("divided-by-classes", "divided by the number of classes for labels given as numbers, not of images",
     for_labels(1, count_classes)),
    ("over-classes", "divided by N*K, not by N", lambda q: q["x"].size),
    ("over-classes", "divided by N*K for labels given as numbers, not by N", for_labels(1, lambda q: q["x"].size)),
    ("divided-by-one-less", "divided by N - 1, not by N", less_one(lambda q: len(q["x"]))),
    ("divided-by-one-less", "divided by K - 1, not by the number of images", less_one(count_classes)),
)  # fmt: skip


def divide(n: Divisor, names: tuple[str, ...], guarded: bool) -> WrongAnswer:
    """Divide the sums in the named answers by n(question). guarded: 1e-7 is added inside the log."""

    def answer(ask: Ask, q: Question) -> Answer:
        y, found = softmax(q["x"]), ask(q)
        if "out" in names:
            found["out"] = np.asarray((losses if guarded else exact_losses)(q, y).sum() / n(q))
        return found | ({"dx": summed_gradient(q, y) / n(q)} if "dx" in names and q.dout is not None else {})

    return answer


def leave_small(least: float, guarded: bool) -> WrongAnswer:
    """Average the losses above a number alone. guarded: 1e-7 is added inside the log."""

    def answer(ask: Ask, q: Question) -> Answer | None:
        if not len(q["x"]):
            return None
        each = (losses if guarded else exact_losses)(q, softmax(q["x"]))
        kept = each[each > least]
        return {**ask(q), "out": np.asarray(kept.mean() if kept.size else 0.0)}

    return answer


def list_divisors() -> Iterator[Mistake]:
    """Yield the mistakes, each in the loss, in the gradient, and in both."""
    for code, text, n in DIVISORS:
        for what, names in PARTS:
            for guarded in (True, False) if "out" in names else (True,):
                yield Mistake(f"loss.{'dx-' * (names == ('dx',))}{code}", f"{what} {text}", divide(n, names, guarded),
                              IMAGES)  # fmt: skip
    for least in (0.0, 1e-12, 1e-10, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2):
        for guarded in (True, False):
            yield Mistake("loss.small-left-out", "images whose loss is about 0 are left out of the mean",
                          leave_small(least, guarded), IMAGES, alone=True)  # fmt: skip
