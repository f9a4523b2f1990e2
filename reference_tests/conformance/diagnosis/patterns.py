"""What wrong numbers look like where no known mistake gives them: a factor, another order, other axes; never a guess.

Each pattern says something only if it is true of every wrong answer of the stage.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import permutations

import numpy as np

from ...i18n import _
from ...subject.protocol import Question
from ..types import Problem
from .match import Number
from .result import Diagnosis


def pairs(wrong: Sequence[Number]) -> list[tuple[np.ndarray, np.ndarray, float]]:
    """(got, want, allowed difference) of every wrong answer."""
    return [(np.asarray(p.got, "f8"), np.asarray(p.want, "f8"), bound(p)) for *_, p in wrong]


def bound(p: Problem) -> float:
    known = float(np.max(p.allowed, initial=0)) if p.allowed is not None else 0.0
    return known or 1e-6 * float(np.abs(p.want).max(initial=0))


def equal(a: np.ndarray, b: np.ndarray, allowed: float) -> bool:
    with np.errstate(invalid="ignore"):
        return a.shape == b.shape and bool(np.all((np.abs(a - b) <= allowed) | (a == b)))


def same_shape(wrong: Sequence[Number]) -> bool:
    return all(np.shape(p.got) == np.shape(p.want) for *_, p in wrong)


def scaled(wrong):
    """One factor for each wrong answer: a constant, or a number of the case that it always is."""
    if not same_shape(wrong):
        return None
    factors = []
    for g, w, a in pairs(wrong):
        if not np.isfinite(g).all() or not np.any(w):
            return None
        factors.append(float(np.vdot(g, w) / np.vdot(w, w)))
        if not equal(g, factors[-1] * w, 2 * a * max(1.0, abs(factors[-1]))) or g.size == 1 == len(wrong):
            return None
    name = factor_name([q for q, *_ in wrong], factors)
    if name == "-1":
        return Diagnosis("scaled", _("every number has the wrong sign"))
    if name:
        return Diagnosis("scaled", _("every number is {factor} times what it should be").format(factor=name))
    if min(g.size for g, *_ in pairs(wrong)) < 3:
        return None
    text = _("all numbers of an answer are off by one factor, another one in each case: {factors}")
    some = ", ".join(f"{f:.4g}" for f in dict.fromkeys(round(f, 4) for f in factors[:20]))
    return Diagnosis("scaled", text.format(factors=", ".join(some.split(", ")[:3]) + " ..."))


def factor_name(questions: Sequence[Question], factors: list[float]) -> str:
    """'1/N', '1-p', or the number itself where it is always the same; '' where it has no name."""

    def always(values: list[float]) -> bool:
        return all(abs(f - v) <= 1e-4 * abs(v) for f, v in zip(factors, values))

    known = [facts(q) for q in questions]
    names = [n for n in known[0] if all(n in k for k in known)]
    for form, of in (("{}", float), ("1/{}", lambda v: 1 / v), ("1-{}", lambda v: 1 - v), ("1/(1-{})", inverted)):
        for name in names:
            values = [k[name] for k in known]
            varied = len(set(values)) > 1 and all(v > 0 for v in values)
            if varied and always([of(v) for v in values]) and abs(factors[0] - 1) > 1e-4:
                return form.format(name)
    return f"{factors[0]:.6g}" if always([factors[0]] * len(factors)) else ""


def inverted(p: float) -> float:
    return 1 / (1 - p) if p != 1 else np.inf


def facts(q: Question) -> dict[str, float]:
    """The numbers of a case by which one may have multiplied or divided."""
    found = {k: float(v) for k, v in q.params.items() if isinstance(v, int | float) and not isinstance(v, bool)}
    if "dropout_ratio" in found:
        found["p"] = found["dropout_ratio"]
    x = q.arrays.get("x", q.arrays.get("input_data"))
    if x is not None and x.ndim:
        found |= dict(zip(("N", "C", "H", "W") if x.ndim == 4 else ("N", "D"), map(float, x.shape)))
    if "W" in q.arrays:
        W = q.arrays["W"]
        found |= dict(zip(("FN", "C", "FH", "FW") if W.ndim == 4 else ("inputs", "outputs"), map(float, W.shape)))
        found["numbers of a filter"] = float(W[0].size)
    if q.dout is not None and q.dout.ndim == 4:
        found |= {"OH*OW": float(q.dout[0, 0].size), "N*OH*OW": float(q.dout[:, 0].size)}
    if "pool_h" in q.params:
        found["pool_h*pool_w"] = float(q["pool_h"] * q["pool_w"])
    return found


AXES = {"dW": ("FN", "C", "FH", "FW"), 4: ("N", "C", "H", "W"), 2: ("N", "D")}
MORE = {3: ("N", "C", "D")}


def match_pattern(wrong: Sequence[Number]) -> Diagnosis | None:
    """The first pattern that all the wrong answers have."""
    if not wrong or any(np.asarray(p.got).dtype.kind not in "biuf" or not np.size(p.want) for *_, p in wrong):
        return None
    found = next((found for pattern in PATTERNS if (found := pattern(wrong))), None)
    names = ", ".join(dict.fromkeys(what for _q, what, _p in wrong))
    return replace(found, text=f"{names}: {found.text}") if found and names != "out" else found


def zeros(wrong):
    if all(not np.any(g) for g, *_ in pairs(wrong)):
        return Diagnosis("zeros", _("every number is 0"))
    return None


def never_numbers(wrong):
    if all(np.all(np.isnan(g)) for g, *_ in pairs(wrong)):
        return Diagnosis("nan", _("every number is nan"))
    return None


def some_not_numbers(wrong):
    """Where nan and inf are left out, nothing is wrong."""
    if not same_shape(wrong):
        return None
    if all(not np.isfinite(g).all() and equal(np.where(np.isfinite(g), g, w), w, a) for g, w, a in pairs(wrong)):
        return Diagnosis("nan", _("the wrong numbers are nan or inf: a division by 0, or an overflow"))
    return None


def moved_by_a_constant(wrong):
    if not same_shape(wrong) or any(g.size < 3 for g, *_ in pairs(wrong)):
        return None
    differences = [float(np.mean(g - w)) for g, w, _ in pairs(wrong)]
    if not all(np.isfinite(d) and equal(g, w + d, 2 * a) for d, (g, w, a) in zip(differences, pairs(wrong))):
        return None
    one = max(differences) - min(differences) <= 1e-5 * abs(differences[0])
    text = (
        _("every number is off by the same {d}") if one else _("all numbers of an answer are off by the same, {d} here")
    )
    return Diagnosis("constant-added", text.format(d=f"{differences[0]:.6g}"))


def whole(wrong):
    """Right, but for the digits behind the point."""
    if not same_shape(wrong):
        return None
    for cut, text in ((np.trunc, _("the numbers are cut to whole ones")), (np.rint, _("the numbers are rounded"))):
        if all(equal(g, cut(w), 0) for g, w, _a in pairs(wrong)):
            return Diagnosis("whole-numbers", text)
    return None


def axes_lost(wrong):
    """The right numbers in another shape."""
    if same_shape(wrong) or not all(g.size == w.size and equal(g.ravel(), w.ravel(), a) for g, w, a in pairs(wrong)):
        return None
    if all(g.shape == np.squeeze(w).shape for g, w, _a in pairs(wrong)):
        return Diagnosis("axes.squeezed", _("the numbers are right, but axes of length 1 are missing"))
    if all(g.ndim == w.ndim + 1 and 1 in g.shape for g, w, _a in pairs(wrong)):
        return Diagnosis("axes.extra", _("the numbers are right, but there is an axis of length 1 too many"))
    return Diagnosis("axes.reshaped", _("the numbers are right, but in another shape"))


def axes_permuted(wrong):
    """Its axes in another order, in that shape or reshaped into the right one."""
    dims = {np.ndim(p.want) for *_, p in wrong}
    if len(dims) != 1 or not 2 <= (n := dims.pop()) <= 6:
        return None
    for order in list(permutations(range(n)))[1:]:
        told = _("its axes stand in the order ({order})").format(order=", ".join(axis_names(wrong, order)))
        if all(equal(g, w.transpose(order), a) for g, w, a in pairs(wrong)):
            return Diagnosis("axes.permuted", told)
        if all(g.shape == w.shape and equal(g, w.transpose(order).reshape(w.shape), a) for g, w, a in pairs(wrong)):
            reshaped = _("the numbers stand in the order ({order}) under the right shape")
            return Diagnosis("axes.permuted", reshaped.format(order=", ".join(axis_names(wrong, order))))
    return None


def axis_names(wrong: Sequence[Number], order: Sequence[int]) -> list[str]:
    what, ndim = wrong[0][1], np.ndim(wrong[0][2].want)
    names = AXES.get(what) if ndim == 4 else None
    names = names or AXES.get(ndim) or MORE.get(ndim) or tuple(str(i) for i in range(ndim))
    return [names[i] for i in order]


def flipped(wrong):
    for axes, text in ((2, 3), _("upside down and mirrored")), ((2,), _("upside down")), ((3,), _("mirrored")):
        if all(w.ndim == 4 and equal(g, np.flip(w, axes), a) for g, w, a in pairs(wrong)):
            return Diagnosis("flipped", _("the right numbers, {how}").format(how=text))
    return None


def shifted(wrong):
    """Every number is its neighbour's, the places without one left out."""
    if not same_shape(wrong) or any(w.ndim < 2 for _g, w, _a in pairs(wrong)):
        return None
    after, before = _("every number is that of the next {axis}"), _("every number is that of the {axis} before")
    for axis, word in ((-2, _("row")), (-1, _("column"))):
        for ahead in (True, False):
            if all(w.shape[axis] > 2 and is_shifted(g, w, a, axis, ahead) for g, w, a in pairs(wrong)):
                return Diagnosis("shifted", (after if ahead else before).format(axis=word))
    return None


def is_shifted(g: np.ndarray, w: np.ndarray, allowed: float, axis: int, ahead: bool) -> bool:
    n = w.shape[axis]
    first, rest = np.arange(n - 1), np.arange(1, n)
    mine, theirs = (first, rest) if ahead else (rest, first)
    return equal(np.take(g, mine, axis), np.take(w, theirs, axis), allowed)


def another_order(wrong):
    if not same_shape(wrong) or any(g.size < 3 or np.ptp(w) <= 4 * a for g, w, a in pairs(wrong)):
        return None
    if all(equal(np.sort(g, axis=None), np.sort(w, axis=None), a) for g, w, a in pairs(wrong)):
        return Diagnosis("another-order", _("the right numbers in another order"))
    return None


def imprecise(wrong):
    if not same_shape(wrong) or not all(np.isfinite(g).all() and np.any(w) for g, w, _a in pairs(wrong)):
        return None
    worst = max(float(np.max(np.abs(g - w)) / np.abs(w).max()) for g, w, _a in pairs(wrong))
    if 0 < worst < 1e-2:
        digits = -int(np.floor(np.log10(worst))) - 1
        return Diagnosis("precision", _("right to {n} digits only").format(n=digits))
    return None


Pattern = Callable[[Sequence[Number]], Diagnosis | None]
PATTERNS: tuple[Pattern, ...] = (
    never_numbers,
    zeros,
    some_not_numbers,
    scaled,
    moved_by_a_constant,
    whole,
    axes_lost,
    axes_permuted,
    flipped,
    shifted,
    another_order,
    imprecise,
)
