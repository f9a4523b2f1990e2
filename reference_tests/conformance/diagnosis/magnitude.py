"""What the size of numbers tells: float16 inside, and large numbers that are cut off."""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from ...i18n import N_, _
from ...subject.protocol import Question
from .. import references
from ..compare import NUMBERS, close, wrong_places
from ..mistakes.softmax_parts import softmax
from ..types import Diagnosis, Problem, Verdict
from .match import WrongNumber, is_given, limit, wrong_numbers

WIDER = N_("compute in float64, or in the type of x: float16 has three digits and ends at 65504")
FEW = 8  # numbers that must agree: fewer may be float16's by chance
CUT = 3  # different numbers that must be cut off at one size, where an answer is a single number
NEAR = 2.0**-6  # of the largest: more than a sum of float16's roundings is off
SUMMED = 1e-6  # of the largest: what float32 may lose where the bias is added; float16's own steps are 500 times as far
FORMULA = r"it is ([\d.]+) \* tanh\(([\d.]+) \* x\)"  # what is said of a layer that is asked through its own formula
INNER = N_("the factor {inner} by which x is multiplied inside tanh is missing in the slope")
OUTER = N_("the factor {outer} before tanh is missing in the slope")
BOTH = N_("both factors, {outer} before tanh and {inner} inside it, are missing in the slope")
CHAIN = N_("the slope of a * tanh(b * x) is a * b * (1 - tanh(b * x) ** 2)")
CURVES = ("sigmoid", "tanh")
FAR, FARTHER = 40.0, 350.0  # sizes of x from which on exp(2 * x) overflows: in float32, in float64
MANY, FARTHEST = 50, 0.1  # numbers of another curve that must rise, and how far it may be from the right one
LARGEST = float(np.finfo("float16").max)
LEAST = float(np.finfo("float16").smallest_subnormal)  # below half of it float16 has 0 only
UNCUT = N_("look for np.clip, minimum or maximum: no layer but ReLU cuts numbers off")
BY_CHANCE = 1e-4  # how often what is taken for a rule may come about without one
BEFORE = "out beta gamma b W x"  # the further behind, the earlier it is looked at: not out, which is 0 where x is
LARGE = 1e5  # an input from which on it is the size that makes the difference


def name_half_precision(wrong: Sequence[WrongNumber]) -> Diagnosis | None:
    """Recognize numbers that were worked out in float16, in the result or in what it is made of."""
    if sum(np.size(p.want) for *_q, p in wrong) < FEW or not all(is_near(p) for *_q, p in wrong):
        return None
    if not all(is_half(q, what, p) for q, what, p in wrong) or all(is_below(p) for *_q, p in wrong):
        return None
    return Diagnosis("precision", _("float16 inside: the numbers are right to three digits only"), _(WIDER))


def name_near_curve(wrong: Sequence[WrongNumber]) -> Diagnosis | None:
    """Recognize another curve that comes near tanh or sigmoid: it rises with x as they do, over all wrong cases."""
    if any(q.op.component not in CURVES or what != "out" for q, what, _p in wrong):
        return None
    if any(np.shape(p.got) != np.shape(p.want) for *_q, p in wrong):
        return None
    x, got, want = (
        np.concatenate([np.ravel(np.asarray(a, "f8")) for a in arrays])
        for arrays in ([q["x"] for q, *_ in wrong], [p.got for *_q, p in wrong], [p.want for *_q, p in wrong])
    )
    off, order = np.abs(got - want), np.argsort(x, kind="stable")
    rounded = 1e-6  # what float32 may lose, so that it does not rise everywhere
    if len(x) < MANY or not np.isfinite(got).all() or np.diff(got[order]).min() < -rounded:
        return None
    if not FARTHEST >= off.max() > 1e-5 or np.mean(off > rounded) < 0.5:
        return None
    text = _("it is another curve, which comes near {name} and is off by up to {off} (at x = {x})")
    worst = int(np.argmax(off))
    said = text.format(name=wrong[0][0].op.component, off=f"{off[worst]:.2g}", x=f"{x[worst]:.3g}")
    return Diagnosis("curve", said, _("use np.tanh or np.exp: an approximation is wrong by more than rounding is"))


def name_overflow(wrong: Sequence[WrongNumber]) -> Diagnosis | None:
    """Recognize what exp's infinity leaves of sigmoid and tanh: nan, or 0, for large numbers alone."""
    if not wrong or any(q.op.component not in CURVES or np.shape(p.got) != np.shape(p.want) for q, _what, p in wrong):
        return None
    bad = [wrong_places(np.asarray(p.got), np.asarray(p.want), p.allowed) for *_q, p in wrong]
    far = [float(np.abs(np.asarray(q["x"], "f8")[m]).min(initial=np.inf)) for (q, *_), m in zip(wrong, bad)]
    lost = [np.asarray(p.got, "f8")[m] for (*_q, p), m in zip(wrong, bad)]
    what = (
        _("nan or infinite")
        if not any(np.isfinite(a).any() for a in lost)
        else "0"
        if not any(map(np.any, lost))
        else ""
    )
    if not what or min(far) < (FARTHER if what == "0" else FAR):
        return None
    text = _("it is {what} only where the size of x is {size} or more: exp overflows so far out")
    repair = _("take exp of numbers that are not positive alone, such as -abs(x); np.tanh does so by itself")
    return Diagnosis("overflow.exp", text.format(what=what, size=f"{min(far):.3g}"), repair)


def name_divided(wrong: Sequence[WrongNumber]) -> Diagnosis | None:
    """Recognize gradients that are nan or infinite exactly where something that forward had is 0."""
    names = [set(zeros_of(q, what, np.shape(p.got))) for q, what, p in wrong]
    for name in sorted(set.intersection(*names), key=BEFORE.find, reverse=True) if names else ():
        zeros = [zeros_of(q, what, np.shape(p.got))[name] for q, what, p in wrong]
        lost = [~np.isfinite(np.asarray(p.got, "f8")) for *_q, p in wrong]
        if all(map(np.array_equal, zeros, lost)) and not all(map(np.all, zeros)):
            text = _("nan or infinite exactly where {name} is 0: backward divides by it, or by what is 0 there, too")
            repair = _("let forward keep what backward needs; do not get it back by a division")
            return Diagnosis("nan.divided", text.format(name=name), repair)
    return None


def zeros_of(q: Question, what: str, shape: tuple[int, ...]) -> dict[str, np.ndarray]:
    """Map what forward had to where it is 0 beside a gradient of this shape; a number a channel lies along axis 1."""
    if what == "out" or not shape:
        return {}
    own = {k: a for k, a in q.arrays.items() if k not in q.op.labels} | {"out": references.ask(q.but(dout=None))["out"]}
    if q.op.component == "softmax_with_loss":
        y = softmax(q["x"])
        own |= {"y": y, _("the least y of the row"): np.broadcast_to(y.min(1, keepdims=True), y.shape)}
    found = {}
    for name, a in own.items():
        if a.ndim == 1 and len(shape) > 1 and len(a) == shape[1]:
            a = np.broadcast_to(a.reshape(-1, *[1] * (len(shape) - 2)), shape)
        if a.shape == shape:
            found[name] = np.asarray(a == 0)
    return found


def explain_factors(bad: Iterable[Verdict]) -> None:
    """Say of each failure by a factor which one of the code's own formula, a * tanh(b * x), the slope lacks."""
    for v in bad:
        found = re.search(FORMULA, v.interface.text) if v.interface else None
        wrong = wrong_numbers(v)
        if not found or not v.diagnosis or v.diagnosis.code != "scaled" or {what for _q, what, _p in wrong} != {"dx"}:
            continue
        outer, inner = map(float, found.groups())
        for text, lost in ((INNER, inner), (OUTER, outer), (BOTH, outer * inner)):
            if all(close(p.got * lost, p.want, 1e-3 * np.abs(p.want).max(initial=0)) for *_q, p in wrong):
                said = f"{v.diagnosis.text}: {_(text).format(outer=outer, inner=inner)}"
                v.diagnosis = replace(v.diagnosis, text=said, repair=_(CHAIN))


def is_near(p: Problem) -> bool:
    """Whether the numbers are the right ones but for roundings, or for infinities where float16 ends."""
    got, want = np.asarray(p.got), np.asarray(p.want, "f8")
    if got.shape != want.shape or got.dtype.kind not in NUMBERS:
        return False
    got, size = got.astype("f8"), np.abs(want).max(initial=0)
    there = np.isfinite(got)
    if not there.all() and size < LARGEST / 64:
        return False
    allowed = max(NEAR * np.abs(want[there]).max(initial=0), LEAST)
    return bool(np.all(np.abs(got - want)[there] <= allowed))


def is_below(p: Problem) -> bool:
    """Whether every right number is so small that float16 loses it."""
    return bool(np.abs(np.asarray(p.want, "f8")).max(initial=0) < LEAST)


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
    return any(is_given(p, answer) for answer in rounded_answers(q.exact(), what))


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
                if all(np.isfinite(a).all() and is_kept(a, q, name) for name, a in arrays.items()):
                    yield references.ask(q.but(**arrays))[what]


def is_kept(rounded: np.ndarray, q: Question, name: str) -> bool:
    """Whether any number is left by rounding: all of them 0 tell nothing of float16, any threshold may do that."""
    return bool(np.any(rounded)) or not np.any(q.dout if name == "dout" else q[name])


def name_clipped(wrong: Sequence[WrongNumber]) -> Diagnosis | None:
    """Recognize numbers that are right up to a size, and answers that are too small where inputs are large."""
    if cut := name_cut(wrong):
        return cut
    if all(is_comparable(p) and is_too_small(q, p) for q, _what, p in wrong):
        text = _("right for small numbers, too small where an input is as large as {size}: large ones are cut off")
        most = max(largest_input(q) for q, *_w in wrong)
        return Diagnosis("clipped", text.format(size=f"{most:.6g}"), _(UNCUT))
    return None


def name_cut(wrong: Sequence[WrongNumber]) -> Diagnosis | None:
    """Recognize answers that are cut off at a number, or dropped beyond one."""
    problems = [p for *_q, p in wrong]
    if not problems or not all(map(is_comparable, problems)):
        return None
    if (cut := cut_at(problems)) and is_seen_cut(wrong, *cut):
        return Diagnosis("clipped", say_cut(*cut), _(UNCUT))
    if (ends := dropped_beyond(problems)) is None:
        return None
    text = _("numbers are right up to {small} in size, and 0 from {large} on: large ones are dropped")
    return Diagnosis("clipped", text.format(small=f"{ends[0]:.6g}", large=f"{ends[1]:.6g}"), _(UNCUT))


def is_comparable(p: Problem) -> bool:
    """Whether the answer is an array of numbers of the right shape."""
    return np.shape(p.got) == np.shape(p.want) and np.asarray(p.got).dtype.kind in NUMBERS


def cut_at(problems: Sequence[Problem]) -> tuple[float, float] | None:
    """Return below and above which numbers all answers are cut off, on one side or on both; None if it is not so."""
    gots = [np.asarray(p.got, "f8") for p in problems]
    if any(not g.size or not np.isfinite(g).all() for g in gots):
        return None
    low, high = min(float(g.min()) for g in gots), max(float(g.max()) for g in gots)
    for cut in ((-np.inf, high), (low, np.inf), (low, high)):
        near = 1e-6 * max(abs(v) for v in cut if np.isfinite(v))
        if all(close(g, np.clip(p.want, *cut), min(limit(p), near)) for g, p in zip(gots, problems)):
            return cut
    return None


def dropped_beyond(problems: Sequence[Problem]) -> tuple[float, float] | None:
    """Return the largest right number and the smallest that is 0 in its place; None if the size does not tell these.

    That the k places that are 0 are those of the k largest of n numbers is chance in one of C(n, k).
    """
    gots, wants = ([np.ravel(np.asarray(getattr(p, name), "f8")) for p in problems] for name in ("got", "want"))
    off = [np.abs(g - w) > limit(p) for g, w, p in zip(gots, wants, problems)]
    if any(np.any(g[o]) for g, o in zip(gots, off)):
        return None
    right = max((float(np.abs(w[~o]).max(initial=0)) for w, o in zip(wants, off)))
    dropped = min(float(np.abs(w[o]).min(initial=np.inf)) for w, o in zip(wants, off))
    chance = math.prod(1 / math.comb(int(np.count_nonzero(w)), int(o.sum())) for w, o in zip(wants, off))
    return (right, dropped) if 0 < right < dropped < np.inf and chance < BY_CHANCE else None


def say_cut(low: float, high: float) -> str:
    """Say at which numbers others are cut off."""
    if np.isinf(high):
        return _("numbers below {low} are cut off at it").format(low=f"{low:.6g}")
    if np.isinf(low) or abs(low + high) <= 1e-6 * abs(high):
        return _("numbers are cut off at {top}").format(top=f"{high:.6g}")
    return _("numbers are cut off below {low} and above {high}").format(low=f"{low:.6g}", high=f"{high:.6g}")


def is_seen_cut(wrong: Sequence[WrongNumber], low: float, high: float) -> bool:
    """Whether several different numbers are cut off, and each of the limits cuts some.

    One answer that is too small, or the same one asked twice, is cut off nowhere; nor are numbers that end by chance
    where the largest of them ends.
    """
    wants = np.concatenate([np.ravel(np.asarray(p.want, "f8")) for *_q, p in wrong])
    most = max(limit(p) for *_q, p in wrong)
    cut = [np.unique(wants[wants < low - most]), np.unique(wants[wants > high + most])]
    both = bool(np.isfinite(low)) and bool(np.isfinite(high))
    if both and not all(map(len, cut)):
        return False
    few = all(np.size(p.want) >= FEW for *_q, p in wrong) and max(abs(v) for v in (low, high) if np.isfinite(v)) > 1
    return sum(map(len, cut)) >= (1 if few else CUT)


def is_too_small(q: Question, p: Problem) -> bool:
    """Whether an input is large and the answer is not even a tenth of what it should be."""
    got, want = np.abs(np.asarray(p.got, "f8")), np.abs(np.asarray(p.want, "f8"))
    return largest_input(q) >= LARGE and bool(got.max(initial=0) < want.max(initial=0) / 10) and bool(np.any(got))


def largest_input(q: Question) -> float:
    """Return the largest size of the numbers that the layer is given."""
    return max((float(np.abs(q[k]).max(initial=0)) for k in q.op.args if k in q.arrays), default=0.0)
