"""How far apart two right answers may be. Derived from rounding; no number is typed at a call."""

import numpy as np

from . import references
from .types import Answer, Question

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
