"""Mean normalization: the known mistakes, each a change of what a reference answers."""

from collections.abc import Callable, Iterator

import numpy as np

from ...subject.protocol import Answer, Question
from ..types import Mistake
from .changes import Ask, WrongAnswer, alter, ask_with
from .mixed_channels import FRONT, SHAPES, TEXT, Reduce
from .small_integers import WIDER
from .whole_means import list_whole_means


def subtract(mean: Callable[[Question], np.ndarray]) -> WrongAnswer:
    """Subtract another mean."""
    return lambda ask, q: {"out": q["x"] - mean(q)}


def count_as(kind: str) -> WrongAnswer:
    """Divide the sum of the training images by their number, kept in such integers."""

    def answer(ask: Ask, q: Question) -> Answer | None:
        count = len(q["train"]) if q["per_pixel"] else q["train"][:, 0].size
        kept = int(np.array(count).astype(kind))
        return None if kept == count else {**ask(q), "out": q["x"] - (q["x"] - ask(q)["out"]) * count / kept}

    return answer


def divide_by_deviation(
    over: Callable[[bool], tuple[int, ...]], guard: Callable[[np.ndarray], np.ndarray], backward: bool = True
) -> WrongAnswer:
    """Divide by the standard deviation over some axes, too. over: per_pixel -> the axes.

    guard: variance -> deviation, kept from 0 in some way. backward: dx is divided as well.
    """

    def answer(ask: Ask, q: Question) -> Answer:
        spread = guard(q["train"].var(over(q["per_pixel"]), keepdims=True))
        return {k: a / spread if k == "out" or backward else a for k, a in ask(q).items()}

    return answer


def list_guards() -> Iterator[Callable[[np.ndarray], np.ndarray]]:
    """Yield the ways from a variance to a deviation to divide by: as it is, or kept from 0."""
    yield np.sqrt
    yield lambda var: np.where(var == 0, 1, np.sqrt(var))
    for eps in (1e-12, 1e-10, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3):
        yield lambda var, eps=eps: np.sqrt(var) + eps  # type: ignore[misc]
        yield lambda var, eps=eps: np.maximum(np.sqrt(var), eps)  # type: ignore[misc]
        yield lambda var, eps=eps: np.sqrt(var + eps)  # type: ignore[misc]


def divide_by_own(*axes: int) -> WrongAnswer:
    """Divide by x's own standard deviation over some axes, too."""
    return alter(out=lambda a, q: a["out"] / q["x"].std(axes, keepdims=True))


def own_axes(per_pixel: bool) -> tuple[int, ...]:
    """Return the axes over which the mean is taken."""
    return (0,) if per_pixel else (0, 2, 3)


def mean_over_channels(pixels_right: bool) -> Callable[[Question], np.ndarray]:
    """Take the mean over images and channels. pixels_right: with per_pixel it is the right one."""

    def mean(q: Question) -> np.ndarray:
        axes = own_axes(True) if q["per_pixel"] and pixels_right else (0, 1)
        return np.asarray(q["train"].mean(axes, keepdims=True))

    return mean


def mix_channels(reduced: Callable[[np.ndarray, Reduce], np.ndarray]) -> Callable[[Question], np.ndarray]:
    """Take the mean of each channel of an array that is reshaped without bringing the channels to the front."""

    def mean(q: Question) -> np.ndarray:
        if q["per_pixel"]:
            return np.asarray(q["train"].mean(0))
        return np.asarray(reduced(q["train"], np.mean).reshape(-1, 1, 1))

    return mean


def subtract_in_type(q: Question) -> np.ndarray:
    """Return what makes x minus the mean go round below 0, in a byte: the mean is cut to a byte first."""
    mean = q["train"].mean(0 if q["per_pixel"] else (0, 2, 3), keepdims=True)
    x = q["x"]
    if not np.array_equal(x, np.rint(x)) or x.min() < 0 or x.max() > 255:  # no bytes
        return np.asarray(mean)
    return np.asarray(x - (x - np.floor(mean)) % 256)


def centre_dx(over: tuple[int, ...] | None) -> WrongAnswer:
    """Take off dx its mean over some axes; None: over those of the mean itself."""
    return alter(dx=lambda a, q: a["dx"] - a["dx"].mean(over or own_axes(q["per_pixel"]), keepdims=True))


TRAIN = "subtract the mean of the training images, the same for every batch"
# fmt: off
MISTAKES = [
    Mistake("mean.of-batch", "the mean of the batch at hand is subtracted, not the training images'",
            ask_with(train=lambda q: q["x"]), TRAIN),
    Mistake("mean.of-image", "each image's own mean is subtracted",
            subtract(lambda q: q["x"].mean((2, 3), keepdims=True)), TRAIN),
    Mistake("mean.of-everything", "one mean of all channels is subtracted", subtract(lambda q: q["train"].mean()),
            "per_pixel=False: one mean a channel"),
    Mistake("mean.kinds-swapped", "per pixel and per channel are swapped",
            ask_with(per_pixel=lambda q: not q["per_pixel"]), "per_pixel=True: one mean for each pixel"),
    Mistake("mean.always-per-channel", "the mean is always taken per channel", ask_with(per_pixel=lambda q: False),
            "per_pixel=True: one mean for each pixel"),
    Mistake("mean.always-per-pixel", "the mean is always taken per pixel", ask_with(per_pixel=lambda q: True),
            "per_pixel=False: one mean a channel"),
    Mistake("mean.pixel-over-channels", "per pixel one mean is taken over the channels, too",
            subtract(lambda q: q["train"].mean((0, 1) if q["per_pixel"] else (0, 2, 3), keepdims=True)),
            "per_pixel=True: one mean for each channel of each pixel"),
    *(Mistake("mean.over-channels", "per channel the mean is taken over images and channels: there is one a pixel",
              subtract(mean_over_channels(kept)),
              "per_pixel=False: one mean a channel, over axes 0, 2 and 3") for kept in (True, False)),
    Mistake("mean.first-image", "the first training image is subtracted", subtract(lambda q: q["train"][:1]), TRAIN),
    Mistake("mean.in-type-of-x", "the mean is cut to the type of x: bytes go round below 0", subtract(subtract_in_type),
            "let the mean be a float, and with it the difference"),
    *list_whole_means(),
    *(Mistake("mean.mixes-channels", TEXT.format(what="the mean of each channel is that", shape=shape),
              subtract(mix_channels(reduced)), FRONT) for shape, reduced in SHAPES),
    Mistake("mean.median", "the median of the training images is subtracted, not the mean",
            subtract(lambda q: np.median(
            q["train"], 0 if q["per_pixel"] else (0, 2, 3), keepdims=True)), TRAIN),
    Mistake("mean.channels-reversed", "each channel loses the mean of another: they stand in the reverse order",
            subtract(lambda q: q["train"].mean(0 if q["per_pixel"] else (0, 2, 3), keepdims=True)[:, ::-1]), TRAIN),
    Mistake("mean.rows-and-columns-swapped", "the mean image is transposed",
            subtract(lambda q: q["train"].mean(0, keepdims=True).swapaxes(2, 3).reshape(1, *q["x"].shape[1:])
                     if q["per_pixel"] else q["train"].mean((0, 2, 3), keepdims=True)), TRAIN),
    Mistake("mean.added", "the mean is added",
            lambda ask, q: {"out": 2 * q["x"] - ask(q.but(dout=None))["out"]}, "x - mean"),
    Mistake("mean.not-subtracted", "nothing is subtracted", subtract(lambda q: np.zeros(1)), "x - mean"),
    *(Mistake("mean.standardized", "it is divided by the standard deviation, too",
              divide_by_deviation(over, guard, back),
              "the mean alone is taken off")
      for over in (own_axes, lambda per_pixel: (0, 2, 3), lambda per_pixel: (0, 1, 2, 3))
      for guard in list_guards() for back in (True, False)),
    *(Mistake("mean.standardized", f"it is divided by the standard deviation of {what}, too", divide_by_own(*axes),
              "the mean alone is taken off")
      for what, axes in (("the batch at hand", (0, 1, 2, 3)), ("the batch's channels", (0, 2, 3)),
                         ("each image", (1, 2, 3)))),
    Mistake("mean.pixels-divided", "x is divided by 255 first: the mean is that of whole pixels",
            lambda ask, q: ask(q) | {"out": q["x"] / 255 - q["x"] + ask(q)["out"]}, "x - mean, both in the same unit"),
    Mistake("mean.negative-cut", "differences below 0 become 0", alter(out=lambda a, q: np.maximum(a["out"], 0)),
            "x - mean: about half of it is negative"),
    Mistake("mean.dx-minus-mean", "the mean of the training images is taken off dx, too",
            lambda ask, q: ask(q) | {"dx": q.dout - q["x"] + ask(q)["out"]}, "dx is dout"),
    *(Mistake("mean.dx-centred", "the mean is taken off dx, too: it belongs to the training data, not to x",
              centre_dx(over), "dx is dout") for over in ((0, 2, 3), None)),
    *(Mistake("mean.dx-centred", f"the mean over {what} is taken off dx: it belongs to the training data, not to x",
              centre_dx(over), "dx is dout")
      for what, over in (("the images", (0,)), ("the places", (2, 3)), ("everything", (0, 1, 2, 3)))),
    Mistake("mean.dx-zero", "dx is 0", alter(dx=lambda a, q: np.zeros_like(a["dx"])), "dx is dout"),
    *(Mistake("mean.count-in-a-byte", f"counts are kept in {said}", count_as(kind), WIDER, alone=True)
      for kind, said in (("u1", "a byte: from 256 on they begin again at 0"),
                         ("i1", "a signed byte: from 128 on they are negative"))),
]
# fmt: on
