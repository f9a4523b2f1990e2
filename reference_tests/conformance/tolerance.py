"""Tolerances: how far apart two right answers may be. They are derived from rounding, never typed at a call."""

from functools import cache
from math import exp, lgamma, log

import numpy as np

from ..subject.protocol import Answer, Question
from . import references

_sizes: dict[bytes, Answer] = {}  # of the last question, which is asked for in float64 and in float32
SAFETY = 4  # order of summation, the final add, inputs rounded to float32: the subject's choice


def products(q: Question, terms: dict[str, int], eps: float, apart: int = 0) -> Answer:
    """Bound sums of n products by SAFETY * n * eps * max(sum|a*b|): norm-wise, so that FFT and Winograd keep it too.

    (Higham 2002, section 3.1.) terms: result -> n. apart: how many of the first axes have a bound of their own at each
    place, as planes do that are summed by themselves: how large another one is costs them nothing.
    """
    return {what: SAFETY * terms[what] * eps * largest_apart(a, apart) for what, a in sum_sizes(q).items()}


def sum_sizes(q: Question) -> Answer:
    """Return the sums of the sizes of what is added up: the reference's answer where every number is made positive."""
    key = q.key()
    if key not in _sizes:
        positive = {k: np.abs(a) for k, a in q.arrays.items()}
        sizes = references.ask(q.but(**positive, dout=None if q.dout is None else np.abs(q.dout)))
        _sizes.clear()
        _sizes[key] = sizes
    return _sizes[key]


def largest_apart(a: np.ndarray, axes: int) -> np.ndarray:
    """Return the largest finite absolute value at each place of the first axes, in the shape of a."""
    if not axes:
        return np.full(a.shape, largest(a))
    sizes = np.where(np.isfinite(a), np.abs(a), 0)
    return np.broadcast_to(sizes.max(tuple(range(axes, a.ndim)), keepdims=True, initial=0), a.shape)


def by_place(q: Question, allowed: Answer) -> Answer:
    """Bound each sum by the sum of its own terms: as `allowed` is for the largest one.

    That is what adding the terms up in any order keeps (Higham 2002, section 3.1), and neither a difference of running
    sums does nor a Fourier transform, where one number is far larger than the others.
    """
    sizes = sum_sizes(q)
    return {what: sizes[what] * (largest(a) / largest(sizes[what])) for what, a in allowed.items()}


def relative(want: Answer, n: float, eps: float) -> Answer:
    """Bound each result by n roundings of its largest value, times SAFETY."""
    return {what: np.full(a.shape, SAFETY * n * eps * largest(a)) for what, a in want.items()}


def largest(a: np.ndarray) -> float:
    """Return the largest finite absolute value; 0 for none."""
    a = np.abs(a[np.isfinite(a)])
    return float(a.max()) if a.size else 0.0


@cache
def likely_bound(n: int, p: float, alarm: float) -> tuple[int, int]:
    """Return (fewest, most) of n events of probability p: outside lies less than `alarm`, half of it on each side.

    Summed exactly, term by term, from the binomial distribution.
    """
    if p in (0, 1):
        return n * int(p), n * int(p)
    logs = [lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) + k * log(p) + (n - k) * log(1 - p) for k in range(n + 1)]
    chance = [exp(one) for one in logs]
    return _tail(chance, alarm / 2), n - _tail(chance[::-1], alarm / 2)


def _tail(chance: list[float], alarm: float) -> int:
    """Count the first terms that together stay below alarm."""
    total = 0.0
    for k, one in enumerate(chance):
        total += one
        if total >= alarm:
            return k
    return len(chance)
