"""Spatial pyramid pooling: the known mistakes, each a change of what a reference answers."""

from collections.abc import Callable

import numpy as np

from ...subject.protocol import Answer, Question
from ..types import Mistake
from .changes import Ask, WrongAnswer, alter, ask_with, dout_of
from .windows import compare_sizes, ignore_dout

Edge = Callable[[int, int, int], int]  # (window i, of n, side of the image) -> where the window begins or ends


def list_levels(q: Question) -> list[tuple[int, int]]:
    """List each level's first column in the output, and its n."""
    found, first = [], 0
    for n in q["levels"]:
        found.append((first, n))
        first += q["x"].shape[1] * n * n
    return found


def rearrange(order: Callable[[np.ndarray], np.ndarray]) -> Callable[[Answer, Question], np.ndarray]:
    """Lay each level's numbers (N, C, n, n) in another order."""

    def out(answer: Answer, q: Question) -> np.ndarray:
        N, C = q["x"].shape[:2]
        parts = [answer["out"][:, at : at + C * n * n].reshape(N, C, n, n) for at, n in list_levels(q)]
        return np.concatenate([order(p).reshape(N, -1) for p in parts], axis=1)

    return out


def pool_grids(begin: Edge, end: Edge, pool: Callable[..., np.ndarray] = np.max) -> WrongAnswer:
    """Take other windows, begin(i, n, side) to end(i, n, side), or another number of each."""

    def answer(ask: Ask, q: Question) -> Answer:
        x, found = q["x"], []
        for n in q["levels"]:
            spans = [[slice(begin(i, n, s), end(i, n, s)) for i in range(n)] for s in x.shape[2:]]
            cells = [[pool(x[:, :, r, c], axis=(2, 3)) for c in spans[1]] for r in spans[0]]
            found.append(np.array(cells).transpose(2, 3, 0, 1).reshape(len(x), -1))
        return {"out": np.concatenate(found, axis=1)}

    return answer


def window_start(i: int, n: int, size: int) -> int:
    """Return floor(i * size / n), as is right."""
    return i * size // n


def window_end(i: int, n: int, size: int) -> int:
    """Return ceil((i + 1) * size / n), as is right."""
    return -(-(i + 1) * size // n)


def reverse_levels(q: Question) -> tuple[int, ...]:
    """Return the levels in the reverse order."""
    return tuple(q["levels"][::-1])


def keep_first_level(ask: Ask, q: Question) -> Answer:
    """Compute dx of the first level alone."""
    at, n = list_levels(q)[0]
    part = dout_of(q)[:, at : at + q["x"].shape[1] * n * n]
    return {**ask(q), "dx": ask(q.but(levels=q["levels"][:1], dout=part))["dx"]}


BINS = "window i of n goes from floor(i * H / n) up to ceil((i + 1) * H / n)"
# fmt: off
MISTAKES = [
    Mistake("spp.levels-reversed", "the levels stand in the reverse order", ask_with(levels=reverse_levels),
            "the levels stand in the order they are given in"),
    Mistake("spp.channels-last", "a level's numbers stand in the order (n, n, C)",
            alter(out=rearrange(lambda p: p.transpose(0, 2, 3, 1))), "the order is (C, n, n)"),
    Mistake("spp.grid-transposed", "rows and columns of the grids are swapped",
            alter(out=rearrange(lambda p: p.transpose(0, 1, 3, 2))), "the order is (C, n, n)"),
    Mistake("spp.mean", "the mean of each window, not the largest", pool_grids(window_start, window_end, np.mean),
            "take the largest"),
    Mistake("spp.absolute", "sizes without their sign are compared", compare_sizes,
            "take the largest, whatever its sign"),
    Mistake("spp.ends-rounded-down", "a window ends at floor((i + 1) * H / n)",
            pool_grids(window_start, lambda i, n, s: max((i + 1) * s // n, window_start(i, n, s) + 1)), BINS),
    Mistake("spp.rest-left-out", "windows of floor(H / n) side by side: the rest is left out",
            pool_grids(lambda i, n, s: i * (s // n), lambda i, n, s: (i + 1) * (s // n)), BINS),
    Mistake("spp.dx-first-level", "dx has the first level only", keep_first_level,
            "add up the gradients of all levels"),
    Mistake("spp.dx-averaged", "dx is divided by the number of images", alter(dx=lambda a, q: a["dx"] / len(q["x"])),
            "the loss already holds the average over the batch"),
    Mistake("spp.dout-ignored", "dout is taken for all ones", ignore_dout,
            "each maximum's place gets its dout"),
]
# fmt: on
