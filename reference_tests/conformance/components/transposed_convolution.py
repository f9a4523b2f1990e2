"""Transposed convolution ("deconvolution"): all that is known of it."""

from collections.abc import Callable

import numpy as np

from ...subject.protocol import Answer, Op, Question
from ..inputs import pixels, tiny, whole
from ..mistakes.changes import Ask, after, given
from ..mistakes.filters import of_filters
from ..mistakes.windows import FOUR_SIDES
from ..references import loops
from ..tolerance import products
from ..types import Case, Mistake

OP = Op(
    "transposed_convolution",
    "TransposedConvolution",
    "Dumoulin, Visin, 4",
    args=("x",),
    make=("W", "b", "stride", "pad"),
    grads={"dx": "backward()", "dW": "dW", "db": "db"},
)
Shape = tuple[int, ...]


def deconv(why: str, x: Shape, W: Shape, stride: int = 1, pad: int = 0, **more) -> Case:
    return Case(OP, why, {"x": x, "W": W, "b": W[1:2]}, {"stride": stride, "pad": pad}, **more)


# fmt: off
CASES = [
    #      the mistake it catches               x (N,C,H,W)     W (C,FN,FH,FW)
    deconv("W flipped",                         (2, 3, 4, 5),   (3, 4, 3, 2)),
    deconv("rows and columns swapped",          (2, 3, 5, 3),   (3, 2, 1, 4)),
    deconv("square image and window",           (3, 2, 4, 4),   (2, 5, 3, 3)),
    deconv("stride between the windows",        (2, 3, 4, 3),   (3, 2, 3, 2), stride=2),
    deconv("windows leave gaps",                (2, 2, 3, 4),   (2, 3, 1, 2), stride=3),
    deconv("padding cuts the edge off",         (2, 3, 5, 4),   (3, 2, 4, 3), pad=1),
    deconv("stride and padding swapped",        (2, 3, 4, 3),   (3, 2, 3, 4), stride=2, pad=1),
    deconv("as many filters as channels",       (2, 3, 4, 5),   (3, 3, 2, 3)),
    deconv("one channel",                       (2, 1, 4, 3),   (1, 3, 2, 2)),
    deconv("one filter",                        (2, 3, 3, 4),   (3, 1, 3, 2)),
    deconv("one pixel",                         (3, 2, 1, 1),   (2, 4, 3, 2)),
    deconv("batch worked in pieces of four",    (7, 2, 2, 3),   (2, 3, 2, 1)),
    deconv("images of 0 to 255",                (2, 3, 4, 3),   (3, 2, 2, 3), draw=pixels),
    deconv("numbers of a ten thousandth",       (2, 3, 3, 4),   (3, 2, 3, 2), draw=tiny),
    deconv("integer images",                    (2, 3, 4, 3),   (3, 2, 2, 1), draw=whole, refuse="may"),
    deconv("one image",                         (1, 3, 4, 5),   (3, 4, 3, 2), level="edge"),
]
# fmt: on


def allowed(q: Question, want: Answer, eps: float) -> Answer:
    c, fn, fh, fw = q["W"].shape
    n, _, h, w = q["x"].shape
    places = max(n * want["out"].shape[2] * want["out"].shape[3], 1)
    return products(q, {"out": c * fh * fw + 1, "dx": fn * fh * fw, "dW": max(n * h * w, 1), "db": places}, eps)


def drawn(pick: Callable[[int, int], int]) -> Case:
    n, c, h, w = (pick(1, high) for high in (4, 3, 4, 4))
    fn, fh, fw, stride = pick(1, 3), pick(1, 4), pick(1, 4), pick(1, 3)
    fewest = min((h - 1) * stride + fh, (w - 1) * stride + fw)
    return deconv("drawn", (n, c, h, w), (c, fn, fh, fw), stride, pick(0, min(2, (fewest - 1) // 2)))


def read_as_convolution(q: Question) -> np.ndarray:
    """W read as (FN, C, FH, FW)."""
    c, fn, fh, fw = q["W"].shape
    return q["W"].reshape(fn, c, fh, fw).swapaxes(0, 1)


def overwritten(ask: Ask, q: Question) -> Answer:
    """Where windows overlap the last one written stays."""
    (n, _, h, w), (_, fn, fh, fw), s = q["x"].shape, q["W"].shape, q["stride"]
    wide = np.zeros((n, fn, (h - 1) * s + fh, (w - 1) * s + fw))
    for i, j in np.ndindex(h, w):
        wide[:, :, i * s : i * s + fh, j * s : j * s + fw] = np.einsum("nc,cfyx->nfyx", q["x"][:, :, i, j], q["W"])
    return {"out": loops.crop(wide, q["pad"]) + q["b"][:, None, None]}


def plain_convolution(ask: Ask, q: Question) -> Answer | None:
    """A convolution with W, its channels and filters swapped."""
    q2 = q.but(W=q["W"].swapaxes(0, 1), dout=None)
    return {"out": loops.convolution(q2)["out"]}


# fmt: off
MISTAKES = [
    Mistake("deconv.is-convolution", "it is a convolution: the image shrinks", plain_convolution,
            "each pixel lays its filter down, times itself: the image grows"),
    Mistake("deconv.overlaps-overwritten", "where windows overlap, the last one stays", overwritten, "add them up"),
    Mistake("deconv.W-as-convolution", "W is read as (FN, C, FH, FW)", given(W=read_as_convolution),
            "the channels are W's first axis here, the filters its second"),
    Mistake("deconv.pad-ignored", "the padding is ignored: nothing is cut off", given(pad=lambda q: 0),
            "cut pad pixels off on every side"),
    Mistake("deconv.pad-one-side", "2 * pad pixels are cut off below and to the right, none above and to the left",
            lambda ask, q: {"out": ask(q.but(pad=0, dout=None))["out"][:, :, : -2 * q["pad"], : -2 * q["pad"]]}
            if q["pad"] else None, FOUR_SIDES),
    Mistake("deconv.stride-ignored", "the stride is ignored", given(stride=lambda q: 1),
            "pixel (i, j) lays its filter down at i * stride and j * stride"),
    Mistake("deconv.stride-pad-swapped", "stride and pad are swapped",
            given(stride=lambda q: q["pad"], pad=lambda q: q["stride"]), "stride comes before pad"),
    Mistake("deconv.bias-before-cut", "b is added to each pixel's share, not once",
            after(out=lambda a, q: a["out"] + (q["x"].shape[1] - 1) * q["b"][:, None, None]), "add b once"),
    *of_filters("deconv"),
]
# fmt: on
