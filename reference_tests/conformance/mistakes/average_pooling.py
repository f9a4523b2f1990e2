"""Average pooling: the known mistakes, each a change of what a reference answers."""

from collections.abc import Callable

import numpy as np

from ...subject.protocol import Answer, Question
from ..references import loops
from ..references.loops import Place
from ..types import Mistake
from .changes import Ask, after
from .windows import of_windows, only, put_back, through


def area(q: Question) -> int:
    return q["pool_h"] * q["pool_w"]


def divided(by: Callable[[Question], float], *names: str) -> Callable[[Ask, Question], Answer]:
    """By another number than the window's size."""
    return through(lambda q: by(q) / area(q), *(names or ("out", "dx")))


def uncounted(names: tuple[str, ...]) -> Callable[[Ask, Question], Answer]:
    """Divided by the number of places that are no padding."""

    def answer(ask: Ask, q: Question) -> Answer:
        inside = ask(q.but(x=np.ones_like(q["x"]), dout=None))["out"]
        right = ask(q)
        found = {"out": right["out"] / inside}
        if q.dout is not None:
            found["dx"] = ask(q.but(dout=q.dout / inside))["dx"]
        return {k: found[k] if k in names else a for k, a in right.items()}

    return answer


def share(q: Question, place: Place, x: np.ndarray) -> np.ndarray:
    n, i, j, *_ = place
    return q.dout[n, :, i, j, None, None] * np.ones((1, q["pool_h"], q["pool_w"])) / area(q)  # type: ignore[index]


def at_first(q: Question, place: Place, x: np.ndarray) -> np.ndarray:
    first = np.arange(area(q)).reshape(1, q["pool_h"], q["pool_w"]) == 0
    return share(q, place, x) * first * area(q)


def largest(ask: Ask, q: Question) -> Answer:
    found = loops.pooling(q.but(x=loops.padded(q["x"], q["pad"]), pad=0))
    return {**found, "dx": loops.crop(found["dx"], q["pad"])} if "dx" in found else found


MEAN = "add up the window and divide by pool_h * pool_w, padded zeros included"
SHARE = "every place of the window gets dout / (pool_h * pool_w)"
SUM_DX = "a place in several windows gets a share from each: add them"
# fmt: off
MISTAKES = [
    Mistake("avg.sum", "the window is added up, not divided by its size", divided(lambda q: 1), MEAN),
    Mistake("avg.max", "it takes the largest number of each window", largest, MEAN),
    Mistake("avg.padding-not-counted", "padded places do not count: it divides by the places inside the image",
            uncounted(("out", "dx")), MEAN),
    Mistake("avg.divided-by-stride", "it divides by stride * stride", divided(lambda q: q["stride"] ** 2), MEAN),
    Mistake("avg.divided-by-sides", "it divides by pool_h + pool_w",
            divided(lambda q: q["pool_h"] + q["pool_w"]), MEAN),
    Mistake("avg.divided-by-height", "it divides by pool_h * pool_h", divided(lambda q: q["pool_h"] ** 2), MEAN),
    Mistake("avg.divided-by-width", "it divides by pool_w * pool_w", divided(lambda q: q["pool_w"] ** 2), MEAN),
    Mistake("avg.divided-by-one-side", "it divides by pool_h only", divided(lambda q: q["pool_h"]), MEAN),
    Mistake("avg.divided-by-one-side", "it divides by pool_w only", divided(lambda q: q["pool_w"]), MEAN),
    Mistake("avg.divided-by-channels", "it divides by the number of channels too",
            divided(lambda q: area(q) * q["x"].shape[1]), "each channel is averaged by itself"),
    Mistake("avg.floored", "it divides by // and rounds down", after(out=lambda a, q: np.floor(a["out"])), MEAN),
    *of_windows("avg"),
    Mistake("avg.gradient-not-divided", "every place of the window gets the whole dout", divided(lambda q: 1, "dx"),
            SHARE),
    Mistake("avg.gradient-divided-twice", "dx is divided by the window's size twice",
            divided(lambda q: area(q) ** 2, "dx"), SHARE),
    Mistake("avg.gradient-divided-by-stride", "dx is divided by stride * stride",
            divided(lambda q: q["stride"] ** 2, "dx"), SHARE),
    Mistake("avg.gradient-divided-by-sides", "dx is divided by pool_h + pool_w",
            divided(lambda q: q["pool_h"] + q["pool_w"], "dx"), SHARE),
    Mistake("avg.gradient-padding-not-counted", "dx is divided by the places inside the image only",
            uncounted(("dx",)), SHARE),
    Mistake("avg.gradient-first-place", "dout goes to the window's first place", put_back(at_first), SHARE),
    Mistake("avg.gradient-at-largest", "dout goes to the largest number's place, as in max pooling",
            only("dx", largest), SHARE),
    Mistake("avg.dx-overwrites", "in dx overlapping windows overwrite each other", put_back(share, True), SUM_DX),
    Mistake("avg.dx-overwrites", "in dx overlapping windows overwrite each other", put_back(share, False), SUM_DX),
]
# fmt: on
