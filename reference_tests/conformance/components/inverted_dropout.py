"""Inverted dropout, as frameworks do it: training drops and scales, inference changes nothing.

Inference has one right answer and is compared; in training what is kept is read off the output, and counts are held
against exact chances (tolerance.likely_bound): a right layer fails one count with a chance below ALARM.
"""

import numpy as np

from ...i18n import _
from ...subject.protocol import EPS32, Op, Plan
from ..compare import close, compare_one
from ..mistakes.inverted_dropout import MISTAKES as MISTAKES
from ..scenarios import steps_of
from ..tolerance import SAFETY, largest, likely_bound, relative
from ..types import Case, Problem, Scenario
from .dropout_rules import agreement

OP = Op(
    "inverted_dropout",
    "InvertedDropout",
    "6.4.3",
    args=("x", "train_flg"),
    make=("dropout_ratio",),
    named=("train_flg",),
)
ALARM = 1e-12
NAMED = 1e-2  # of a mistake to be named by its share: other mistakes are near


def away_from_zero(rng, name, shape):
    """No 0 among the numbers, so that a 0 in the output is a dropped place."""
    x = rng.standard_normal(shape)
    return x + np.copysign(0.25, x)


def dropout(why, x, ratio, train=False, **more):
    return Case(OP, why, {"x": x}, {"dropout_ratio": ratio, "train_flg": train}, draw=away_from_zero, **more)


# fmt: off
CASES = [  # inference
    #       the mistake it catches              x               ratio
    dropout("inference scaled",                 (3, 4, 5, 6),   0.3),
    dropout("only images are taken",            (4, 7),         0.75),
    dropout("ratio of one half",                (2, 3, 5),      0.5),
    dropout("nothing dropped",                  (3, 5),         0.0),
    dropout("one image",                        (1, 4, 3, 2),   0.2),
]
TRAINED = dropout("not scaled in training",     (3, 4, 5, 6),   0.3, train=True)
FLAT    = dropout("mask of another shape",      (15, 24),       0.6, train=True)
NONE    = dropout("ratio of nothing",           (3, 4, 5),      0.0, train=True)
AGAIN   = dropout("mask kept",                  (6, 5, 4, 3),   0.4, train=True)
# fmt: on


def allowed(q, want, eps):
    return relative(want, 1, eps)


def drawn(pick):
    axes, ratio = pick(2, 4), pick(0, 9) / 10
    return dropout("drawn", tuple(pick(1, 5) for _ in range(axes)), ratio)


def training(case, part, calls=1):
    """Forward, and backward where that is the part; calls times, each with numbers of its own."""
    program, arrays = [], {}
    for turn in ("", "_2")[:calls]:
        q = case.question(turn)
        program += steps_of(q, "forward", turn, make=not turn)[0]
        arrays["x" + turn] = q["x"]
        if part == "backward":
            program.append(["call", "dx" + turn, "layer.backward", ["dout" + turn]])
            arrays["dout" + turn] = case.rng("dout" + turn).standard_normal(q["x"].shape)
    return Plan(program, arrays, {})


def scaled(plan, got, given, what, tries):
    """got is given / (1 - ratio) wherever it is not 0."""
    keep = 1 - plan.program[0][3][0]
    if np.shape(got) != given.shape:
        return Problem("shape", what, got, given)
    mask = np.asarray(got) != 0
    want, bound = given * mask / keep, SAFETY * EPS32 * 2 * largest(given / keep)
    problem = compare_one(what, got, want, bound)
    if problem is None or problem.kind != "values":
        return problem
    code = next((c for c, f in tries.items() if close(got, given * mask * f(keep), 2 * bound)), "")
    return Problem("values", what, got, want, np.full(want.shape, bound), code=code)


FORWARD_TRIES = {
    "inverted_dropout.not-scaled": lambda keep: 1,
    "inverted_dropout.multiplied": lambda keep: keep,
    "inverted_dropout.by-ratio": lambda keep: 1 / (1 - keep) if keep < 1 else np.inf,
    "inverted_dropout.scaled-twice": lambda keep: keep**-2,
}
BACKWARD_TRIES = {
    "inverted_dropout.dx-not-scaled": lambda keep: 1,
    "inverted_dropout.dx-multiplied": lambda keep: keep,
    "inverted_dropout.dx-scaled-twice": lambda keep: keep**-2,
}


def share(plan, trace):
    """x / (1 - ratio) or 0, and as many zeros as the ratio says."""
    out, x, keep = trace.results["out"], plan.given["x"], 1 - plan.program[0][3][0]
    problem = scaled(plan, out, x, "out", FORWARD_TRIES)
    if problem:
        return problem
    low, high = likely_bound(x.size, keep, ALARM)
    kept = int(np.count_nonzero(out))
    if low <= kept <= high:
        return None
    turned = likely_bound(x.size, 1 - keep, NAMED)
    code = "inverted_dropout.nothing-dropped" if kept == x.size else "inverted_dropout.share"
    code = "inverted_dropout.ratio-is-kept" if turned[0] <= kept <= turned[1] else code
    note = _("({kept} of {size} kept, should be {low} to {high})").format(kept=kept, size=x.size, low=low, high=high)
    gap = np.array(abs(keep - low / x.size))
    return Problem("values", _("share kept"), np.array(kept / x.size), np.array(keep), gap, note, code)


def gradient(plan, trace):
    """dout / (1 - ratio) where the forward before it kept, 0 elsewhere."""
    for turn in ("", "_2") if "dx_2" in trace.results else ("",):
        out, dx, dout = trace.results["out" + turn], trace.results["dx" + turn], plan.given["dout" + turn]
        if np.shape(dx) != dout.shape or np.shape(out) != dout.shape:
            return Problem("shape", "dx" + turn, dx, dout)
        mask, keep = out != 0, 1 - plan.program[0][3][0]
        if np.array_equal(dx != 0, mask):
            problem = scaled(plan, dx, dout, "dx" + turn, BACKWARD_TRIES)
        else:
            bound = np.full(dout.shape, SAFETY * EPS32 * largest(dout / keep))
            code = "inverted_dropout.dx-other-mask" if np.any(dx == 0) else "inverted_dropout.dx-no-mask"
            problem = Problem("values", "dx" + turn, dx, dout * mask / keep, bound, code=code)
        if problem:
            return problem
    return None


def anew(plan, trace):
    """Two forwards draw two masks."""
    unlike = agreement(*(trace.results[k] != 0 for k in ("out", "out_2")), 1 - plan.program[0][3][0])
    note = _("(the masks of two forwards are alike)")
    return (
        Problem("values", _("share of equal places"), *unlike, note, "inverted_dropout.mask-kept") if unlike else None
    )


FORWARD, BACKWARD = ("forward",), ("backward",)
SHARE = Scenario("share-kept", "training: x / (1 - ratio) or 0, as many zeros as the ratio says", training,
               parts=FORWARD, rule=share)  # fmt: skip
GRADIENT = Scenario("same-mask", "dout / (1 - ratio) where forward kept", training, parts=BACKWARD, rule=gradient)
SCENARIOS = (
    *((case, SHARE) for case in (TRAINED, FLAT, NONE)),
    *((case, GRADIENT) for case in (TRAINED, FLAT, NONE)),
    (AGAIN, Scenario("drawn-anew", "every forward draws its mask", lambda c, p: training(c, p, 2), parts=FORWARD,
                   rule=anew)),
    (AGAIN, Scenario("mask-of-this-call", "backward uses the mask of the forward before it",
                   lambda c, p: training(c, p, 2), parts=BACKWARD, rule=gradient)),
)  # fmt: skip
