"""Transposed convolution: the known mistakes, each a change of what a reference answers."""

import numpy as np

from ...subject.protocol import Answer, Question
from ..references import loops
from ..types import Mistake
from .changes import Ask, alter, ask_with
from .filters import list_filter_mistakes
from .windows import FOUR_SIDES


def read_as_convolution(q: Question) -> np.ndarray:
    """Read W as (FN, C, FH, FW)."""
    c, fn, fh, fw = q["W"].shape
    return np.asarray(q["W"].reshape(fn, c, fh, fw).swapaxes(0, 1))


def overwrite(ask: Ask, q: Question) -> Answer:
    """Let the last of overlapping windows stay."""
    (n, _, h, w), (_, fn, fh, fw), s = q["x"].shape, q["W"].shape, q["stride"]
    wide = np.zeros((n, fn, (h - 1) * s + fh, (w - 1) * s + fw))
    for i, j in np.ndindex(h, w):
        wide[:, :, i * s : i * s + fh, j * s : j * s + fw] = np.einsum("nc,cfyx->nfyx", q["x"][:, :, i, j], q["W"])
    return {"out": loops.crop(wide, q["pad"]) + q["b"][:, None, None]}


def convolve(ask: Ask, q: Question) -> Answer:
    """Convolve with W, its channels and filters swapped."""
    return {"out": loops.convolution(q.but(W=q["W"].swapaxes(0, 1), dout=None))["out"]}


# fmt: off
MISTAKES = [
    Mistake("deconv.is-convolution", "it is a convolution: the image shrinks", convolve,
            "each pixel lays its filter down, times itself: the image grows"),
    Mistake("deconv.overlaps-overwritten", "where windows overlap, the last one stays", overwrite, "add them up"),
    Mistake("deconv.W-as-convolution", "W is read as (FN, C, FH, FW)", ask_with(W=read_as_convolution),
            "the channels are W's first axis here, the filters its second"),
    Mistake("deconv.pad-ignored", "the padding is ignored: nothing is cut off", ask_with(pad=lambda q: 0),
            "cut pad pixels off on every side"),
    Mistake("deconv.pad-one-side", "2 * pad pixels are cut off below and to the right, none above and to the left",
            lambda ask, q: {"out": ask(q.but(pad=0, dout=None))["out"][:, :, : -2 * q["pad"], : -2 * q["pad"]]}
            if q["pad"] else None, FOUR_SIDES),
    Mistake("deconv.stride-ignored", "the stride is ignored", ask_with(stride=lambda q: 1),
            "pixel (i, j) lays its filter down at i * stride and j * stride"),
    Mistake("deconv.stride-pad-swapped", "stride and pad are swapped",
            ask_with(stride=lambda q: q["pad"], pad=lambda q: q["stride"]), "stride comes before pad"),
    Mistake("deconv.bias-before-cut", "b is added to each pixel's share, not once",
            alter(out=lambda a, q: a["out"] + (q["x"].shape[1] - 1) * q["b"][:, None, None]), "add b once"),
    *list_filter_mistakes("deconv"),
]
# fmt: on
