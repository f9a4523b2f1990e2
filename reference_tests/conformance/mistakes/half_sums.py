"""Sums of squares over a window of channels in float16 or in whole numbers, for LRN: how their roundings come about."""

from collections.abc import Callable

import numpy as np

from ...subject.protocol import Question
from .channel_windows import window_of

HALF = "float16"


def add_up(window: np.ndarray, a: np.ndarray) -> np.ndarray:
    """Sum a (N, C, H, W) over each channel's window, channel after channel, in a's own type."""
    out = np.zeros_like(a)
    for i, j in np.argwhere(window):
        out[:, i] += a[:, j]
    return out


def add_slices(window: np.ndarray, a: np.ndarray) -> np.ndarray:
    """Sum slices of a (N, C, H, W) over axis 1, as NumPy adds up a's own type."""
    near = [np.flatnonzero(row) for row in window]
    return np.stack([a[:, c[0] : c[-1] + 1].sum(axis=1) for c in near], axis=1)


def of_squares(
    square: Callable[[np.ndarray], np.ndarray], add: Callable[[np.ndarray, np.ndarray], np.ndarray] = add_up
) -> Callable[[Question], np.ndarray]:
    """Return what computes s from square(x), in the type that it has."""

    def s(q: Question) -> np.ndarray:
        return np.asarray(q["k"] + q["alpha"] * add(window_of(q), square(q["x"])).astype("f8"))

    return s


def of_rounded_sum(q: Question) -> np.ndarray:
    """Compute s from the sum of the squares, rounded once."""
    sums = add_up(window_of(q), q["x"] ** 2).astype(HALF).astype("f8")
    return np.asarray(q["k"] + q["alpha"] * sums)


def cut_to_whole(q: Question) -> np.ndarray:
    """Compute s in an array of x's type, where x holds whole numbers."""
    s = q["k"] + q["alpha"] * np.einsum("ij,njhw->nihw", window_of(q), q["x"] ** 2)
    return np.asarray(np.trunc(s) if np.array_equal(q["x"], np.rint(q["x"])) else s)


SUMS_IN_HALF = (
    of_squares(lambda x: (x**2).astype(HALF)),
    of_squares(lambda x: (x**2).astype(HALF), add_slices),
    of_squares(lambda x: (x**2).astype(HALF).astype("f8")),
    of_squares(lambda x: x.astype(HALF) ** 2),
    of_squares(lambda x: (x.astype(HALF) ** 2).astype("f8")),
    of_rounded_sum,
)
