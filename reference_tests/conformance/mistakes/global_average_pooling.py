"""Global average pooling: the known mistakes, each a change of what a reference answers."""

from collections.abc import Callable

import numpy as np

from ...subject.protocol import Answer, Question
from ..types import Mistake
from .backward import list_relu_mistakes
from .changes import Ask, WrongAnswer, alter, list_shape_mistakes
from .filters import list_reshaped_images
from .foldings import list_folded_means
from .left_out import list_left_images
from .small_integers import list_small_counts


def multiply(by: Callable[[Question], float], *names: str) -> WrongAnswer:
    """Multiply the named answers by a number."""
    return lambda ask, q: {k: a * by(q) if k in names else a for k, a in ask(q).items()}


def plane_area(q: Question) -> int:
    """Return H * W."""
    return int(q["x"].shape[2] * q["x"].shape[3])


def take_largest(ask: Ask, q: Question) -> Answer:
    """Take each channel's largest number."""
    return {"out": q["x"].max(axis=(2, 3))}


def take_mean(*axes: int) -> WrongAnswer:
    """Take the mean over other axes, which are lost."""
    return lambda ask, q: {"out": q["x"].mean(axis=axes)}


def take_one_mean(*axes: int) -> WrongAnswer:
    """Take the mean over other axes, and give it to every place of the output (N, C)."""
    return lambda ask, q: {"out": np.broadcast_to(q["x"].mean(axis=axes, keepdims=True)[..., 0, 0], q["x"].shape[:2])}


def cut_dx(kept: tuple[slice | int, ...]) -> WrongAnswer:
    """Keep a part of dx."""
    return alter(dx=lambda a, q: a["dx"][kept])


def divide_by(other: Callable[[Question], float], *names: str) -> WrongAnswer:
    """Divide the named answers by another number than H * W."""
    return multiply(lambda q: plane_area(q) / other(q), *names)


def sum_in_byte(ask: Ask, q: Question) -> Answer:
    """Add each channel up in a byte, then divide."""
    x = q["x"]
    if not np.array_equal(x, np.rint(x)) or x.min() < 0 or x.max() > 255:  # no bytes
        return ask(q)
    return {"out": x.sum((2, 3)) % 256 / plane_area(q)}


DIVISORS: tuple[tuple[str, str, Callable[[Question], float]], ...] = (
    ("by-square", "H * H", lambda q: q["x"].shape[2] ** 2),
    ("by-square", "W * W", lambda q: q["x"].shape[3] ** 2),
    ("by-sides", "H + W", lambda q: sum(q["x"].shape[2:])),
    ("by-images-too", "N * H * W", lambda q: len(q["x"]) * plane_area(q)),
    ("one-less", "H * W - 1", lambda q: plane_area(q) - 1 or 1),
)
MEAN = "add up each channel's H * W numbers and divide by H * W"
SHARE = "every place of channel c gets dout[n, c] / (H * W)"
BOTH = ("out", "dx")
# fmt: off
MISTAKES = [
    list_shape_mistakes("gap")[0],  # squeezed
    *list_reshaped_images("gap"),
    *list_relu_mistakes("gap"),
    Mistake("gap.sum", "the channel is added up, not divided", multiply(plane_area, *BOTH), MEAN),
    Mistake("gap.max", "the largest number of the channel, not the mean", take_largest, MEAN),
    Mistake("gap.by-height", "it divides by the height only", multiply(lambda q: q["x"].shape[3], *BOTH), MEAN),
    Mistake("gap.by-width", "it divides by the width only", multiply(lambda q: q["x"].shape[2], *BOTH), MEAN),
    Mistake("gap.channels-too", "it divides by the number of channels too",
            multiply(lambda q: 1 / q["x"].shape[1], *BOTH), "each channel is averaged by itself"),
    Mistake("gap.axes-kept", "the output keeps two axes of length 1",
            alter(out=lambda a, q: a["out"][:, :, None, None]), "the output is (N, C)"),
    Mistake("gap.over-channels", "the mean is taken over the channels and rows, not over rows and columns",
            lambda ask, q: {"out": q["x"].mean(axis=(1, 2))}, MEAN),
    Mistake("gap.over-channels", "the mean is taken over the channels, not over rows and columns", take_mean(1), MEAN),
    Mistake("gap.over-channels", "the mean is taken over the channels and columns, not over rows and columns",
            take_mean(1, 3), MEAN),
    Mistake("gap.over-channels", "the mean is taken over the channels too", take_one_mean(1, 2, 3), MEAN),
    Mistake("gap.over-channels", "the mean is taken over the channels too", take_mean(1, 2, 3), MEAN),
    Mistake("gap.over-images", "the mean is taken over the images too", take_one_mean(0, 2, 3), MEAN),
    Mistake("gap.over-images", "the mean is taken over the images too", take_mean(0, 2, 3), MEAN),
    Mistake("gap.floored", "it divides by // and rounds down", alter(out=lambda a, q: np.floor(a["out"])), MEAN),
    Mistake("gap.median", "the median of each channel, not the mean",
            lambda ask, q: {"out": np.median(q["x"], axis=(2, 3))}, MEAN),
    Mistake("gap.dx-by-height", "dx is divided by the height only", multiply(lambda q: q["x"].shape[3], "dx"), SHARE),
    Mistake("gap.dx-by-width", "dx is divided by the width only", multiply(lambda q: q["x"].shape[2], "dx"), SHARE),
    Mistake("gap.dx-channels-too", "dx is divided by the number of channels too",
            multiply(lambda q: 1 / q["x"].shape[1], "dx"), SHARE),
    *(Mistake(f"gap.{code}", f"it divides by {what}", divide_by(by, *BOTH), MEAN) for code, what, by in DIVISORS),
    *(Mistake(f"gap.dx-{code}", f"dx is divided by {what}", divide_by(by, "dx"), SHARE) for code, what, by in DIVISORS
      if code != "by-images-too"),  # which is gap.dx-averaged
    Mistake("gap.in-type-of-x", "the sum is kept in the type of x: bytes go round in it",
            sum_in_byte, MEAN),
    Mistake("gap.dx-not-divided", "every place gets the whole dout", multiply(plane_area, "dx"), SHARE),
    Mistake("gap.dx-averaged", "dx is divided by the number of images", multiply(lambda q: 1 / len(q["x"]), "dx"),
            "the loss already holds the average over the batch"),
    *(Mistake("gap.dx-one-number", f"dx has one number a channel, {shape}: it is not spread over the places",
              cut_dx(cut), "give every one of the H * W places its share", alone=True)
      for shape, cut in (("(N, C)", np.s_[:, :, 0, 0]), ("(N, C, 1, 1)", np.s_[:, :, :1, :1]))),
    Mistake("gap.dx-floored", "dout is divided by // and rounded down", alter(dx=lambda a, q: np.floor(a["dx"])),
            SHARE),
    Mistake("gap.dx-one-place", "dout goes to the first place of each channel",
            alter(dx=lambda a, q: a["dx"] * plane_area(q) * (np.arange(plane_area(q)) == 0).reshape(q["x"].shape[2:])),
            SHARE),
    Mistake("gap.zeros-left-out", "numbers that are 0 are left out of the mean: it is that of the others",
            alter(out=lambda a, q: q["x"].sum((2, 3)) / np.maximum((q["x"] != 0).sum((2, 3)), 1)),
            "divide by H * W: what a ReLU has set to 0 counts, too"),
    *list_small_counts("gap", lambda q: q["x"].shape[2] * q["x"].shape[3], ("i1", "u1", "i2", "u2")),
    *list_left_images("gap", "dx"),
    *list_folded_means("gap"),
]
# fmt: on
