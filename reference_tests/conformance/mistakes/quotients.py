"""What backward takes back from the output by a division: it is lost where what is divided by is 0, or nearly so."""

from collections.abc import Callable, Iterator

import numpy as np

from ...subject.protocol import Question
from ..types import Mistake
from .changes import WrongAnswer

Combine = Callable[[Callable[[Question, np.ndarray, np.ndarray], np.ndarray]], WrongAnswer]  # LRN's own, of dx
FROM_S = "keep s from forward, and take s ** -beta of it"
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
