"""How far apart two right answers may be. Derived from rounding; no number is typed at a call."""

from functools import cache
from math import exp, lgamma, log

import numpy as np

from ..subject.protocol import Answer, Question
from . import references

SAFETY = 4  # order of summation, the final add, inputs rounded to float32: the subject's choice


def products(q: Question, terms: dict[str, int], eps: float) -> Answer:
    """SAFETY * n * eps * max(sum|a*b|): the norm-wise bound, which FFT and Winograd keep too (Higham 2002, 3.1).

    The sizes are the reference's answer to the same question with every number made positive.
    """
    positive = {k: np.abs(a) for k, a in q.arrays.items()}
    size = references.ask(q.but(**positive, dout=None if q.dout is None else np.abs(q.dout)))
    return {what: np.full(a.shape, SAFETY * terms[what] * eps * largest(a)) for what, a in size.items()}


def relative(want: Answer, n: float, eps: float) -> Answer:
    """n roundings of the largest value."""
    return {what: np.full(a.shape, SAFETY * n * eps * largest(a)) for what, a in want.items()}


def largest(a: np.ndarray) -> float:
    """The largest absolute value that is a number; 0 where there is none."""
    a = np.abs(a[np.isfinite(a)])
    return float(a.max()) if a.size else 0.0


@cache
def likely_bound(n: int, p: float, alarm: float) -> tuple[int, int]:
    """(fewest, most) of n independent events of chance p: outside lies less than `alarm`, half of it on each side.

    Summed exactly, term by term, from the binomial distribution.
    """
    if p in (0, 1):
        return n * int(p), n * int(p)
    logs = [lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) + k * log(p) + (n - k) * log(1 - p) for k in range(n + 1)]
    chance = [exp(one) for one in logs]
    return _tail(chance, alarm / 2), n - _tail(chance[::-1], alarm / 2)


def _tail(chance: list[float], alarm: float) -> int:
    """How many of the first terms add up to less than alarm."""
    total = 0.0
    for k, one in enumerate(chance):
        total += one
        if total >= alarm:
            return k
    return len(chance)
