"""Depthwise convolution (every channel has filters of its own): all that is known of it."""

from collections.abc import Callable

import numpy as np

from ...subject.protocol import Answer, Op, Question
from ..inputs import fitting, pixels, tiny, whole
from ..mistakes.changes import Ask, given
from ..mistakes.filters import of_filters
from ..mistakes.windows import of_windows
from ..tolerance import products
from ..types import Case, Mistake

OP = Op(
    "depthwise_convolution",
    "DepthwiseConvolution",
    "MobileNets, 3.1",
    args=("x",),
    make=("W", "b", "stride", "pad"),
    grads={"dx": "backward()", "dW": "dW", "db": "db"},
)
Shape = tuple[int, ...]


def conv(why: str, x: Shape, W: Shape, stride: int = 1, pad: int = 0, **more) -> Case:
    return Case(OP, why, {"x": x, "W": W, "b": W[:1]}, {"stride": stride, "pad": pad}, **more)


# fmt: off
CASES = [
    #    the mistake it catches                 x (N,C,H,W)     W (C*M,1,FH,FW)
    conv("channels mixed",                      (2, 4, 5, 6),   (4, 1, 2, 3)),
    conv("several filters a channel",           (2, 3, 5, 4),   (6, 1, 3, 2)),
    conv("square image",                        (3, 2, 4, 4),   (2, 1, 3, 3)),
    conv("one channel",                         (2, 1, 5, 4),   (3, 1, 2, 3)),
    conv("as many channels as images",          (3, 3, 4, 5),   (3, 1, 2, 1)),
    conv("stride forgotten",                    (2, 3, 7, 5),   (3, 1, 3, 1), stride=2),
    conv("padding cut off in backward",         (2, 3, 5, 4),   (3, 1, 4, 3), pad=1),
    conv("stride and padding swapped",          (2, 3, 7, 5),   (6, 1, 3, 5), stride=2, pad=1),
    conv("batch worked in pieces of four",      (7, 2, 3, 4),   (2, 1, 2, 1)),
    conv("images of 0 to 255",                  (2, 3, 4, 5),   (3, 1, 2, 3), draw=pixels),
    conv("numbers of a ten thousandth",         (2, 3, 3, 4),   (6, 1, 3, 2), draw=tiny),
    conv("integer images",                      (2, 3, 5, 4),   (3, 1, 2, 1), draw=whole, refuse="may"),
    conv("a size that does not divide",         (2, 3, 8, 6),   (3, 1, 3, 3), stride=2, level="edge", refuse="may"),
    conv("one image",                           (1, 4, 5, 6),   (4, 1, 2, 3), level="edge"),
]
# fmt: on


def allowed(q: Question, want: Answer, eps: float) -> Answer:
    fn, _, fh, fw = q["W"].shape
    n, _, oh, ow = want["out"].shape
    terms = max(n * oh * ow, 1)
    return products(q, {"out": fh * fw + 1, "dx": fn // q["x"].shape[1] * fh * fw, "dW": terms, "db": terms}, eps)


def drawn(pick: Callable[[int, int], int]) -> Case:
    g = fitting(pick)
    x, W = (g["N"], g["C"], g["H"], g["W"]), (g["C"] * pick(1, 3), 1, g["FH"], g["FW"])
    return conv("drawn", x, W, g["stride"], g["pad"])


def interleaved(ask: Ask, q: Question) -> Answer:
    """Filter f sees channel f % C: the filters sorted by that, and the answers put back in their order."""
    order = np.arange(len(q["W"])).reshape(-1, q["x"].shape[1]).T.ravel()
    dout = None if q.dout is None else q.dout[:, order]
    found, back = ask(q.but(W=q["W"][order], b=q["b"][order], dout=dout)), np.argsort(order)
    return {k: a if k == "dx" else a[:, back] if k == "out" else a[back] for k, a in found.items()}


# fmt: off
MISTAKES = [
    Mistake("depthwise.channels-summed", "every filter sees the sum of all channels",
            given(x=lambda q: np.broadcast_to(q["x"].sum(1, keepdims=True), q["x"].shape)),
            "filter f sees one channel"),
    Mistake("depthwise.first-channel-only", "every filter sees the first channel",
            given(x=lambda q: np.broadcast_to(q["x"][:, :1], q["x"].shape)), "filter f sees channel f // M"),
    Mistake("depthwise.filters-interleaved", "filter f sees channel f % C, not f // M", interleaved,
            "the first M filters belong to the first channel"),
    *of_filters("depthwise"),
    *of_windows("depthwise", pooling=False),
]
# fmt: on
