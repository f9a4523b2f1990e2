"""Global average pooling: the known mistakes, each a change of what a reference answers."""

from collections.abc import Callable

import numpy as np

from ...subject.protocol import Answer, Question
from ..types import Mistake
from .changes import Ask, after, of_shape


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
