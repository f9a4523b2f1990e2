"""Inverted dropout: contract, cases, tolerance. As in frameworks, training drops and scales, inference does nothing.

Inference has one right answer and is compared; in training the mask is read off the output, and counts are compared
with exact probabilities (likely_bound): a right layer fails one count with a probability below ALARM.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from ...subject.protocol import EPS32, Op, Plan, Trace
from ..compare import check_written_into, close, compare_one
from ..inputs import one_of
from ..mistakes.inverted_dropout import MISTAKES as MISTAKES
from ..scenarios import WRITTEN_INTO
from ..strata import resizable
from ..tolerance import SAFETY, largest, likely_bound
from ..types import Case, Draw, Problem, Scenario, Shape
from .dropout_counts import ODD, OFTEN, RARE, ROWS, SIZE, count_varies, each_in_turn, in_fortran_order, share_of_few
from .dropout_rules import (
    away_from_zero,
    beside_another,
    check_gradient_at_zeros,
    forward_before,
    infer_then_train,
    many_zeros,
    name_inference,
    no_arguments,
    places_together,
    ratio_of,
    same_masks,
    tiny,
    train,
    train_then_infer_back,
    train_with_upstream,
    with_shared_mask,
    written_into,
    wrong_share,
)
from .masks import begins_again
from .shared import bound_copies

OP = Op(
    "inverted_dropout",
    "InvertedDropout",
    "6.4.3",
    args=("x", "train_flg"),
    make=("dropout_ratio",),
    named=("train_flg",),
)
Factor = Callable[[float, np.ndarray], float | np.ndarray]  # (1 - ratio, the mask) -> what is kept times this
Tries = tuple[tuple[str, Factor], ...]  # the code of a known mistake, its factor
NAMED = 1e-2  # false-alarm rate of naming a mistake by its share; small bounds, because other mistakes are near


@resizable
def dropout(why: str, x: Shape, ratio: float, train: bool = False, draw: Draw = away_from_zero, **more: Any) -> Case:
    """Make a case of a ratio, in training or at inference."""
    return Case(OP, why, {"x": x}, {"dropout_ratio": ratio, "train_flg": train}, draw=draw, **more)


# fmt: off
CASES = [  # inference
    #       what it requires                       x               ratio
    dropout("inference does not scale",            (3, 4, 5, 6),   0.3, number=460950490),
    dropout("rows as well as images",              (4, 7),         0.75, number=1950693250),
    dropout("ratio of one half",                   (2, 3, 5),      0.5, number=3653954773),
    dropout("nothing dropped",                     (3, 5),         0.0, number=2193802590),
    dropout("one image",                           (1, 4, 3, 2),   0.2, number=1023896913),
    dropout("more than 64 columns",                (3, 2, 70),     0.3, number=2072110561),
    dropout("more than 64 images",                 (259, 3),        0.6, number=1152067289),
    dropout("more than 256 places",                (2, 3, 18, 17), 0.3, number=1547272617),
    dropout("all sizes equal", (3, 3, 3, 3), 0.3, number=1544414556),
]
TRAINED = dropout("training scales what is kept",  (3, 4, 5, 6),   0.3, train=True, number=194312808)
FLAT    = dropout("the mask has the shape of x",   (48, 60),       0.6, train=True, number=2034591616)
NONE    = dropout("training with a ratio of zero", (3, 4, 5),      0.0, train=True, number=2250027227)
MANY    = dropout("as many are dropped as the ratio says", (40, 30, 10, 8), 0.7, train=True, number=412415415)
ZEROS   = dropout("numbers that are 0 are dropped, too", (40, 30),     0.4, train=True, draw=many_zeros, number=1289404852)
WIDE    = dropout("every place is drawn alone",    (5, 6, 7, 8),   0.3, train=True, number=3970243354)
AGAIN   = dropout("a new mask for every forward",  (6, 5, 4, 3),   0.4, train=True, number=2018952228)
WHOLE   = dropout("whole numbers are scaled",      (6, 5, 8, 7),   0.7, train=True, draw=one_of(-7, -4, -1, 2, 5, 8), level="advice", refuse="told", number=7)
SMALL   = dropout("tiny numbers are kept",         (6, 5, 4, 7),   0.3, train=True, draw=tiny, number=1700000032)
FEW     = dropout("a ratio near 0",  SIZE, RARE, train=True, level="edge", number=87)
MOST    = dropout("a ratio near 1",  SIZE, OFTEN, train=True, level="edge", number=88)
EACH    = dropout("each number by itself",  ROWS, 0.5, train=True, number=89)
LAST    = dropout("the last numbers, too",  ODD, 0.5, train=True, number=90)
DEFAULT = dropout("defaults",                      (6, 7, 8, 5),   0.5, train=True, number=3017948220)
STRATA = (  # the kinds of cases that hidden checks are drawn in
    "inference does not scale", "rows as well as images", "ratio of one half", "nothing dropped", "one image",
    "training scales what is kept", "the mask has the shape of x",
)
# fmt: on
allowed = bound_copies  # inference copies x


def drawn(pick: Callable[[int, int], int]) -> Case:
    """Draw a case; pick(low, high) picks an integer of low .. high."""
    axes, ratio = pick(2, 4), pick(0, 9) / 10
    return dropout("drawn", tuple(pick(1, 5) for _ in range(axes)), ratio)


def check_scale(plan: Plan, got: np.ndarray, given: np.ndarray, what: str, tries: Tries) -> Problem | None:
    """Check that got is given / (1 - ratio) wherever it is not 0.

    tries: known mistakes.
    """
    keep = 1 - ratio_of(plan)
    if np.shape(got) != given.shape:
        return Problem("shape", what, got, given)
    mask = np.asarray(got) != 0
    want, bound = given * mask / keep, SAFETY * EPS32 * 2 * largest(given / keep)
    problem = compare_one(what, got, want, bound)
    if problem is None or problem.kind != "values":
        return problem
    if given.dtype.kind in "iu" and close(got, np.trunc(want), 2 * bound):  # CS231n's own ends in out.astype(x.dtype)
        return None
    code = next((c for c, f in tries if close(got, given * mask * f(keep, mask), 2 * bound)), "")
    return Problem("values", what, got, want, np.full(want.shape, bound), code=code)


def by_share_kept(keep: float, mask: np.ndarray) -> float:
    """Return the factor of who divides by the share that happened to be kept."""
    return 1 / max(float(mask.mean()), 1e-12)


def by_share_of_image(keep: float, mask: np.ndarray) -> np.ndarray:
    """Return the factors of who divides each image by its own share that happened to be kept."""
    return np.asarray(1 / np.maximum(mask.mean(tuple(range(1, mask.ndim)), keepdims=True), 1e-12))


def whole_factor(keep: float, mask: np.ndarray) -> float:
    """Return the factor of who divides by // where no other mistake has it: 1 is nobody's, 2 that of a fixed ratio."""
    return float(1 // keep) if 1 // keep > 2 else np.nan


FORWARD_TRIES: Tries = (
    ("inverted_dropout.not-scaled", lambda keep, mask: 1),
    ("inverted_dropout.whole-factor", whole_factor),
    ("inverted_dropout.multiplied", lambda keep, mask: keep),
    ("inverted_dropout.by-ratio", lambda keep, mask: 1 / (1 - keep) if keep < 1 else np.inf),
    ("inverted_dropout.scaled-twice", lambda keep, mask: keep**-2),
    ("inverted_dropout.by-share-kept", by_share_kept),
    ("inverted_dropout.by-share-kept", by_share_of_image),
)
BACKWARD_TRIES: Tries = (
    ("inverted_dropout.dx-not-scaled", lambda keep, mask: 1),
    ("inverted_dropout.dx-multiplied", lambda keep, mask: keep),
    ("inverted_dropout.dx-scaled-twice", lambda keep, mask: keep**-2),
    ("inverted_dropout.dx-by-share-kept", by_share_kept),
    ("inverted_dropout.dx-by-share-kept", by_share_of_image),
)


def check_share(plan: Plan, trace: Trace) -> Problem | None:
    """Check that each output is x / (1 - ratio) or 0, and that there are as many zeros as the ratio makes likely."""
    out = trace.results["out"]
    problem = check_scale(plan, out, plan.given["x"], "out", FORWARD_TRIES)
    repeats = begins_again(out != 0, 1 - ratio_of(plan), "inverted_dropout.mask-repeats")
    return problem or repeats or wrong_share(out, ratio_of(plan), name_share)


def name_share(kept: int, size: int, ratio: float) -> str:
    """Return the code of the mistake that a wrong share of kept places points to."""
    low, high = likely_bound(size, ratio, NAMED)
    if low <= kept <= high:
        return "inverted_dropout.ratio-is-kept"
    return "inverted_dropout.nothing-dropped" if kept == size else "inverted_dropout.share"


def check_independence(plan: Plan, trace: Trace) -> Problem | None:
    """Check that every place is drawn alone."""
    problem = check_scale(plan, trace.results["out"], plan.given["x"], "out", FORWARD_TRIES)
    return problem or places_together(plan, trace, "inverted_dropout.mask-repeats")


def check_gradient(plan: Plan, trace: Trace) -> Problem | None:
    """Check, after each forward, that dx is dout / (1 - ratio) where forward kept x, and 0 elsewhere."""
    for turn in ("", "_2") if "dx_2" in trace.results else ("",):
        out, dx, dout = trace.results["out" + turn], trace.results["dx" + turn], plan.given["dout" + turn]
        if np.shape(dx) != dout.shape or np.shape(out) != dout.shape:
            return Problem("shape", "dx" + turn, dx, dout)
        mask, keep = out != 0, 1 - ratio_of(plan)
        if np.array_equal(dx != 0, mask):
            problem = check_scale(plan, dx, dout, "dx" + turn, BACKWARD_TRIES)
        else:
            bound = np.full(dout.shape, SAFETY * EPS32 * largest(dout / keep))
            code = "inverted_dropout.dx-other-mask" if np.any(dx == 0) else "inverted_dropout.dx-no-mask"
            problem = Problem("values", "dx" + turn, dx, dout * mask / keep, bound, code=code)
        if problem:
            return problem
    return None


def check_new_mask(plan: Plan, trace: Trace) -> Problem | None:
    """Check that two forwards draw two masks."""
    return same_masks(plan, trace, "inverted_dropout.mask-kept")


def check_beside(plan: Plan, trace: Trace) -> Problem | None:
    """Check this layer's own output, or its gradient, beside another layer."""
    if "dx" not in trace.results:
        return check_share(plan, trace)
    return with_shared_mask(check_gradient(plan, trace), trace, "inverted_dropout.mask-shared")


def check_last_mask(plan: Plan, trace: Trace) -> Problem | None:
    """Check that dx has the mask of the last forward; that of the forward before is recognized."""
    return with_shared_mask(check_gradient(plan, trace), trace, "inverted_dropout.oldest-mask", "out_before")


def check_back_of_inference(plan: Plan, trace: Trace) -> Problem | None:
    """Check that backward after inference gives dout back; with the mask of the training before, it is recognized."""
    dx, dout, out = trace.results["dx_2"], plan.given["dout_2"], trace.results["out"]
    problem = compare_one("dx_2", dx, dout, SAFETY * EPS32 * largest(dout))
    if problem is None or problem.kind != "values" or out.shape != dout.shape:
        return problem
    mask, keep = out != 0, 1 - ratio_of(plan)
    stale = any(close(dx, dout * mask * f, SAFETY * EPS32 * 2 * largest(dout / keep)) for f in (1, 1 / keep))
    return replace(problem, code="inverted_dropout.mask-of-training") if stale else problem


FORWARD, BACKWARD = ("forward",), ("backward",)
SHARE = Scenario("share-kept", "training: x / (1 - ratio) or 0, as many zeros as the ratio says", train,
                 parts=FORWARD, rule=check_share)  # fmt: skip
GRADIENT = Scenario("same-mask", "dout / (1 - ratio) where forward kept", train, parts=BACKWARD, rule=check_gradient)
SCENARIOS = (
    *((case, SHARE) for case in (TRAINED, FLAT, NONE, MANY, WHOLE, SMALL)),
    *((case, Scenario("each-place-alone", "training: every place is drawn alone", train, parts=FORWARD,
                      rule=check_independence)) for case in (WIDE, FLAT)),
    (ZEROS, Scenario("gradient-at-zeros", "dout / (1 - ratio) where x is 0 and kept", train, parts=BACKWARD,
                     rule=lambda plan, trace: check_gradient_at_zeros(plan, trace, inverted=True))),
    (TRAINED, in_fortran_order(check_share, check_gradient)),
    *((case, GRADIENT) for case in (TRAINED, FLAT, NONE)),
    (TRAINED, Scenario("large-dout", "an upstream gradient of about 1e6", train_with_upstream(1e6), parts=BACKWARD,
                       rule=check_gradient)),
    (TRAINED, Scenario("tiny-dout", "an upstream gradient of about 1e-12", train_with_upstream(1e-12), parts=BACKWARD,
                       rule=check_gradient)),
    *((case, share_of_few("inverted_dropout", name_share)) for case in (FEW, MOST)),
    (EACH, count_varies("inverted_dropout")),
    (LAST, each_in_turn("inverted_dropout")),
    (AGAIN, Scenario(WRITTEN_INTO, "out and dx can be written into, each by itself", written_into, "edge", "any",
                     parts=BACKWARD, rule=check_written_into)),
    (AGAIN, Scenario("beside-another", "another layer of other sizes and parameters at the same time", beside_another,
                     parts=("forward", "backward"), rule=check_beside)),
    (AGAIN, Scenario("drawn-anew", "every forward draws its mask", lambda c, p: train(c, p, 2), parts=FORWARD,
                     rule=check_new_mask)),
    (AGAIN, Scenario("mask-of-this-call", "backward uses the mask of the forward before it",
                     lambda c, p: train(c, p, 2), parts=BACKWARD, rule=check_gradient)),
    (AGAIN, Scenario("after-another-batch-size", "a batch of another size before",
                     lambda c, p: forward_before(c, p, 2), parts=BACKWARD, rule=check_gradient)),
    (AGAIN, Scenario("forward-twice", "a forward without backward before", forward_before, parts=BACKWARD,
                     rule=check_last_mask)),
    (AGAIN, Scenario("then-inference", "inference and its backward after training: dout is given back, or refused",
                     train_then_infer_back, "advice", "may", parts=BACKWARD, rule=check_back_of_inference)),
    (WIDE, Scenario("after-inference", "training after an inference", infer_then_train, parts=FORWARD,
                     rule=name_inference(check_share, lambda x: x, "inverted_dropout.inference-stays"))),
    (DEFAULT, Scenario("no-arguments", "ratio 0.5, training", no_arguments, level="advice", parts=FORWARD,
                       rule=name_inference(check_share, lambda x: x, "inverted_dropout.infers-by-default"))),
)  # fmt: skip
