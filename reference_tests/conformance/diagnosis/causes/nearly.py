"""Max pooling that takes another number for the largest of a window, one that is nearly as large."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from ....i18n import N_, _
from ....subject.protocol import EPS32, Question
from ...compare import close, wrong_places
from ...types import Diagnosis, Problem
from ..match import WrongNumber, limit

NEARLY = "nearly-largest"
MOST = 1e-2  # a number that is further below the largest is no near one: numbers are about 1
TAKEN = N_("another number of a window, up to {gap} smaller, is taken for its largest: {why}")
GIVEN = N_("the gradient goes to another place of a window, of a number up to {gap} below the largest: {why}")
WHY = N_("numbers so near each other are not told apart, as by a tolerance, by rounding or in too few digits, or "
         "something is added before they are compared")  # fmt: skip
AS_IT_IS = N_("find the largest, and its place, in x as it is: x.max and x.argmax, without a tolerance or rounding")


class Window(NamedTuple):
    """One window of every plane: rows and columns that lie in the image, and what picks its numbers (N, C) of out."""

    rows: slice
    columns: slice
    pick: Callable[[np.ndarray], np.ndarray]


def name_nearly_largest(wrong: Sequence[WrongNumber]) -> Diagnosis | None:
    """Recognize outputs that are other numbers of their windows, and gradients at the places of such numbers."""
    gaps = {what: list[float]() for _q, what, _p in wrong}
    for q, what, p in wrong:
        find = {"out": gap_of_taken, "dx": gap_of_places}.get(what)
        list_windows = WINDOWS.get(q.op.component)
        if not find or not list_windows or not is_whole(p):
            return None
        gap = find(q["x"], p, [*list_windows(q)])
        if not 0 < gap <= MOST:
            return None
        gaps[what].append(gap)
    said = [(TAKEN, gaps["out"])] if "out" in gaps else [(GIVEN, gaps["dx"])] if gaps else []
    return next((Diagnosis(NEARLY, _(text).format(gap=f"{max(found):.1g}", why=_(WHY)), _(AS_IT_IS))
                 for text, found in said), None)  # fmt: skip


def is_whole(p: Problem) -> bool:
    """Whether the answer is an array of finite numbers of the right shape."""
    got = np.asarray(p.got)
    return got.shape == np.shape(p.want) and got.dtype.kind in "fiu" and bool(np.isfinite(got).all())


def gap_of_taken(x: np.ndarray, p: Problem, windows: Sequence[Window]) -> float:
    """Return by how much the numbers taken are less than the largest, at most; nan where they are no other number."""
    got, most = np.asarray(p.got, "f8"), 0.0
    bad = wrong_places(got, np.asarray(p.want), p.allowed)
    for w in windows:
        numbers = x[:, :, w.rows, w.columns].reshape(*x.shape[:2], -1)
        taken, wrong = w.pick(got), w.pick(bad)
        near = np.abs(numbers - taken[..., None]).min(-1) <= EPS32 * np.abs(taken)
        if not near[wrong].all():
            return float("nan")
        most = max(most, float((numbers.max(-1) - taken)[wrong].max(initial=0)))
    return most


def gap_of_places(x: np.ndarray, p: Problem, windows: Sequence[Window]) -> float:
    """Return by how much the numbers with wrong gradients are less than the largest; nan if not all of dout is there.

    Each is compared with the largest of that of its windows which it is nearest to. Where all of them are the largest
    of some window, as where windows of several levels lie in each other, no number is far from another one at least.
    """
    got, want = np.asarray(p.got, "f8"), np.asarray(p.want, "f8")
    if not close(got.sum((2, 3)), want.sum((2, 3)), limit(p) * want[0, 0].size):
        return float("nan")
    below = np.full(x.shape, np.inf)
    for w in windows:
        there = (slice(None), slice(None), w.rows, w.columns)
        below[there] = np.minimum(below[there], x[there].max((2, 3), keepdims=True) - x[there])
    most, spread = float(below[wrong_places(got, want, p.allowed)].max(initial=0)), float(np.ptp(x))
    return most or (spread if spread <= MOST else 0.0)


def list_plane(q: Question) -> Iterator[Window]:
    """Yield the only window of global pooling."""
    yield Window(slice(None), slice(None), np.asarray)


def list_pooled(q: Question) -> Iterator[Window]:
    """Yield the windows of max pooling, without what lies in the padding."""
    sides = []
    for size, window in zip(q["x"].shape[2:], (q["pool_h"], q["pool_w"])):
        starts = range(-q["pad"], size + q["pad"] - window + 1, q["stride"])
        sides.append([slice(max(at, 0), max(min(at + window, size), 0)) for at in starts])
    for i, rows in enumerate(sides[0]):
        for j, columns in enumerate(sides[1]):
            if rows.start < rows.stop and columns.start < columns.stop:
                yield Window(rows, columns, lambda a, i=i, j=j: a[:, :, i, j])  # type: ignore[misc]


def list_cells(q: Question) -> Iterator[Window]:
    """Yield the windows of spatial pyramid pooling, level by level."""
    first, channels = 0, np.arange(q["x"].shape[1])
    for n in q["levels"]:
        rows, columns = ([slice(k * s // n, -(-(k + 1) * s // n)) for k in range(n)] for s in q["x"].shape[2:])
        for k in range(n * n):
            at = first + channels * n * n + k
            yield Window(rows[k // n], columns[k % n], lambda a, at=at: a[:, at])  # type: ignore[misc]
        first += len(channels) * n * n


WINDOWS = {"pooling": list_pooled, "global_max_pooling": list_plane, "spatial_pyramid_pooling": list_cells}
