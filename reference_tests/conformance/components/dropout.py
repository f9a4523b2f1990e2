"""Dropout as in the book (training drops, inference scales): all that is known of it.

Inference has one right answer and is compared; training is judged by structure and by counts (dropout_rules.py).
"""

import numpy as np

from ...subject.protocol import Op
from ..mistakes.dropout import MISTAKES as MISTAKES
from ..types import Case, Scenario
from .dropout_rules import allowed as allowed
from .dropout_rules import (
    anew,
    dout_kept,
    gradient,
    gradient_twice,
    inference_after,
    inference_mask,
    no_arguments,
    repeats,
    same_twice,
    share,
    train_then_infer,
    training,
    two_layers,
)

OP = Op(
    "dropout",
    "Dropout",
    "6.4.3",
    args=("x", "train_flg"),
    make=("dropout_ratio",),
    named=("train_flg",),
    may_write=("dout",),
)


def away_from_zero(rng, name, shape):
    """No 0 among the numbers, so that a 0 in the output is a dropped place."""
    x = rng.standard_normal(shape)
    return x + np.copysign(0.25, x)


def whole(rng, name, shape):
    return rng.choice([-9, -4, -1, 2, 3, 8], shape)


def dropout(why, x, ratio, train=False, draw=away_from_zero, **more):
    rule = None if train else inference_mask
    return Case(OP, why, {"x": x}, {"dropout_ratio": ratio, "train_flg": train}, draw=draw, rule=rule, **more)


# fmt: off
CASES = [  # inference
    #       the mistake it catches              x               ratio
    dropout("inference not scaled",             (3, 4, 5, 6),   0.3),
    dropout("scaled by the ratio",              (4, 7),         0.75),
    dropout("ratio of one half",                (2, 3, 5),      0.5),
    dropout("nothing dropped",                  (3, 5),         0.0),
    dropout("one image",                        (1, 4, 3, 2),   0.2),
    dropout("batch worked in pieces of four",   (7, 3),         0.4),
    dropout("whole numbers cut off",            (3, 5),         0.3, draw=whole, refuse="may"),
    dropout("everything dropped",               (4, 3),         1.0, level="edge"),
]
TRAINED = dropout("scaled in training",         (6, 5, 8, 7),   0.3, train=True)
FLAT    = dropout("only images are taken",      (40, 36),       0.6, train=True)
WIDE    = dropout("mask of another shape",      (5, 6, 7, 8),   0.3, train=True)
NONE    = dropout("ratio of nothing",           (3, 4, 5),      0.0, train=True)
ALL     = dropout("ratio of everything",        (3, 4, 5),      1.0, train=True, level="edge")
AGAIN   = dropout("mask kept",                  (6, 5, 4, 3),   0.4, train=True)
LATER   = dropout("mask of training left",      (4, 3, 5),      0.3, train=True)
DEFAULT = dropout("defaults",                   (6, 7, 8, 5),   0.5, train=True)
# fmt: on


def drawn(pick):
    axes, ratio = pick(2, 4), pick(0, 9) / 10
    return dropout("drawn", tuple(pick(1, 5) for _ in range(axes)), ratio)


FORWARD, BACKWARD = ("forward",), ("backward",)
SHARE = Scenario(
    "share-kept", "training: x or 0, and as many zeros as the ratio says", training, parts=FORWARD, rule=share
)
GRADIENT = Scenario("same-mask", "dout where forward kept, 0 elsewhere", training, parts=BACKWARD, rule=gradient)
SCENARIOS = (
    (TRAINED, SHARE),
    (FLAT, SHARE),
    (NONE, SHARE),
    (ALL, SHARE),
    (TRAINED, GRADIENT),
    (FLAT, GRADIENT),
    (NONE, GRADIENT),
    (ALL, GRADIENT),
    (WIDE, Scenario("each-place-alone", "training: every place is drawn alone", training, parts=FORWARD, rule=repeats)),
    (FLAT, Scenario("each-place-alone", "training: every place is drawn alone", training, parts=FORWARD, rule=repeats)),
    (
        AGAIN,
        Scenario(
            "drawn-anew", "every forward draws its mask", lambda c, p: training(c, p, 2), parts=FORWARD, rule=anew
        ),
    ),
    (
        AGAIN,
        Scenario(
            "mask-of-this-call",
            "backward uses the mask of the forward before it",
            lambda c, p: training(c, p, 2),
            parts=BACKWARD,
            rule=gradient,
        ),
    ),
    (
        AGAIN,
        Scenario("backward-twice", "backward twice gives the same", gradient_twice, parts=BACKWARD, rule=same_twice),
    ),
    (
        LATER,
        Scenario("then-inference", "then inference", train_then_infer, parts=FORWARD, rule=inference_after),
    ),
    (DEFAULT, Scenario("no-arguments", "ratio 0.5, training", no_arguments, level="advice", parts=FORWARD, rule=share)),
    (
        AGAIN,
        Scenario(
            "two-layers",
            "two layers draw their own masks: no seed is set",
            two_layers,
            level="advice",
            parts=FORWARD,
            rule=anew,
        ),
    ),
    (
        TRAINED,
        Scenario(
            "dout-kept",
            "backward leaves the caller's dout as it was",
            training,
            level="advice",
            parts=BACKWARD,
            rule=dout_kept,
        ),
    ),
)
