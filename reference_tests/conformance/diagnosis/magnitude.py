"""What the size of numbers tells: float16 inside, and large numbers that are cut off."""

from collections.abc import Iterator, Sequence

import numpy as np

from ...i18n import N_, _
from ...subject.protocol import Question
from .. import references
from ..compare import NUMBERS, close
from ..types import Diagnosis, Problem
from .match import WrongNumber, limit

WIDER = N_("compute in float64, or in the type of x: float16 has three digits and ends at 65504")
FEW = 8  # numbers that must agree: fewer may be float16's by chance
CUT = 3  # different numbers that must be cut off at one size, where an answer is a single number
NEAR = 2.0**-6  # of the largest: more than a sum of float16's roundings is off
SUMMED = 1e-6  # of the largest: what float32 may lose where the bias is added; float16's own steps are 500 times as far
LARGEST = float(np.finfo("float16").max)
LARGE = 1e5  # an input from which on it is the size that makes the difference


def name_half_precision(wrong: Sequence[WrongNumber]) -> Diagnosis | None:
    """Recognize numbers that were worked out in float16, in the result or in what it is made of."""
    if sum(np.size(p.want) for *_q, p in wrong) < FEW or not all(is_near(p) for *_q, p in wrong):
        return None
    if not all(is_half(q, what, p) for q, what, p in wrong):
        return None
    return Diagnosis("precision", _("float16 inside: the numbers are right to three digits only"), _(WIDER))


def is_near(p: Problem) -> bool:
    """Whether the numbers are the right ones but for roundings, or for infinities where float16 ends."""
    got, want = np.asarray(p.got), np.asarray(p.want, "f8")
    if got.shape != want.shape or got.dtype.kind not in NUMBERS:
        return False
    got, size = got.astype("f8"), np.abs(want).max(initial=0)
    there = np.isfinite(got)
    if not there.all() and size < LARGEST / 64:
        return False
    return bool(np.all(np.abs(got - want)[there] <= NEAR * np.abs(want[there]).max(initial=0)))


def is_half(q: Question, what: str, p: Problem) -> bool:
    """Whether float16 gives these numbers: in the result, before the bias was added, or in the inputs."""
    if np.asarray(p.got).dtype == np.float16:
        return True
    got = np.asarray(p.got, "f8")
    if not np.isfinite(got).all() and largest_input(q) > LARGEST:  # lost where float16 ends
        return True
    if all_integers(got):  # float16 has these too, but so has a buffer of integers
        return False
    if fits_half(got, 0.0):
        return True
    if what == "out" and "b" in q.arrays and fits_half(got - spread(q["b"], got.ndim), SUMMED):
        return True
    return any(close(got, answer, limit(p)) for answer in rounded_answers(q.exact(), what))


def all_integers(a: np.ndarray) -> bool:
    """Whether no finite number has digits behind the point."""
    a = a[np.isfinite(a)]
    return bool(np.all(a == np.rint(a)))


def fits_half(a: np.ndarray, allowed: float) -> bool:
    """Whether every number is one of float16's, but for `allowed` of the largest."""
    with np.errstate(all="ignore"):
        rounded = a.astype("float16").astype("f8")
        off = np.abs(rounded - a)
    largest = np.abs(a[np.isfinite(a)]).max(initial=0)
    return bool(np.all((off <= allowed * largest) | (a == rounded) | np.isnan(a)))


def spread(b: np.ndarray, axes: int) -> np.ndarray:
    """Return biases (FN,) as (FN, 1, 1) for an output of four axes, others as they are."""
    return b[:, None, None] if b.ndim == 1 and axes == 4 else b


def rounded_answers(q: Question, what: str) -> Iterator[np.ndarray]:
    """Yield the reference's answers to the question with some of its arrays rounded to float16."""
    names = list(q.arrays)
    some = [names, *([k] for k in names), [k for k in names if k != "b"]]
    for chosen in some:
        for dout in (False, True) if q.dout is not None else (False,):
            with np.errstate(all="ignore"):
                arrays = {k: q[k].astype("float16").astype("f8") for k in chosen if k not in q.op.labels}
                if dout:
                    arrays["dout"] = np.asarray(q.dout).astype("float16").astype("f8")
                if all(np.isfinite(a).all() for a in arrays.values()):
                    yield references.ask(q.but(**arrays))[what]


def name_clipped(wrong: Sequence[WrongNumber]) -> Diagnosis | None:
    """Recognize numbers that are right up to a size, and answers that are too small where inputs are large."""
    if not all(np.shape(p.got) == np.shape(p.want) and np.asarray(p.got).dtype.kind in NUMBERS for *_q, p in wrong):
        return None
    repair = _("look for np.clip, minimum or maximum: no layer but ReLU cuts numbers off")
    tops = {cut_at(p) for *_q, p in wrong}
    if len(tops) == 1 and (top := tops.pop()) and is_seen_cut(wrong, top):
        return Diagnosis("clipped", _("numbers are cut off at {top}").format(top=f"{top:.6g}"), repair)
    if all(is_too_small(q, p) for q, _what, p in wrong):
        text = _("right for small numbers, too small where an input is as large as {size}: large ones are cut off")
        return Diagnosis("clipped", text.format(size=f"{max(largest_input(q) for q, *_w in wrong):.6g}"), repair)
    return None


def cut_at(p: Problem) -> float:
    """Return the size at which all larger numbers are cut off, on one side or on both; 0 if it is not so."""
    got, want = np.asarray(p.got, "f8"), np.asarray(p.want, "f8")
    top = round(float(np.abs(got).max(initial=0)), 6)
    allowed = min(limit(p), 1e-6 * top)
    cuts = ((-top, top), (-np.inf, top), (-top, np.inf))
    return top if top > 1 and any(close(got, np.clip(want, *cut), allowed) for cut in cuts) else 0.0


def is_seen_cut(wrong: Sequence[WrongNumber], top: float) -> bool:
    """Whether more than one number's size is cut off, or enough others of the answers are right as they are.

    One answer that is too small, or the same one asked twice, is cut off nowhere.
    """
    cut = {float(v) for *_q, p in wrong for v in np.unique(np.abs(p.want)) if v > top}
    return len(cut) >= CUT or all(np.size(p.want) >= FEW for *_q, p in wrong)


def is_too_small(q: Question, p: Problem) -> bool:
    """Whether an input is large and the answer is not even a tenth of what it should be."""
    got, want = np.abs(np.asarray(p.got, "f8")), np.abs(np.asarray(p.want, "f8"))
    return largest_input(q) >= LARGE and bool(got.max(initial=0) < want.max(initial=0) / 10) and bool(np.any(got))


def largest_input(q: Question) -> float:
    """Return the largest size of the numbers that the layer is given."""
    return max((float(np.abs(q[k]).max(initial=0)) for k in q.op.args if k in q.arrays), default=0.0)
