"""SimpleConvNet: contract, cases, tolerance. It is driven by a network's scenarios, on real digits."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ...subject.protocol import EPS64, Answer, Op, Question
from .. import references
from ..mistakes.simple_conv_net import MISTAKES as MISTAKES
from ..mistakes.softmax_parts import freedom_of_guard
from ..network_scenarios import SCENARIOS as USES
from ..network_scenarios import TWO_NEW, after_others, beside_another, everything, initial_parameters, one_step
from ..strata import resizable
from ..tolerance import SAFETY, largest
from ..types import Case, Scenario, Shape
from .soft_targets import draw_probabilities, require_own_loss

FAR = 500.0  # scores whose own rounding shows in their shares
OP = Op(
    "simple_conv_net",
    "SimpleConvNet",
    "7.5",
    args=("x", "t"),
    make=("input_dim", "conv_param", "hidden_size", "output_size", "weight_init_std"),
    labels=("t",),
    diagnose_with="network",
)


@resizable
def net(
    why: str,
    n: int = 3,
    input_dim: Shape = (1, 14, 14),
    filters: int = 4,
    size: int = 5,
    pad: int = 0,
    stride: int = 1,
    hidden: int = 7,
    classes: int = 10,
    **more: Any,
) -> Case:
    """Make a case of a network of this size and n digits for it."""
    conv = {"filter_num": filters, "filter_size": size, "pad": pad, "stride": stride}
    params = {"input_dim": input_dim, "conv_param": conv, "hidden_size": hidden, "output_size": classes}
    return Case(OP, why, {"x": (n, *input_dim), "t": (n,)}, {**params, "weight_init_std": 0.01}, **more)


BOOK = net("the default network", 1, (1, 28, 28), 30, 5, 0, 1, 100, number=1491834503)
SMALL = net("a small network", 3, hidden=50, filters=12, number=159808781)
CASES: list[Case] = []  # a network is not called as a layer is
# fmt: off
ASKED = [
    # scenario             what it requires                                     n digits, the network
    ("predict",            net("every layer in its order",                      number=4093807244)),
    ("predict-pixels",     net("images of 0 to 255",                            filters=2, number=1084090413)),
    ("float64-kept",       net("every layer in its order",                      number=4093807244)),
    ("loss",               net("softmax is applied once",                       number=1084090412)),
    ("loss-one-hot",       net("one-hot labels",                                number=1365846256)),
    ("gradient-one-hot",   net("as many images as classes",                     10, number=423188751)),
    ("one-hot-floats",     net("one-hot labels in floating point",              2, filters=2, number=1365846257)),
    ("gradient",           net("every gradient under its own name",             number=837940602)),
    ("float32",            net("every gradient under its own name",             number=837940602)),
    ("gradient-pixels",    net("gradients of large numbers are not cut off",    filters=3, number=1084090417)),
    ("images-far-apart",   net("the loss of each image by its own scores",      filters=3, number=1084090418)),
    ("flat-images",        net("every number of a window is the largest",         3, filters=3, number=1700000133)),
    ("gradient-twice",     net("gradients start anew at every call",            number=1510342091)),
    ("gradients-stay",     net("gradients of one batch stay as they are",       filters=2, number=2602591007)),
    ("parameters-stay",    net("gradient leaves the parameters alone",          number=1110798002)),
    ("parameters-changed", net("parameters are used as they stand in params",   number=2367012511)),
    ("used-in-turn",       net("one network through a training run",            4, filters=3, number=2367012512)),
    ("gradient",           net("three channels",                                input_dim=(3, 12, 12), filters=2, size=3, number=3598264788)),
    ("gradient",           net("padding",                                       filters=3, size=3, pad=1, number=778073265)),
    ("gradient",           net("stride",                                        4, filters=3, size=4, stride=2, number=922873860)),
    ("gradient",           net("one image",                                     1, number=830736844)),
    ("gradient",           net("one filter",                                    filters=1, number=868283744)),
    ("gradient",           net("all sizes equal",                               4, (4, 4, 4), 4, 3, 1, hidden=4, classes=4, number=1700000001)),
    ("gradient",           net("stride and padding",                            2, (2, 11, 11), 3, 3, 1, 2, hidden=6, number=1700000002)),
    ("loss",               net("few classes",                                   classes=3, hidden=5, number=3354582682)),
    ("training",           net("small steps of training",                       8, number=2541504690)),
    ("accuracy",           net("accuracy of whole batches",                     200, (1, 6, 6), 3, 3, number=170659816)),
    ("accuracy-one-hot",   net("accuracy for one-hot labels",                   100, (1, 8, 8), 3, 3, number=2090311578)),
    ("accuracy-many-classes", net("accuracy for more than 256 classes",         100, (1, 8, 8), 3, 3, classes=300, number=170659817)),
    ("loss-many-classes",  net("loss for more than 256 classes",                4, (1, 8, 8), 3, 3, classes=300, number=170659818)),
    ("made-twice",         net("a second network of the same arguments",        2, filters=3, size=6, pad=1, stride=2, number=3307614420)),
    ("gradient",           net("more than 64 images",                            66, (1, 8, 8), 3, 3, hidden=70, number=4095716939)),
    ("accuracy",           net("accuracy counts the last partial batch",        230, (1, 8, 8), 3, 3, level="edge", number=2708041468)),
    ("gradient",           net("images that are not square",                    input_dim=(1, 14, 12), level="edge", refuse="may", number=583605829)),
    ("gradient",           net("an odd size before pooling",                    input_dim=(1, 13, 13), size=3, filters=3, level="edge", refuse="may", number=3460971024)),
]
STRATA = (  # the kinds of cases that hidden checks are drawn in
    "every gradient under its own name", "three channels", "padding", "stride", "one image", "one filter",
    "few classes", "images that are not square",
)
# fmt: on
SCENARIOS = [(BOOK, initial_parameters(BOOK, 0.01, default=True)), (SMALL, initial_parameters(SMALL, 0.3))]
SCENARIOS += [(case, USES[name]) for name, case in ASKED]
BESIDE = net("two networks at the same time", 4, filters=3, number=1740023391)
PARTNER = net("the other network", 2, (3, 12, 12), 2, 3, 1, hidden=5, classes=6, number=925133840)
SCENARIOS += [
    (
        BESIDE,
        Scenario(
            "beside-another",
            "another network of other sizes",
            beside_another(PARTNER),
            parts=("result",),
            partners=(PARTNER,),
        ),
    ),
    (SMALL, TWO_NEW),
    (SMALL, after_others(BOOK)),
]

GENERATED = USES["everything"]
LARGE = net("a backward of its own time", 2, (1, 20, 20), 8, 5, hidden=40)
LARGE_USE = USES["everything"]
USUAL = tuple(
    USES[name] for name in ("loss-one-hot", "gradient-twice", "parameters-stay", "parameters-changed", "training")
)


def drawn(pick: Callable[[int, int], int]) -> Case:
    """Draw a network of square images with an even size before the pooling: other sizes are edge cases."""
    n, channels, filters, size, stride = pick(1, 4), pick(1, 2), pick(1, 4), pick(3, 5), pick(1, 2)
    pad, pooled = pick(0, (size - 1) // 2), pick(1, 4)
    side = (2 * pooled - 1) * stride + size - 2 * pad
    return net("drawn", n, (channels, side, side), filters, size, pad, stride, pick(1, 7), pick(2, 10))


def sizes_of(q: Question) -> Answer:
    """Return how large the numbers are that each answer is summed from: the answer with every number made positive."""
    positive = {k: np.abs(a) for k, a in q.arrays.items() if k not in q.op.labels}
    return references.ask(q.but(**positive, dout=np.full((len(q["x"]), q["output_size"]), 1 / len(q["x"]))))


def allowed(q: Question, want: Answer, eps: float) -> Answer:
    """Allow 1e-9 (in float32 2e-5) of the largest value, and 2 eps of the numbers that it is summed from.

    Measured on these cases: float32 inside uses at most a tenth of the first, float16 inside far more than it. The
    second counts where large numbers cancel: their size is the answer with every number made positive. The loss may
    have 1e-7 added inside its log, which shows where a class is hopeless. Where scores are large, their own rounding
    makes every share wrong by as much.
    """
    share = 1e-9 if eps == EPS64 else 2e-5
    sizes: Answer = {}
    if "rate" not in q.params and len(q["x"]):
        sizes = sizes_of(q)
        sizes["loss"] = sizes["out"]
    made_of = {k: 2 * eps * largest(sizes[k]) if k in sizes else 0.0 for k in want}
    if "loss" in want:  # what is added inside the log, as in SoftmaxWithLoss
        made_of["loss"] += freedom_of_guard(q, want["out"])[1]
    rounded = SAFETY * eps * largest(want["out"]) if sizes else 0.0
    if rounded > SAFETY * eps * FAR:  # shares add up to 1, so that what all classes have alike in W3 cancels
        apart = sizes_of(q.but(W3=q["W3"] - q["W3"].mean(axis=1, keepdims=True)))
        made_of |= {k: made_of[k] + rounded * largest(apart[k]) for k in want if k in apart and k[0] == "d"}
    return {k: np.full(a.shape, share * np.abs(a).max(initial=0) + made_of[k]) for k, a in want.items()}


def with_probabilities(q: Question) -> Question:
    """Give probabilities in place of labels."""
    rng = np.random.default_rng(len(q["x"]))
    return q.but(t=draw_probabilities(rng, (len(q["x"]), q["output_size"])))


SOFT = net("probabilities as t", 4, filters=2, hidden=5, classes=5, number=1700000202)
OWN_LOSS = require_own_loss(
    "loss",
    "net.gradient-by-argmax",
    lambda q: references.ask(q)["out"],
    lambda q, d: references.ask(q.but(dout=d)),
    allowed,
)
SCENARIOS.append(
    (
        SOFT,
        Scenario(
            "its-own-loss",
            "the gradients belong to the loss",
            one_step(everything, change=with_probabilities),
            "edge",
            "told",
            parts=("result",),
            rule=OWN_LOSS,
        ),
    )
)
