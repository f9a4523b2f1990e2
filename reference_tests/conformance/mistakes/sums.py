"""Mistakes of sums, once for all layers with filters: what is left out of one, and what is never set back to 0."""

from collections.abc import Callable, Iterator

import numpy as np

from ...subject.protocol import Answer, Question
from ..references.loops import crop, padded
from ..types import Mistake
from .changes import Ask, WrongAnswer, alter, dout_of
from .mixed_channels import list_mixed_sums
from .sides import WHOLE, take_from

ALL_OF_DB = "add up over images, rows and columns: one number a filter is left"
OF_DW = "db is the sum of dW's numbers, not of dout: each is dout times x"
ANEW = "set the sum back to 0 before every output place"
RUNS = (  # what the sum goes on over, its axes, and the order of axes in which the places are gone through
    ("the columns of a row", (3,), (0, 1, 2, 3)),
    ("all places of a filter", (2, 3), (0, 1, 2, 3)),
    ("all filters of an image", (1, 2, 3), (0, 1, 2, 3)),
    ("the whole batch", (0, 1, 2, 3), (0, 1, 2, 3)),
    ("the filters at a place", (1,), (0, 2, 3, 1)),
    ("the images of the batch", (0,), (1, 2, 3, 0)),
)


def overwrite_dx(all_filters: bool, last: bool = True) -> WrongAnswer:
    """Write each window's share of dx over what is there, for filters that see some channels each, a group.

    all_filters: each share is summed over the group's filters; else the last of them stays. last: the last window
    stays, else the first.
    """

    def dx(a: Answer, q: Question) -> np.ndarray:
        x, W, step = q["x"], q["W"], q["stride"]
        groups = x.shape[1] // W.shape[1]
        wide = padded(np.zeros(x.shape), q["pad"])
        for i, j in list(np.ndindex(dout_of(q).shape[2:]))[:: 1 if last else -1]:
            each = dout_of(q)[:, :, i, j, None, None, None] * W
            each = each.reshape(len(x), groups, -1, *W.shape[1:])
            share = each.sum(2) if all_filters else each[:, :, -1]
            y, z = i * step, j * step
            wide[:, :, y : y + W.shape[2], z : z + W.shape[3]] = share.reshape(len(x), -1, *W.shape[2:])
        return crop(wide, q["pad"])

    return alter(dx=dx)


def list_overwritten(prefix: str) -> Iterator[Mistake]:
    """Yield the mistakes of a dx in which windows overwrite each other, and the filters of a group as well."""
    text = "in dx overlapping windows overwrite each other"
    repair = "each input place gets a share from every window that it lies in: add them"
    for last in (True, False):
        yield Mistake(f"{prefix}.dx-overwrites", text, overwrite_dx(True, last), repair)
    both = "in dx overlapping windows overwrite each other, and so do the filters that see the same channels"
    yield Mistake(f"{prefix}.dx-overwrites", both, overwrite_dx(False), repair)


def run_on(axes: tuple[int, ...], order: tuple[int, ...], bias: bool) -> WrongAnswer:
    """Add to every output those before it, along these axes. bias: b is added up with them, else put on at the end."""

    def out(a: Answer, q: Question) -> np.ndarray:
        b = 0.0 if bias or "b" not in q.arrays else q["b"][:, None, None]
        laid = (a["out"] - b).transpose(order)
        sums = laid.reshape(*laid.shape[: 4 - len(axes)], -1).cumsum(-1).reshape(laid.shape)
        return sums.transpose(np.argsort(order)) + b

    return alter(out=out)


def list_running_sums(prefix: str, bias: bool = True) -> Iterator[Mistake]:
    """Yield the mistakes of a sum that is not set back. bias: the layer has one."""
    for of, axes, order in RUNS:
        for with_bias in (False, True) if bias else (True,):
            yield Mistake(f"{prefix}.sum-not-reset", f"the sum goes on over {of}: it is not set back to 0",
                          run_on(axes, order, with_bias), ANEW, alone=True)  # fmt: skip


EDGES: tuple[tuple[str, Callable[[np.ndarray], np.ndarray]], ...] = (
    ("last row of the window", lambda W: ends(W, -2, -1)),
    ("last column of the window", lambda W: ends(W, -1, -1)),
    ("last row and column of the window", lambda W: ends(ends(W, -2, -1), -1, -1)),
    ("first row of the window", lambda W: ends(W, -2, 0)),
    ("first column of the window", lambda W: ends(W, -1, 0)),
)
CHANNELS: tuple[tuple[str, Callable[[np.ndarray], np.ndarray]], ...] = (
    ("last channel", lambda W: ends(W, -3, -1)),
    ("first channel", lambda W: ends(W, -3, 0)),
)


def ends(W: np.ndarray, axis: int, at: int) -> np.ndarray:
    """Return a copy that is 0 at one index of an axis."""
    found = np.array(W)
    found.swapaxes(axis, 0)[at] = 0
    return found


def leave(change: Callable[[np.ndarray], np.ndarray], *names: str) -> WrongAnswer:
    """Leave a part of W out of the named answers; dW is 0 there."""

    def answer(ask: Ask, q: Question) -> Answer:
        found = take_from(lambda q: change(q["W"]), *names)(ask, q) or {}
        return {k: change(a) if k == "dW" and k in names else a for k, a in found.items()}

    return answer


def list_short_sums(prefix: str, channels: bool = True) -> Iterator[Mistake]:
    """Yield the mistakes of a loop over the window, or over the channels, that ends too early or begins too late."""
    for which, change in (*EDGES, *(CHANNELS if channels else ())):
        code = "channel-left-out" if "channel" in which else "window-edge-left-out"
        for names, where in ((("out",), ""), (("dx",), "dx: "), (("dW",), "dW: "), (WHOLE, "forward and backward: ")):
            yield Mistake(f"{prefix}.{code}", f"{where}the {which} is left out", leave(change, *names),
                          "the loops run over all of C, FH and FW", alone=True)  # fmt: skip


def sum_dout(*axes: int, then: tuple[slice | int, ...] = ()) -> WrongAnswer:
    """Sum dout over other axes than images, rows and columns, and take a part of that."""
    return alter(db=lambda a, q: np.asarray(dout_of(q).sum(axes))[then])


def sum_flat(*axes: int) -> WrongAnswer:
    """Sum dout over some axes, and lay what is left flat."""
    return alter(db=lambda a, q: np.asarray(dout_of(q).sum(axes)).ravel())


def keep_one(at: int) -> WrongAnswer:
    """Keep db of the filter at an index only, 0 or -1."""
    return alter(db=lambda a, q: np.where(np.arange(len(a["db"])) == at % len(a["db"]), a["db"], 0))


def sum_dW(axis: int) -> WrongAnswer:
    """Make db of dW, added up over all axes but one."""
    return alter(db=lambda a, q: a["dW"].sum(tuple(i for i in range(a["dW"].ndim) if i != axis % a["dW"].ndim)))


def list_totals(prefix: str, *names: str) -> Iterator[Mistake]:
    """Yield the mistakes of gradients whose numbers are all the sum of what they should be."""
    for what in names:
        change = alter(**{what: lambda a, q, what=what: np.full_like(a[what], a[what].sum())})
        yield Mistake(f"{prefix}.{what}-total", f"every number of {what} is the sum over all of them", change,
                      "keep the axis of the numbers that it belongs to", alone=True)  # fmt: skip


def cut_dout(*names: str) -> WrongAnswer:
    """Take the named gradients from dout without its outermost pad rows and columns."""

    def answer(ask: Ask, q: Question) -> Answer | None:
        p = q.params.get("pad", 0)
        if q.dout is None or not p:
            return None
        inside = np.zeros(q.dout.shape)
        inside[:, :, p:-p, p:-p] = q.dout[:, :, p:-p, p:-p]
        other = ask(q.but(dout=inside))
        return {k: other[k] if k in names else a for k, a in ask(q).items()}

    return answer


def list_db_mistakes(prefix: str) -> Iterator[Mistake]:
    """Yield the mistakes of a layer with one bias a filter, in which axes dout is summed over."""
    every, ends = slice(None), ((0, "first"), (-1, "last"))
    for code, text, answer in (
        ("db-over-images-only", "db is summed over the images only, not over the places", sum_dout(0)),
        ("db-over-places-only", "db is summed over the places only, not over the images", sum_dout(2, 3)),
        ("db-over-rows-only", "db is summed over images and rows, not over the columns", sum_dout(0, 2)),
        ("db-over-columns-only", "db is summed over images and columns, not over the rows", sum_dout(0, 3)),
        ("db-of-dW", OF_DW, sum_dW(0)),
        ("db-one-number", "db is summed over the filters too", sum_dout(0, 1, 2, 3)),
        ("db-over-filters", "db is summed over images, filters and rows: one number a column", sum_dout(0, 1, 2)),
        ("db-over-filters", "db is summed over images, filters and columns: one number a row", sum_dout(0, 1, 3)),
        ("db-over-filters", "db is summed over filters, rows and columns: one number an image", sum_dout(1, 2, 3)),
        ("db-over-filters", "db is summed over images and filters: one number a place", sum_flat(0, 1)),
        ("db-over-filters", "db is summed over the filters: one number for each place of each image", sum_flat(1)),
        *(("db-one-filter", f"db has the number of the {word} filter only: the others stay at 0", keep_one(at))
          for at, word in ends),
        *(("db-one-place", f"db is summed over the images only, at the {word} place", sum_dout(0, then=(every, at, at)))
          for at, word in ends),
        *(("db-one-place", f"db is summed over images and rows, in the {word} column", sum_dout(0, 2, then=(every, at)))
          for at, word in ends),
        *(("db-one-place", f"db is summed over images and columns, in the {word} row", sum_dout(0, 3, then=(every, at)))
          for at, word in ends),
    ):  # fmt: skip
        yield Mistake(f"{prefix}.{code}", text, answer, ALL_OF_DB)
    yield from list_totals(prefix, "db")
    yield from list_mixed_sums(prefix)


def list_cut_douts(prefix: str) -> Iterator[Mistake]:
    """Yield the mistakes of a layer with padding that cuts it off dout, too."""
    for names in (("db",), ("dx",), ("dW",), ("dx", "dW", "db")):
        yield Mistake(f"{prefix}.dout-cut", f"{', '.join(names)}: pad rows and columns are cut off dout on every side",
                      cut_dout(*names), "dout is as large as the output: it has no padding", alone=True)  # fmt: skip
