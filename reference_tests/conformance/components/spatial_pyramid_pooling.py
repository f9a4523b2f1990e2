"""Spatial pyramid pooling: all that is known of it."""

from collections.abc import Callable

import numpy as np

from ...subject.protocol import Answer, Op, Question
from ..inputs import below_zero, distinct, tiny_ones, up_to_255, whole_numbers
from ..mistakes.changes import Ask, after, given
from ..tolerance import SAFETY, largest, relative
from ..types import Case, Mistake

OP = Op(
    "spatial_pyramid_pooling",
    "SpatialPyramidPooling",
    "SPP-net, 2.2",
    args=("x",),
    make=("levels",),
    grads={"dx": "backward()"},
)


def pyramid(why: str, x: tuple[int, ...], levels: tuple[int, ...] = (4, 2, 1), draw=distinct, **more) -> Case:
    return Case(OP, why, {"x": x}, {"levels": levels}, draw=draw, **more)


# fmt: off
CASES = [
    #       the mistake it catches              x (N,C,H,W)
    pyramid("levels in another order",          (2, 3, 8, 4)),
    pyramid("sizes that do not divide",         (2, 3, 7, 5)),
    pyramid("windows overlap",                  (2, 2, 5, 6), (4, 3)),
    pyramid("square image",                     (3, 2, 6, 6), (3, 2, 1)),
    pyramid("one level",                        (2, 4, 5, 7), (3,)),
    pyramid("the whole plane only",             (2, 3, 4, 5), (1,)),
    pyramid("grid finer than the image",        (2, 3, 3, 2), (4, 1)),
    pyramid("as many channels as windows",      (3, 4, 5, 4), (2,)),
    pyramid("one channel",                      (2, 1, 7, 6)),
    pyramid("batch worked in pieces of four",   (7, 2, 4, 5), (2, 1)),
    pyramid("negative numbers",                 (2, 3, 5, 4), (2, 1), draw=below_zero),
    pyramid("images of 0 to 255",               (2, 3, 4, 7), (2, 1), draw=up_to_255),
    pyramid("numbers of a ten thousandth",      (2, 2, 6, 5), (2, 1), draw=tiny_ones),
    pyramid("whole numbers",                    (2, 3, 5, 4), (2, 1), draw=whole_numbers, refuse="may"),
    pyramid("one image",                        (1, 3, 6, 5), level="edge"),
]
# fmt: on


def allowed(q: Question, want: Answer, eps: float) -> Answer:
    """The output is only copied; dx adds up the dout of every window a place is the largest of: 4 a level at most."""
    bound = relative({"out": want["out"]}, 1, eps)
    if q.dout is None:
        return bound
    most = 4 * len(q["levels"])
    return {**bound, "dx": np.full(q["x"].shape, SAFETY * most**2 * eps * largest(q.dout))}


def drawn(pick: Callable[[int, int], int]) -> Case:
    levels = tuple(pick(1, 4) for _ in range(pick(1, 3)))
    return pyramid("drawn", (pick(1, 4), pick(1, 3), pick(1, 7), pick(1, 7)), levels)


def columns(q: Question) -> list[tuple[int, int]]:
    """Where each level's numbers stand, and its side."""
    found, first = [], 0
    for n in q["levels"]:
        found.append((first, n))
        first += q["x"].shape[1] * n * n
    return found


def rearranged(order: Callable[[np.ndarray], np.ndarray]) -> Callable[[dict, Question], np.ndarray]:
    """Each level's numbers (N, C, n, n) in another order."""

    def out(answer: Answer, q: Question) -> np.ndarray:
        N, C = q["x"].shape[:2]
        parts = [answer["out"][:, at : at + C * n * n].reshape(N, C, n, n) for at, n in columns(q)]
        return np.concatenate([order(p).reshape(N, -1) for p in parts], axis=1)

    return out


def grids(begin: Callable, end: Callable, pool: Callable = np.max) -> Callable[[Ask, Question], Answer]:
    """Other windows, begin(i, n, size) to end(i, n, size), or another number of each."""

    def answer(ask: Ask, q: Question) -> Answer:
        x, found = q["x"], []
        for n in q["levels"]:
            spans = [[slice(begin(i, n, s), end(i, n, s)) for i in range(n)] for s in x.shape[2:]]
            cells = [[pool(x[:, :, r, c], axis=(2, 3)) for c in spans[1]] for r in spans[0]]
            found.append(np.array(cells).transpose(2, 3, 0, 1).reshape(len(x), -1))
        return {"out": np.concatenate(found, axis=1)}

    return answer


def low(i: int, n: int, size: int) -> int:
    return i * size // n


def high(i: int, n: int, size: int) -> int:
    return -(-(i + 1) * size // n)


def turned(q: Question) -> tuple[int, ...]:
    return q["levels"][::-1]


def first_level(ask: Ask, q: Question) -> Answer:
    """dx of the first level alone."""
    at, n = columns(q)[0]
    part = q.dout[:, at : at + q["x"].shape[1] * n * n]  # type: ignore[index]
    return {**ask(q), "dx": ask(q.but(levels=q["levels"][:1], dout=part))["dx"]}


BINS = "window i of n goes from floor(i * H / n) up to ceil((i + 1) * H / n)"
# fmt: off
MISTAKES = [
    Mistake("spp.levels-reversed", "the levels stand in the reverse order", given(levels=turned),
            "the levels stand in the order they are given in"),
    Mistake("spp.channels-last", "a level's numbers stand in the order (n, n, C)",
            after(out=rearranged(lambda p: p.transpose(0, 2, 3, 1))), "the order is (C, n, n)"),
    Mistake("spp.grid-transposed", "rows and columns of the grids are swapped",
            after(out=rearranged(lambda p: p.transpose(0, 1, 3, 2))), "the order is (C, n, n)"),
    Mistake("spp.mean", "the mean of each window, not the largest", grids(low, high, np.mean), "take the largest"),
    Mistake("spp.absolute", "sizes without their sign are compared", lambda ask, q: ask(q.but(x=np.abs(q["x"]))),
            "take the largest, whatever its sign"),
    Mistake("spp.ends-rounded-down", "a window ends at floor((i + 1) * H / n)",
            grids(low, lambda i, n, s: max((i + 1) * s // n, low(i, n, s) + 1)), BINS),
    Mistake("spp.rest-left-out", "windows of floor(H / n) side by side: the rest is left out",
            grids(lambda i, n, s: i * (s // n), lambda i, n, s: (i + 1) * (s // n)), BINS),
    Mistake("spp.dx-first-level", "dx has the first level only", first_level, "add up the gradients of all levels"),
    Mistake("spp.dx-averaged", "dx is divided by the number of images", after(dx=lambda a, q: a["dx"] / len(q["x"])),
            "the loss already holds the average over the batch"),
    Mistake("spp.dout-ignored", "dout is taken for all ones", lambda ask, q: ask(q.but(dout=np.ones_like(q.dout))),
            "each maximum's place gets its dout"),
]
# fmt: on
