"""LRN: what x is divided by is kept from being small, or is taken back from the output by a division."""

from collections.abc import Callable, Iterator

import numpy as np

from ...subject.protocol import Answer, Question
from ..types import Mistake
from .changes import Ask, WrongAnswer

Combine = Callable[[Callable[[Question, np.ndarray, np.ndarray], np.ndarray]], WrongAnswer]  # LRN's own, of dx
FROM_S = "keep s from forward, and take s ** -beta of it"
Sums = Callable[[Question], np.ndarray]  # question -> s, of x's shape
GUARDS = (0.0, 1e-12, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5)


def through_quotient(guard: float) -> Callable[[Question, np.ndarray, np.ndarray], np.ndarray]:
    """Take y / (x + guard) for s ** -beta in dx's own part: 0 where x is 0, or nan without a guard."""
    return lambda q, own, shared: np.asarray(own * (q["x"] / (q["x"] + guard)) - shared)


def list_quotients(combine: Combine) -> Iterator[Mistake]:
    """Yield the mistakes of a dx for which the output is divided by x."""
    for guard in GUARDS:
        below = "(x + a tiny number)" if guard else "x"
        text = f"dx takes y / {below} for s ** -beta: that is lost where x is 0 or tiny"
        yield Mistake("lrn.dx-through-quotient", text, combine(through_quotient(guard)), FROM_S, alone=True)


def list_least_sums(use_sums: Callable[[Sums], WrongAnswer], sums_of: Sums) -> Iterator[Mistake]:
    """Yield the mistakes of an s that is kept from being small, in the output alone or in both directions."""

    def bounded(q: Question) -> np.ndarray:
        return np.maximum(sums_of(q), 1.0)

    def forward(ask: Ask, q: Question) -> Answer:
        return {"out": q["x"] * bounded(q) ** -q["beta"]}

    for answer in (use_sums(bounded), forward):
        yield Mistake("lrn.s-kept-large", "s is kept above a number, 1 or less: where k is small it may be below",
                      answer, "s is k + alpha times the sum, and k alone keeps it from 0", alone=True)  # fmt: skip
