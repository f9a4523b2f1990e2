"""Mean normalization (the training data's mean is subtracted): all that is known of it."""

from collections.abc import Callable

import numpy as np

from ...subject.protocol import Answer, Op, Question
from ..mistakes.changes import Ask, after, given
from ..tolerance import SAFETY, largest
from ..types import Case, Mistake

OP = Op(
    "mean_normalization",
    "MeanNormalization",
    "AlexNet, 2",
    args=("x",),
    make=("train", "per_pixel"),
    grads={"dx": "backward()"},
    labels=("train",),  # which has no gradient
    without=("parameters-changed",),  # the mean is taken once, when the layer is made
)


def numbers(size: float = 1.0) -> Callable:
    def draw(rng: np.random.Generator, name: str, shape: tuple[int, ...]) -> np.ndarray:
        return size * (rng.standard_normal(shape) + 1.5)

    return draw


def mean(why: str, x: tuple[int, ...], train: int, per_pixel: bool = False, draw=None, **more) -> Case:
    """train: how many training images."""
    shapes = {"x": x, "train": (train, *x[1:])}
    return Case(OP, why, shapes, {"per_pixel": per_pixel}, draw=draw or numbers(), **more)


# fmt: off
CASES = [
    #    the mistake it catches             x (N,C,H,W)     training images
    mean("mean of the batch",               (2, 3, 4, 5),   6),
    mean("mean of the batch at a pixel",    (2, 3, 5, 4),   6, True),
    mean("square images",                   (3, 2, 4, 4),   5),
    mean("square images at a pixel",        (3, 2, 4, 4),   5, True),
    mean("as many images as trained on",    (4, 3, 2, 5),   4),
    mean("one channel",                     (3, 1, 4, 5),   7),
    mean("one training image",              (3, 2, 4, 3),   1, True),
    mean("batch worked in pieces of four",  (7, 2, 1, 3),   3),
    mean("images of 0 to 255",              (2, 3, 4, 5),   5, draw=numbers(60)),
    mean("numbers of a ten thousandth",     (2, 3, 5, 4),   4, True, draw=numbers(1e-4)),
    mean("one image",                       (1, 3, 4, 5),   6),
    mean("one image at a pixel",            (1, 3, 5, 4),   6, True),
]
# fmt: on


def allowed(q: Question, want: Answer, eps: float) -> Answer:
    """n numbers are averaged, then one subtraction."""
    n = len(q["train"]) * (1 if q["per_pixel"] else q["train"][0, 0].size)
    size = largest(q["x"]) + (n + 1) * float(np.abs(q["train"]).mean())
    bound = {"out": SAFETY * eps * size, "dx": SAFETY * eps * largest(want.get("dx", np.zeros(0)))}
    return {k: np.full(a.shape, bound[k]) for k, a in want.items()}


def drawn(pick: Callable[[int, int], int]) -> Case:
    x = (pick(1, 5), pick(1, 3), pick(1, 4), pick(1, 4))
    return mean("drawn", x, pick(1, 5), bool(pick(0, 1)))


def minus(of: Callable[[Question], np.ndarray]) -> Callable[[Ask, Question], Answer]:
    return lambda ask, q: {"out": q["x"] - of(q)}


def deviation(q: Question) -> np.ndarray:
    return q["train"].std(0 if q["per_pixel"] else (0, 2, 3), keepdims=True)


TRAIN = "subtract the mean of the training images, the same for every batch"
# fmt: off
MISTAKES = [
    Mistake("mean.of-batch", "the mean of the batch at hand is subtracted, not the training images'",
            given(train=lambda q: q["x"]), TRAIN),
    Mistake("mean.of-image", "each image's own mean is subtracted",
            minus(lambda q: q["x"].mean((2, 3), keepdims=True)), TRAIN),
    Mistake("mean.of-everything", "one mean of all channels is subtracted", minus(lambda q: q["train"].mean()),
            "per_pixel=False: one mean a channel"),
    Mistake("mean.kinds-swapped", "per pixel and per channel are swapped",
            given(per_pixel=lambda q: not q["per_pixel"]), "per_pixel=True: one mean for each pixel"),
    Mistake("mean.always-per-channel", "the mean is always taken per channel", given(per_pixel=lambda q: False),
            "per_pixel=True: one mean for each pixel"),
    Mistake("mean.always-per-pixel", "the mean is always taken per pixel", given(per_pixel=lambda q: True),
            "per_pixel=False: one mean a channel"),
    Mistake("mean.first-image", "the first training image is subtracted", minus(lambda q: q["train"][:1]), TRAIN),
    Mistake("mean.added", "the mean is added",
            lambda ask, q: {"out": 2 * q["x"] - ask(q.but(dout=None))["out"]}, "x - mean"),
    Mistake("mean.not-subtracted", "nothing is subtracted", minus(lambda q: np.zeros(1)), "x - mean"),
    Mistake("mean.standardized", "it is divided by the standard deviation, too",
            lambda ask, q: {k: a / deviation(q) for k, a in ask(q).items()}, "the mean alone is taken off"),
    Mistake("mean.dx-centred", "the mean is taken off dx, too: it belongs to the training data, not to x",
            after(dx=lambda a, q: a["dx"] - a["dx"].mean((0, 2, 3), keepdims=True)), "dx is dout"),
    Mistake("mean.dx-zero", "dx is 0", after(dx=lambda a, q: np.zeros_like(a["dx"])), "dx is dout"),
]
# fmt: on
