"""Dropout: contract, cases, tolerance. As in the book, training drops and inference scales.

Inference has one right answer and is compared; training is judged by structure and by counts (dropout_rules.py).
"""

from collections.abc import Callable
from typing import Any

from ...subject.protocol import Op, Plan, Trace
from ..compare import check_written_into
from ..inputs import one_million, one_of
from ..mistakes.dropout import MISTAKES as MISTAKES
from ..scenarios import WRITTEN_INTO
from ..strata import resizable
from ..types import Case, Draw, Problem, Scenario, Shape
from .dropout_counts import ODD, OFTEN, RARE, ROWS, SIZE, count_varies, each_in_turn, in_fortran_order, share_of_few
from .dropout_rules import (
    BY_DEFAULT,
    away_from_zero,
    backward_twice,
    beside_another,
    check_beside,
    check_gradient,
    check_gradient_at_zeros,
    check_independence,
    check_inference,
    check_inference_after,
    check_last_mask,
    check_new_mask,
    check_same_twice,
    check_share,
    forward_before,
    infer_then_train,
    many_zeros,
    name_inference,
    name_share,
    no_arguments,
    ratio_of,
    tiny,
    train,
    train_then_infer,
    train_with_upstream,
    two_layers,
    written_into,
)
from .dropout_rules import allowed as allowed
from .shared import dout_kept

OP = Op(
    "dropout",
    "Dropout",
    "6.4.3",
    args=("x", "train_flg"),
    make=("dropout_ratio",),
    named=("train_flg",),
    may_write=("dout",),
)


@resizable
def dropout(why: str, x: Shape, ratio: float, train: bool = False, draw: Draw = away_from_zero, **more: Any) -> Case:
    """Make a case of a ratio; one at inference has its own rule, which recognizes a mask."""
    rule = None if train else check_inference
    return Case(OP, why, {"x": x}, {"dropout_ratio": ratio, "train_flg": train}, draw=draw, rule=rule, **more)


# fmt: off
CASES = [  # inference
    #       what it requires                                     x               ratio
    dropout("inference scales by 1 - ratio",                     (3, 4, 5, 6),   0.3, number=230173394),
    dropout("the scale is not the ratio itself",                 (4, 7),         0.75, number=155490264),
    dropout("ratio of one half",                                 (2, 3, 5),      0.5, number=1191531687),
    dropout("nothing dropped",                                   (3, 5),         0.0, number=2116983665),
    dropout("one image",                                         (1, 4, 3, 2),   0.2, number=356916210),
    dropout("every image of a larger batch",                     (7, 3),         0.4, number=849839433),
    dropout("more than 64 columns",                              (3, 2, 70),     0.3, number=2766170271),
    dropout("more than 64 images",                               (259, 3),        0.6, number=3806922025),
    dropout("more than 256 places",                              (2, 3, 18, 17), 0.3, number=2124672808),
    dropout("one number of a million",                           (4, 1, 5),      0.3, draw=one_million, number=815685700),
    dropout("whole numbers give fractions",                      (3, 5),         0.3, draw=one_of(-9, -4, -1, 2, 3, 8), level="advice", refuse="told", number=1089633285),
    dropout("all sizes equal", (3, 3, 3, 3), 0.3, number=2407043563),
    dropout("everything dropped",                                (4, 3),         1.0, level="edge", number=1859963467),
]
TRAINED = dropout("training does not scale",                     (6, 5, 8, 7),   0.3, train=True, number=2747776195)
FLAT    = dropout("rows as well as images",                      (40, 36),       0.6, train=True, number=636192255)
WIDE    = dropout("the mask has the shape of x",                 (5, 6, 7, 8),   0.3, train=True, number=686544381)
NONE    = dropout("training with a ratio of zero",               (3, 4, 5),      0.0, train=True, number=758211036)
ALL     = dropout("training with a ratio of one",                (3, 4, 5),      1.0, train=True, level="edge", number=3257405968)
AGAIN   = dropout("a new mask for every forward",                (6, 5, 4, 3),   0.4, train=True, number=1343730311)
LATER   = dropout("inference does not use the mask of training", (4, 3, 5),      0.3, train=True, number=2450299347)
MANY    = dropout("as many are dropped as the ratio says",      (40, 30, 10, 8),  0.4, train=True, number=3498157013)
ZEROS   = dropout("numbers that are 0 are dropped, too",         (40, 30),       0.4, train=True, draw=many_zeros, number=805987789)
SMALL   = dropout("tiny numbers are kept",                       (6, 5, 4, 7),   0.3, train=True, draw=tiny, number=1700000031)
FEW     = dropout("a ratio near 0",  SIZE, RARE, train=True, level="edge", number=87)
MOST    = dropout("a ratio near 1",  SIZE, OFTEN, train=True, level="edge", number=88)
EACH    = dropout("each number by itself",  ROWS, 0.5, train=True, number=89)
LAST    = dropout("the last numbers, too",  ODD, 0.5, train=True, number=90)
DEFAULT = dropout("defaults",                                    (6, 7, 8, 5),   0.5, train=True, number=107579693)
STRATA = (  # the kinds of cases that hidden checks are drawn in
    "inference scales by 1 - ratio", "ratio of one half", "nothing dropped", "one image",
    "every image of a larger batch", "training does not scale",
    "rows as well as images",
)
# fmt: on


def drawn(pick: Callable[[int, int], int]) -> Case:
    """Draw a case; pick(low, high) picks an integer of low .. high."""
    axes, ratio = pick(2, 4), pick(0, 9) / 10
    return dropout("drawn", tuple(pick(1, 5) for _ in range(axes)), ratio)


def check_training_after(plan: Plan, trace: Trace) -> Problem | None:
    """Check that training drops after an inference, too; who still infers, or drops nothing any more, is recognized."""
    keep, stays = 1 - ratio_of(plan), "dropout.inference-stays"
    rule = name_inference(name_inference(check_share, lambda x: x, stays), lambda x: x * keep, stays)
    return rule(plan, trace)


# fmt: off
FORWARD, BACKWARD = ("forward",), ("backward",)
SHARE = Scenario("share-kept", "training: x or 0, and as many zeros as the ratio says", train,
                 parts=FORWARD, rule=check_share)
GRADIENT = Scenario("same-mask", "dout where forward kept, 0 elsewhere", train, parts=BACKWARD, rule=check_gradient)
ALONE = Scenario("each-place-alone", "training: every place is drawn alone", train,
                 parts=FORWARD, rule=check_independence)
SCENARIOS = (
    *((case, SHARE) for case in (TRAINED, FLAT, NONE, ALL, MANY, SMALL)),
    (TRAINED, in_fortran_order(check_share, check_gradient)),
    *((case, GRADIENT) for case in (TRAINED, FLAT, NONE, ALL)),
    *((case, ALONE) for case in (WIDE, FLAT)),
    *((case, share_of_few("dropout", name_share)) for case in (FEW, MOST)),
    (EACH, count_varies("dropout")),
    (LAST, each_in_turn("dropout")),
    (AGAIN, Scenario(WRITTEN_INTO, "out and dx can be written into, each by itself", written_into, "edge", "any",
                     parts=BACKWARD, rule=check_written_into)),
    (AGAIN, Scenario("drawn-anew", "every forward draws its mask", lambda c, p: train(c, p, 2),
                     parts=FORWARD, rule=check_new_mask)),
    (AGAIN, Scenario("mask-of-this-call", "backward uses the mask of the forward before it",
                     lambda c, p: train(c, p, 2), parts=BACKWARD, rule=check_gradient)),
    (ZEROS, Scenario("gradient-at-zeros", "dout where x is 0 and kept", train, parts=BACKWARD,
                     rule=check_gradient_at_zeros)),
    (TRAINED, Scenario("large-dout", "an upstream gradient of about 1e6", train_with_upstream(1e6), parts=BACKWARD,
                       rule=check_gradient)),
    (TRAINED, Scenario("tiny-dout", "an upstream gradient of about 1e-12", train_with_upstream(1e-12), parts=BACKWARD,
                       rule=check_gradient)),
    (AGAIN, Scenario("beside-another", "another layer used before backward", beside_another, parts=BACKWARD,
                     rule=check_beside)),
    (AGAIN, Scenario("after-another-batch-size", "a batch of another size before",
                     lambda c, p: forward_before(c, p, 2), parts=BACKWARD, rule=check_gradient)),
    (AGAIN, Scenario("forward-twice", "a forward without backward before", forward_before, parts=BACKWARD,
                     rule=check_last_mask)),
    (AGAIN, Scenario("backward-twice", "backward twice gives the same", backward_twice, refuse="may",
                     parts=BACKWARD, rule=check_same_twice)),
    (LATER, Scenario("then-inference", "then inference", train_then_infer,
                     parts=FORWARD, rule=check_inference_after)),
    (WIDE, Scenario("after-inference", "training after an inference", infer_then_train, parts=FORWARD,
                     rule=check_training_after)),
    (DEFAULT, Scenario("no-arguments", "ratio 0.5, training", no_arguments, level="advice",
                       parts=FORWARD,
                       rule=name_inference(check_share, lambda x: x * (1 - BY_DEFAULT), "dropout.infers-by-default"))),
    (AGAIN, Scenario("two-layers", "two layers draw their own masks: no seed is set", two_layers, level="advice",
                     parts=FORWARD, rule=check_new_mask)),
    (TRAINED, dout_kept(OP, train)),
)
# fmt: on
