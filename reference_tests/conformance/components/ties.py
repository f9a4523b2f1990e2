"""Ties in max pooling: dout may go to any one of a window's largest numbers, or be shared among them."""

from collections.abc import Callable

import numpy as np

from ...subject.protocol import EPS32, Question, Trace
from ..compare import close
from ..tolerance import relative
from ..types import Problem

Window = tuple[int, slice, slice, list[tuple[int, ...]]]  # image, rows, columns; where each channel's dout stands


def share_of_ties(list_windows: Callable[[Question], list[Window]]) -> Callable[[Question, Trace], Problem | None]:
    """Return the rule that each window hands its dout to one of its largest numbers, or shares it among them.

    The windows may not overlap.
    """

    def check(q: Question, trace: Trace) -> Problem | None:
        got, dout = trace.results["dx"], np.asarray(q.dout)
        if got.shape != q["x"].shape or got.dtype.kind not in "fiu":
            return Problem("shape", "dx", got, q["x"])
        want = np.zeros(q["x"].shape)
        for n, r, c, places in list_windows(q):
            for channel, place in enumerate(places):
                window = q["x"][n, channel, r, c]
                want[n, channel, r, c] = nearest_right(got[n, channel, r, c], window == window.max(), dout[place])
        bound = relative({"dx": dout}, 1, EPS32)["dx"].max()
        return None if close(got, want, bound) else Problem("values", "dx", got, want, np.full(got.shape, bound))

    return check


def nearest_right(got: np.ndarray, best: np.ndarray, g: float) -> np.ndarray:
    """Return, of all that a window may hand back, what is nearest to what it did."""
    one = [g * (np.arange(best.size) == k).reshape(best.shape) for k in np.flatnonzero(best)]
    return min([*one, g * best / best.sum()], key=lambda right: np.abs(got - right).sum())
