"""Depthwise convolution: contract, cases, tolerance. Every channel has filters of its own."""

from collections.abc import Callable
from typing import Any

from ...subject.protocol import Answer, Op, Question
from ..inputs import fitting, pixels, tiny, whole
from ..mistakes.depthwise_convolution import MISTAKES as MISTAKES
from ..tolerance import products
from ..types import Case, Shape

OP = Op(
    "depthwise_convolution",
    "DepthwiseConvolution",
    "MobileNets, 3.1",
    args=("x",),
    make=("W", "b", "stride", "pad"),
    grads={"dx": "backward()", "dW": "dW", "db": "db"},
)


def conv(why: str, x: Shape, W: Shape, stride: int = 1, pad: int = 0, **more: Any) -> Case:
    """Make a case of the shapes of x and W."""
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
    """Bound sums of products: a window and b in out, the filters over a place in dx, all places in dW and db."""
    fn, _, fh, fw = q["W"].shape
    n, _, oh, ow = want["out"].shape
    terms = max(n * oh * ow, 1)
    return products(q, {"out": fh * fw + 1, "dx": fn // q["x"].shape[1] * fh * fw, "dW": terms, "db": terms}, eps)


def drawn(pick: Callable[[int, int], int]) -> Case:
    """Draw a case; pick(low, high) picks an integer of low .. high."""
    g = fitting(pick)
    x, W = (g["N"], g["C"], g["H"], g["W"]), (g["C"] * pick(1, 3), 1, g["FH"], g["FW"])
    return conv("drawn", x, W, g["stride"], g["pad"])
