"""Wrong numbers that are the right ones times a factor: a constant, or a number of the case, by its name."""

from collections.abc import Sequence

import numpy as np

from .diagnosis import Diagnosis
from .language import _
from .named import Number
from .types import Problem, Question


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
