"""Global max pooling: the known mistakes, each a change of what a reference answers."""

from collections.abc import Callable

import numpy as np

from ...subject.protocol import Answer, Question
from ..types import Mistake
from .changes import Ask, WrongAnswer, alter, dout_of, list_shape_mistakes
from .windows import compare_sizes, take_smallest


def give_to(place: Callable[[np.ndarray], np.ndarray]) -> WrongAnswer:
    """Give dout to another place of each channel: place(rows of H*W numbers) -> their indices."""

    def answer(ask: Ask, q: Question) -> Answer:
        rows = q["x"].reshape(*q["x"].shape[:2], -1)
        dx = (np.arange(rows.shape[2]) == place(rows)[..., None]) * dout_of(q)[..., None]
        return {**ask(q), "dx": dx.reshape(q["x"].shape)}

    return answer


LARGEST = "take the largest of each channel's H * W numbers"
PLACE = "remember where each channel's largest number stood"
# fmt: off
MISTAKES = [
    list_shape_mistakes("gmp")[0],  # squeezed
    Mistake("gmp.min", "the smallest number of each channel", take_smallest, LARGEST),
    Mistake("gmp.mean", "the mean of each channel", lambda ask, q: {"out": q["x"].mean(axis=(2, 3))}, LARGEST),
    Mistake("gmp.absolute", "sizes without their sign are compared", compare_sizes, LARGEST),
    Mistake("gmp.starts-at-zero", "the largest is sought from 0 upwards: negative numbers are lost",
            alter(out=lambda a, q: np.maximum(a["out"], 0)), LARGEST),
    Mistake("gmp.over-channels", "the largest is sought over the channels and rows, not over rows and columns",
            lambda ask, q: {"out": q["x"].max(axis=(1, 2))}, LARGEST),
    Mistake("gmp.axes-kept", "the output keeps two axes of length 1",
            alter(out=lambda a, q: a["out"][:, :, None, None]), "the output is (N, C)"),
    Mistake("gmp.dx-spread", "dout is spread evenly, as in average pooling",
            alter(dx=lambda a, q: np.broadcast_to(a["dx"].mean((2, 3), keepdims=True), a["dx"].shape)), PLACE),
    Mistake("gmp.dx-everywhere", "every place gets the whole dout",
            alter(dx=lambda a, q: np.broadcast_to(a["dx"].sum((2, 3), keepdims=True), a["dx"].shape)), PLACE),
    Mistake("gmp.dx-first-place", "dout goes to the first place of each channel",
            give_to(lambda rows: np.zeros(rows.shape[:2])), PLACE),
    Mistake("gmp.dx-smallest", "dout goes to the smallest number's place", give_to(lambda rows: rows.argmin(2)), PLACE),
    Mistake("gmp.dx-averaged", "dx is divided by the number of images", alter(dx=lambda a, q: a["dx"] / len(q["x"])),
            "the loss already holds the average over the batch"),
]
# fmt: on
