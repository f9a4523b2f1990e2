"""Patterns in wrong numbers that no known mistake gives: a factor, another order, other axes; never a guess.

A pattern is named only if every wrong answer of the stage has it.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import permutations

import numpy as np

from ...i18n import _
from ...subject.protocol import Question
from .. import references
from ..compare import NUMBERS, close
from ..types import Diagnosis, Problem
from .causes.nearly import name_nearly_largest
from .causes.whole import name_whole_numbers
from .magnitude import name_clipped, name_divided, name_half_precision, name_near_curve, name_overflow
from .match import WrongNumber
from .orders import name_laid_otherwise, name_reordered
from .shape_algebra import letters_of

Wrong = Sequence[WrongNumber]
Pattern = Callable[[Wrong], Diagnosis | None]
LEFT = 0.1  # of a difference that may be left where a factor explains it
FEW = 3  # numbers: fewer show no factor
MOST = 0.2  # of the numbers: where fewer are imprecise, it is said where they stand


def pairs(wrong: Wrong) -> list[tuple[np.ndarray, np.ndarray, float]]:
    """List (got, want, allowed difference) of every wrong answer."""
    return [(np.asarray(p.got, "f8"), np.asarray(p.want, "f8"), bound(p)) for *_, p in wrong]


def bound(p: Problem) -> float:
    """Return the largest allowed difference of a wrong answer, never 0."""
    known = float(np.max(p.allowed, initial=0)) if p.allowed is not None else 0.0
    return known or 1e-6 * float(np.abs(p.want).max(initial=0))


def same_shape(wrong: Wrong) -> bool:
    """Whether every wrong answer has the right shape."""
    return all(np.shape(p.got) == np.shape(p.want) for *_, p in wrong)


def name_factor(wrong: Wrong) -> Diagnosis | None:
    """Recognize one factor in each wrong answer: a constant, or always the same size of the case."""
    if not same_shape(wrong):
        return None
    factors = []
    for g, w, a in pairs(wrong):
        if not np.isfinite(g).all() or not np.any(w):
            return None
        factors.append(float(np.vdot(g, w) / np.vdot(w, w)))
        scaled, off = factors[-1] * w, np.abs(g - w).max()
        if not close(g, scaled, min(2 * a * max(1.0, abs(factors[-1])), LEFT * off)):
            return None
    if are_few(wrong):
        return None
    slack = [a / max(float(np.abs(w).max()), 1e-300) for _g, w, a in pairs(wrong)]
    name = factor_text([q for q, *_ in wrong], factors, slack)
    if name == "-1":
        return Diagnosis("scaled", _("every number has the wrong sign"))
    if name:
        return Diagnosis("scaled", _("every number is {factor} times what it should be").format(factor=name))
    if limited := name_norm_limit(wrong):
        return limited
    if min(g.size for g, *_ in pairs(wrong)) < 3:
        return None
    text = _("all numbers of an answer are off by one factor, another one in each case: {factors}")
    some = ", ".join(f"{f:.4g}" for f in dict.fromkeys(round(f, 4) for f in factors[:20]))
    return Diagnosis("scaled", text.format(factors=", ".join(some.split(", ")[:3]) + " ..."))


def name_norm_limit(wrong: Wrong) -> Diagnosis | None:
    """Recognize answers that are scaled down to one norm, the root of the sum of squares, wherever theirs is larger."""
    norms = [float(np.linalg.norm(g)) for g, *_ in pairs(wrong)]
    if len(norms) < FEW or max(norms) - min(norms) > 1e-4 * max(norms):
        return None
    if any(np.linalg.norm(w) <= n for n, (_g, w, _a) in zip(norms, pairs(wrong))):
        text = _("every answer is divided by its own norm, which belongs to who trains, if to anybody")
        return Diagnosis("scaled.norm", text) if abs(norms[0] - 1) < 1e-4 else None
    text = _("every answer is scaled down to a norm of {norm}: gradient clipping is left in the layer")
    return Diagnosis("scaled.norm", text.format(norm=f"{norms[0]:.4g}"), _("clipping belongs to who trains"))


def name_added(wrong: Wrong) -> Diagnosis | None:
    """Recognize a gradient to which a multiple of its own array, or of its signs, is added: weight decay."""
    if not same_shape(wrong):
        return None
    for text, change in (
        (_("{rate} times {name} is added: weight decay belongs to who trains, not into the gradient"), np.asarray),
        (_("{rate} times the signs of {name} are added: weight decay belongs to who trains"), np.sign),
    ):
        rates, names = list[float](), list[str]()
        for (q, what, _p), (g, w, a) in zip(wrong, pairs(wrong)):
            name = what[1:]
            own = (
                np.asarray(change(q[name]), "f8")
                if what[0] == "d" and name in q.arrays and name not in q.op.args
                else np.zeros(0)
            )
            if own.shape != w.shape or not np.any(own):
                break
            rates.append(float(np.vdot(g - w, own) / np.vdot(own, own)))
            names.append(name)
            if not close(g, w + rates[-1] * own, min(2 * a, LEFT * np.abs(g - w).max())):
                break
        else:
            if sum(w.size for _g, w, _a in pairs(wrong)) > FEW and max(rates) - min(rates) <= 1e-2 * abs(rates[0]):
                said = text.format(rate=f"{rates[0]:.3g}", name=", ".join(dict.fromkeys(names)))
                return Diagnosis("weight-decay", said, _("return the gradient of the loss alone"))
    return None


def name_updated_first(wrong: Wrong) -> Diagnosis | None:
    """Recognize a dx that is worked out after W has been changed by a multiple of its own gradient."""
    rates = list[float]()
    for (q, what, _p), (g, w, a) in zip(wrong, pairs(wrong)):
        if what != "dx" or q.dout is None or "W" not in q.arrays or g.shape != w.shape:
            return None
        exact = q.exact()
        more = references.ask(exact.but(W=references.ask(exact)["dW"]))["dx"]  # dx is linear in W
        rates.append(float(np.vdot(w - g, more) / max(np.vdot(more, more), 1e-300)))
        if not close(g, w - rates[-1] * more, min(2 * a, LEFT * np.abs(g - w).max())):
            return None
    if are_few(wrong) or max(rates) - min(rates) > 1e-2 * abs(rates[0]):
        return None
    text = _("it is that of a W from which {rate} times dW has been subtracted: the layer updates itself in backward")
    return Diagnosis("state.updates-itself", text.format(rate=f"{rates[0]:.3g}"), _("the update belongs to who trains"))


def are_few(wrong: Wrong) -> bool:
    """Whether the right numbers are too few, or too alike, to show anything: any is some factor times another one."""
    return len({float(v) for _g, w, _a in pairs(wrong) for v in np.unique(w)[:FEW]}) < FEW


def factor_text(questions: Sequence[Question], factors: list[float], slack: list[float]) -> str:
    """Write a factor as '1/N', '1-p', or the number itself where it is always the same; '' where it has no name.

    slack: by how much rounding may move each.
    """

    def always(values: list[float]) -> bool:  # whether each factor is its value, and 1.0004 is not 1.0003
        near = [max(LEFT * abs(f - 1), s) for f, s in zip(factors, slack)]
        return all(abs(f - v) <= min(1e-4 * abs(v), n) for f, v, n in zip(factors, values, near))

    known = [sizes_of(q) for q in questions]
    names = [n for n in known[0] if all(n in k for k in known)]
    for form, of in FORMS:
        for name in names:
            values = [k[name] for k in known]
            varied = len(set(values)) > 1 and all(v > 0 for v in values)
            if varied and always([of(v) for v in values]) and abs(factors[0] - 1) > 1e-4:
                return form.replace("{}", f"({name})" if "/" in form and "*" in name else name)
    return name_ratio(known, names, always) or (
        f"{factors[0]:.{digits_of(factors[0])}g}" if always([factors[0]] * len(factors)) else ""
    )


def inverse_rest(p: float) -> float:
    """Compute 1/(1-p); infinity for p = 1."""
    return 1 / (1 - p) if p != 1 else np.inf


FORMS: tuple[tuple[str, Callable[[float], float]], ...] = (
    ("{}", float),
    ("1/{}", lambda v: 1 / v),
    ("{}*{}", lambda v: v * v),
    ("1/({}*{})", lambda v: 1 / (v * v)),
    ("1-{}", lambda v: 1 - v),
    ("1/(1-{})", inverse_rest),
    ("{}/({}-1)", lambda v: v / (v - 1) if v != 1 else np.inf),
    ("({}-1)/{}", lambda v: (v - 1) / v),
)


def name_ratio(known: list[dict[str, float]], names: list[str], always: Callable[[list[float]], bool]) -> str:
    """Write a factor as a size over another one; '' if no two sizes give it in at least two ways."""
    for above, below in permutations(names, 2):
        if all(k[below] > 0 and k[above] > 0 for k in known):
            values = [k[above] / k[below] for k in known]
            if len(set(values)) > 2 and always(values):
                return f"{above}/{below}" if "*" not in below else f"{above}/({below})"
    return ""


def digits_of(factor: float) -> int:
    """Return how many digits show that a factor is not 1: six at least."""
    return 6 if f"{factor:.6g}" != "1" else 2 - int(np.floor(np.log10(abs(factor - 1))))


def sizes_of(q: Question) -> dict[str, float]:
    """Map names to the sizes and parameters by which one may have multiplied or divided."""
    sizes = {k: float(v) for k, v in q.params.items() if isinstance(v, int | float) and not isinstance(v, bool)}
    if "dropout_ratio" in sizes:
        sizes["p"] = sizes["dropout_ratio"]
    x = q.arrays.get("x", q.arrays.get("input_data"))
    if x is not None and x.ndim:
        sizes |= dict(zip(("N", "C", "H", "W") if x.ndim == 4 else ("N", "D"), map(float, x.shape)))
    if x is not None and x.ndim == 4:
        sizes |= {"H*W": float(x[0, 0].size), "N*H*W": float(x[:, 0].size)}
    if "W" in q.arrays:
        W = q.arrays["W"]
        letters = ("inputs", "outputs") if W.ndim == 2 else letters_of(q, "dW", W.ndim)
        sizes |= {name: float(n) for name, n in zip(letters, W.shape) if name not in ("1", "OH", "OW")}
        sizes["numbers of a filter"] = float(W.size // W.shape[letters.index("FN")] if "FN" in letters else W[0].size)
    if q.dout is not None and q.dout.ndim == 4:
        sizes |= {"OH*OW": float(q.dout[0, 0].size), "N*OH*OW": float(q.dout[:, 0].size)}
    if "pool_h" in q.params:
        sizes["pool_h*pool_w"] = float(q["pool_h"] * q["pool_w"])
    return sizes


def match_pattern(wrong: Wrong, patterns: Sequence[Pattern] = ()) -> Diagnosis | None:
    """Name the first pattern that all the wrong answers have. patterns: those that are tried; all by default."""
    if not wrong or any(np.asarray(p.got).dtype.kind not in NUMBERS or not np.size(p.want) for *_, p in wrong):
        return None
    with np.errstate(all="ignore"):
        diagnosis = next((diagnosis for pattern in patterns or PATTERNS if (diagnosis := pattern(wrong))), None)
    names = ", ".join(dict.fromkeys(what for _q, what, _p in wrong))
    return replace(diagnosis, text=f"{names}: {diagnosis.text}") if diagnosis and names != "out" else diagnosis


def name_nan_or_zeros(wrong: Wrong) -> Diagnosis | None:
    """Recognize answers of nan alone, or of zeros alone; one of no numbers is neither."""
    if any(not g.size for g, *_ in pairs(wrong)):
        return name_empty(wrong)
    if all(np.all(np.isnan(g)) for g, *_ in pairs(wrong)):
        return Diagnosis("nan", _("every number is nan"))
    if all(not np.any(g) for g, *_ in pairs(wrong)):
        if all(np.asarray(p.got).dtype.kind in "iu" and np.all(np.abs(p.want) < 1) for *_, p in wrong):
            text = _("every number is 0: it is an array of whole numbers, which cuts what is written into it")
            return Diagnosis("whole-numbers", text, _("make the array of floats: np.zeros(x.shape)"))
        return Diagnosis("zeros", _("every number is 0"))
    return None


def name_empty(wrong: Wrong) -> Diagnosis | None:
    """Recognize answers of as many axes as there should be, of which some have no length."""
    if any(g.size or g.ndim != w.ndim for g, w, _ in pairs(wrong)):
        return None
    text = _("it holds no numbers: a slice took none")
    if all(q.params.get("pad") == 0 for q, *_ in wrong):
        repair = _("end the slice at pad + size: [pad:-pad] is [0:0] where pad is 0, and takes none")
        return Diagnosis("empty", text, repair)
    return Diagnosis("empty", text)


def name_some_nan(wrong: Wrong) -> Diagnosis | None:
    """Recognize answers that are right but for nan and inf."""
    if not same_shape(wrong):
        return None
    if all(not np.isfinite(g).all() and close(np.where(np.isfinite(g), g, w), w, a) for g, w, a in pairs(wrong)):
        text = _("the wrong numbers are nan or inf: a division by 0, or an overflow")
        return name_divided(wrong) or Diagnosis("nan", text)
    return None


def name_constant(wrong: Wrong) -> Diagnosis | None:
    """Recognize one constant added to every number of an answer; answers of one number say nothing of that."""
    if not same_shape(wrong) or not any(g.size >= 3 for g, *_ in pairs(wrong)):
        return None
    differences = [float(np.mean(g - w)) for g, w, _ in pairs(wrong)]
    if not all(np.isfinite(d) and close(g, w + d, min(2 * a, LEFT * np.abs(g - w).max()))
               for d, (g, w, a) in zip(differences, pairs(wrong))):  # fmt: skip
        return None
    one = max(differences) - min(differences) <= 1e-5 * abs(differences[0])
    text = (
        _("every number is off by the same {d}") if one else _("all numbers of an answer are off by the same, {d} here")
    )
    return Diagnosis("constant-added", text.format(d=f"{differences[0]:.6g}"))


def name_shape(wrong: Wrong) -> Diagnosis | None:
    """Recognize the right numbers in another shape."""
    if same_shape(wrong) or not all(g.size == w.size and close(g.ravel(), w.ravel(), a) for g, w, a in pairs(wrong)):
        return None
    if all(w.shape[:1] == (1,) and g.shape == w.shape[1:] for g, w, _a in pairs(wrong)):
        return Diagnosis("axes.squeezed", _("the numbers are right, but a batch of one comes back without its axis"))
    if all(g.ndim < w.ndim and longer(g.shape) == longer(w.shape) for g, w, _a in pairs(wrong)):
        return Diagnosis("axes.squeezed", _("the numbers are right, but axes of length 1 are missing"))
    if all(g.ndim == w.ndim + 1 and 1 in g.shape for g, w, _a in pairs(wrong)):
        return Diagnosis("axes.extra", _("the numbers are right, but there is an axis of length 1 too many"))
    if order := shape_order(wrong):
        text = _("the numbers are right, but under the shape ({order})").format(order=", ".join(order))
        return Diagnosis("axes.reshaped", text)
    return Diagnosis("axes.reshaped", _("the numbers are right, but in another shape"))


def shape_order(wrong: Wrong) -> list[str]:
    """Name the axes whose lengths the wrong shapes have, in their order; nothing where it is not one order."""
    dims = {w.ndim for _g, w, _a in pairs(wrong)}
    if len(dims) != 1 or not 2 <= (n := dims.pop()) <= 6:
        return []
    orders = [
        o for o in permutations(range(n)) if all(g.shape == tuple(w.shape[i] for i in o) for g, w, _a in pairs(wrong))
    ]
    return axis_names(wrong, orders[0]) if orders else []


def longer(shape: tuple[int, ...]) -> list[int]:
    """List the lengths of a shape's axes that are not 1."""
    return [n for n in shape if n != 1]


def name_permutation(wrong: Wrong) -> Diagnosis | None:
    """Recognize axes in another order, in that shape or reshaped into the right one."""
    dims = {np.ndim(p.want) for *_, p in wrong}
    if len(dims) != 1 or not 2 <= (n := dims.pop()) <= 6:
        return None
    for order in list(permutations(range(n)))[1:]:
        text = _("its axes stand in the order ({order})").format(order=", ".join(axis_names(wrong, order)))
        if all(close(g, w.transpose(order), a) for g, w, a in pairs(wrong)):
            repair = _("bring them into the order ({order})").format(order=", ".join(axis_names(wrong, range(n))))
            return Diagnosis("axes.permuted", text, repair)
        if all(g.shape == w.shape and close(g, w.transpose(order).reshape(w.shape), a) for g, w, a in pairs(wrong)):
            reshaped = _("the numbers stand in the order ({order}) under the right shape")
            return Diagnosis("axes.permuted", reshaped.format(order=", ".join(axis_names(wrong, order))))
    return None


def axis_names(wrong: Wrong, order: Sequence[int]) -> list[str]:
    """Name the axes of the first wrong answer in this order."""
    q, what, p = wrong[0]
    names = letters_of(q, what, np.ndim(p.want))
    return [names[i] for i in order]


def name_flip(wrong: Wrong) -> Diagnosis | None:
    """Recognize images that are mirrored, upside down, or both."""
    for axes, text in ((2, 3), _("upside down and mirrored")), ((2,), _("upside down")), ((3,), _("mirrored")):
        if all(w.ndim == 4 and close(g, np.flip(w, axes), a) for g, w, a in pairs(wrong)):
            return Diagnosis("flipped", _("the right numbers, {how}").format(how=text))
    return None


def name_shift(wrong: Wrong) -> Diagnosis | None:
    """Recognize numbers moved by one row or column; the edge, which has no neighbour, does not count."""
    if not same_shape(wrong) or any(w.ndim < 3 for _g, w, _a in pairs(wrong)):  # a table of features has no neighbours
        return None
    after, before = _("every number is that of the next {axis}"), _("every number is that of the {axis} before")
    for axis, word in ((-2, _("row")), (-1, _("column"))):
        for ahead in (True, False):
            if all(w.shape[axis] > 2 and is_shifted(g, w, a, axis, ahead) for g, w, a in pairs(wrong)):
                return Diagnosis("shifted", (after if ahead else before).format(axis=word))
    return None


def is_shifted(g: np.ndarray, w: np.ndarray, allowed: float, axis: int, ahead: bool) -> bool:
    """Whether g is w moved by one along the axis; ahead: each number is that of the next place."""
    n = w.shape[axis]
    first, rest = np.arange(n - 1), np.arange(1, n)
    mine, theirs = (first, rest) if ahead else (rest, first)
    return close(np.take(g, mine, axis), np.take(w, theirs, axis), allowed)


def name_order(wrong: Wrong) -> Diagnosis | None:
    """Recognize the right numbers in another order."""
    if not same_shape(wrong) or any(g.size < 3 or np.ptp(w) <= 4 * a for g, w, a in pairs(wrong)):
        return None
    if all(close(np.sort(g, axis=None), np.sort(w, axis=None), a) for g, w, a in pairs(wrong)):
        return Diagnosis("another-order", _("the right numbers in another order"))
    return None


def name_precision(wrong: Wrong, most: float = MOST) -> Diagnosis | None:
    """Recognize numbers that are right to a few digits only. most: the share of them that must be imprecise."""
    if not same_shape(wrong) or not all(np.isfinite(g).all() and np.any(w) for g, w, _a in pairs(wrong)):
        return None
    worst = max(float(np.max(np.abs(g - w)) / np.abs(w).max()) for g, w, _a in pairs(wrong))
    many = [np.mean((np.abs(g - w) > a)[w != 0]) for g, w, a in pairs(wrong)]  # a 0 stays 0 in any type
    if 0 < worst < 1e-2 and np.mean(many) >= most and not are_few(wrong):
        digits = -int(np.floor(np.log10(worst))) - 1
        return Diagnosis("precision", _("right to {n} digits only").format(n=digits))
    return None


PATTERNS: tuple[Pattern, ...] = (
    name_nan_or_zeros, name_added, name_updated_first, name_half_precision, name_overflow,
    name_some_nan, name_nearly_largest, name_clipped, name_factor,
    name_constant, name_whole_numbers, name_shape, name_permutation, name_flip, name_shift, name_reordered,
    name_laid_otherwise, name_order,
    name_precision, name_near_curve,
)  # fmt: skip
