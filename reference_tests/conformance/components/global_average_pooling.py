"""Global average pooling: all that is known of it."""

from collections.abc import Callable

import numpy as np

from ...subject.protocol import Answer, Op, Question
from ..inputs import pixels, tiny, whole
from ..mistakes.changes import Ask, after, of_shape
from ..tolerance import products
from ..types import Case, Mistake

OP = Op("global_average_pooling", "GlobalAveragePooling", "NIN, 3.2", args=("x",), make=(), grads={"dx": "backward()"})


def pool(why: str, x: tuple[int, ...], **more) -> Case:
    return Case(OP, why, {"x": x}, **more)


# fmt: off
CASES = [
    #    the mistake it catches             x (N,C,H,W)
    pool("mean over the wrong axes",        (2, 3, 4, 5)),
    pool("divided by one side",             (3, 2, 5, 4)),
    pool("square image",                    (2, 4, 3, 3)),
    pool("as many channels as images",      (3, 3, 2, 4)),
    pool("one pixel",                       (2, 5, 1, 1)),
    pool("one channel",                     (4, 1, 3, 2)),
    pool("batch worked in pieces of four",  (7, 2, 2, 3)),
    pool("images of 0 to 255",              (2, 3, 5, 4), draw=pixels),
    pool("numbers of a ten thousandth",     (2, 3, 4, 3), draw=tiny),
    pool("whole numbers cut off",           (2, 3, 4, 5), draw=whole, refuse="may"),
    pool("one image",                       (1, 4, 3, 5), level="edge"),
]
# fmt: on


def allowed(q: Question, want: Answer, eps: float) -> Answer:
    return products(q, {"out": q["x"][0, 0].size + 1 if q["x"].size else 1, "dx": 1}, eps)


def drawn(pick: Callable[[int, int], int]) -> Case:
    return pool("drawn", (pick(1, 5), pick(1, 4), pick(1, 6), pick(1, 6)))


def scaled(by: Callable[[Question], float], *names: str) -> Callable[[Ask, Question], Answer]:
    return lambda ask, q: {k: a * by(q) if k in names else a for k, a in ask(q).items()}


def area(q: Question) -> int:
    return q["x"].shape[2] * q["x"].shape[3]


def largest(ask: Ask, q: Question) -> Answer:
    return {"out": q["x"].max(axis=(2, 3))}


MEAN = "add up each channel's H * W numbers and divide by H * W"
SHARE = "every place of channel c gets dout[n, c] / (H * W)"
BOTH = ("out", "dx")
# fmt: off
MISTAKES = [
    of_shape("gap")[0],  # squeezed
    Mistake("gap.sum", "the channel is added up, not divided", scaled(area, *BOTH), MEAN),
    Mistake("gap.max", "the largest number of the channel, not the mean", largest, MEAN),
    Mistake("gap.by-height", "it divides by the height only", scaled(lambda q: q["x"].shape[3], *BOTH), MEAN),
    Mistake("gap.by-width", "it divides by the width only", scaled(lambda q: q["x"].shape[2], *BOTH), MEAN),
    Mistake("gap.channels-too", "it divides by the number of channels too",
            scaled(lambda q: 1 / q["x"].shape[1], *BOTH), "each channel is averaged by itself"),
    Mistake("gap.axes-kept", "the output keeps two axes of length 1",
            after(out=lambda a, q: a["out"][:, :, None, None]), "the output is (N, C)"),
    Mistake("gap.over-channels", "the mean is taken over the channels and rows, not over rows and columns",
            lambda ask, q: {"out": q["x"].mean(axis=(1, 2))}, MEAN),
    Mistake("gap.dx-not-divided", "every place gets the whole dout", scaled(area, "dx"), SHARE),
    Mistake("gap.dx-averaged", "dx is divided by the number of images", scaled(lambda q: 1 / len(q["x"]), "dx"),
            "the loss already holds the average over the batch"),
    Mistake("gap.dx-one-place", "dout goes to the first place of each channel",
            after(dx=lambda a, q: a["dx"] * area(q) * (np.arange(area(q)) == 0).reshape(q["x"].shape[2:])), SHARE),
]
# fmt: on
