"""What is right for numbers about 1 and wrong for tiny ones: the cause, where the wrong numbers tell which it is."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from ....i18n import N_, _
from ....subject.protocol import Answer, Question
from ... import references
from ...compare import close, wrong_places
from ...types import Diagnosis
from ..magnitude import is_comparable
from ..match import WrongNumber, is_given, limit
from .nearly import name_nearly_largest

RIGHT = {  # by the scenario
    "tiny-numbers": N_("right for numbers about 1, wrong for tiny ones: {cause}"),
    "tiny-dout": N_("right for upstream gradients about 1, wrong for tiny ones: {cause}"),
}
TAKEN = N_("{names} so small counts as 0: by a threshold, by np.isclose or np.allclose, whose 1e-8 is absolute, or by "
           "rounding")  # fmt: skip
BELOW = N_("numbers of {names} so small, below {limit}, count as 0")
LOST = N_("{names} so small is set to 0, by a threshold or by rounding")
PARTS = N_("the smallest numbers of {names} are set to 0, by a threshold or by rounding")
ADDED = N_("{number} is added to {names}")
RELATIVE = N_("compare with 0 itself, or with what the other numbers are, np.isclose(a, b, atol=0); and do not round")
LIMITS = (*np.finfo("f4").eps * np.array([1.0, 0.5, 2.0]), *np.finfo("f8").eps * np.array([1.0, 0.5, 2.0]))
LIMITS += tuple(10.0**-k for k in range(5, 25))  # below which numbers may be dropped
Change = Callable[[np.ndarray], np.ndarray]


def name_cause(
    diagnosis: Diagnosis, scenario: str, wrong: Sequence[WrongNumber], beside: Sequence[WrongNumber] = ()
) -> Diagnosis:
    """Say of tiny numbers what gives all that is wrong; the diagnosis as it is where nothing is found.

    beside: the wrong numbers of the other part of the same use. Where a window's largest number is looked for, the
    first place has the gradient if all of x is 0, but also if another number is taken for the largest.
    """
    if not wrong or not all(is_comparable(p) for *_q, p in wrong):
        return diagnosis
    if near := name_nearly_largest(wrong):
        cause = next(zeros_in([*beside, *wrong]), "") if beside else ""
        return replace(diagnosis, text=_(RIGHT[scenario]).format(cause=cause), repair=_(RELATIVE)) if cause else near
    if cause := next(zeros_in(wrong), "") or next(zeros_out(wrong), ""):
        return replace(diagnosis, text=_(RIGHT[scenario]).format(cause=cause), repair=_(RELATIVE))
    names = ", ".join(dict.fromkeys(what for _q, what, _p in wrong))
    numbers = {f"{added(np.asarray(p.got, 'f8'), np.asarray(p.want), limit(p)):.3g}" for *_q, p in wrong}
    if len(numbers) > 1 or "nan" in numbers:
        return diagnosis
    cause = _(ADDED).format(number=numbers.pop(), names=names)
    return replace(diagnosis, text=_(RIGHT[scenario]).format(cause=cause))


def zeros_in(wrong: Sequence[WrongNumber]) -> Iterator[str]:
    """Yield which of the layer's arrays, or which of their numbers, would give all that is wrong if they were 0."""
    q = wrong[0][0]
    arrays = [name for name, a in q.arrays.items() if a.dtype.kind == "f"] + ["dout"] * (q.dout is not None)
    names = [name for name in arrays if gives(wrong, name, np.zeros_like)]
    if names:
        yield _(TAKEN).format(names=_(" or ").join(names))
    for least in LIMITS:
        names = [name for name in arrays if gives(wrong, name, dropping(least))]
        if names:
            yield _(BELOW).format(names=_(" or ").join(names), limit=f"{least:.2g}")


def zeros_out(wrong: Sequence[WrongNumber]) -> Iterator[str]:
    """Yield that what comes out, or the smallest of it, is 0, where it is."""
    names = ", ".join(dict.fromkeys(what for _q, what, _p in wrong))
    if not any(np.any(p.got) for *_q, p in wrong):
        yield _(LOST).format(names=names)
    if are_smallest_zero(wrong):
        yield _(PARTS).format(names=names)


def dropping(least: float) -> Change:
    """Return a function that sets the numbers below a limit to 0."""
    return lambda a: np.where(np.abs(a) < least, 0.0, a)


def gives(wrong: Sequence[WrongNumber], name: str, change: Change) -> bool:
    """Whether a change of one array gives every wrong number."""
    return all(is_given(p, changed(q, name, change)[what]) for q, what, p in wrong)


def changed(q: Question, name: str, change: Change) -> Answer:
    """Answer the question with one of its arrays changed."""
    exact = q.exact()
    a = exact.dout if name == "dout" else exact[name]
    return references.ask(exact.but(**{name: change(np.asarray(a))}))


def are_smallest_zero(wrong: Sequence[WrongNumber]) -> bool:
    """Whether every wrong number is 0, and larger than none that is right."""
    for *_q, p in wrong:
        got, want = np.asarray(p.got), np.abs(np.asarray(p.want))
        bad = wrong_places(got, np.asarray(p.want), p.allowed)
        if got[bad].any() or bad.all() or want[bad].max() > want[~bad].min(initial=np.inf, where=got[~bad] != 0):
            return False
    return True


def added(got: np.ndarray, want: np.ndarray, allowed: float) -> float:
    """Return the number that is added everywhere; nan where it is not one."""
    more = got - want
    return float(np.median(more)) if close(more, np.full(more.shape, np.median(more)), allowed) else float("nan")
