"""Pictures of a wrong answer, as data: the slice of the worst place, cut to size, and the pattern of all wrong places.

Terminal, page and notebook show the same pictures.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np

from ..conformance import spoken
from ..conformance.compare import NUMBERS, wrong_places
from ..conformance.types import Problem, Verdict
from ..subject.protocol import Interface

MOST_DIGITS = 12  # of a number in a picture
MAX_CELLS = 10  # rows and columns of a heat map; a larger slice is cut around its worst place
SHADES = 4  # steps from 0 to the largest number
MAX_PLACES = 400  # of a slice, that are drawn one by one
MAX_PATTERNS, MAX_SIDE = 24, 64  # slices, and rows or columns of one, in the pattern of wrong places
Place = tuple[int, ...]


@dataclass(frozen=True)
class Cell:
    """One number of a map."""

    text: str
    shade: int | None  # -SHADES to SHADES; None: no number
    wrong: bool = False


@dataclass(frozen=True)
class Map:
    """A cut slice of one array. kind: got, want or off (the difference). rows, columns: their numbers in the slice."""

    kind: str
    cells: list[list[Cell]]
    rows: range
    columns: range


@dataclass(frozen=True)
class Pattern:
    """One slice of the wrong places."""

    name: str  # [0, 1]
    wrong: np.ndarray

    @property
    def path(self) -> str:
        """The wrong places as an SVG path, one unit a place; of a large slice a box for each run of them in a row."""
        if self.wrong.size <= MAX_PLACES:
            return "".join(f"M{j} {i}h1v1h-1z" for i, j in np.argwhere(self.wrong))
        boxes: list[str] = []
        for i, row in enumerate(self.wrong):
            ends = np.flatnonzero(np.diff(row.astype("i1"), prepend=0, append=0)).tolist()  # of each run, both
            boxes += [f"M{j} {i}h{k - j}v1h-{k - j}z" for j, k in zip(ends[::2], ends[1::2])]
        return "".join(boxes)


@dataclass(frozen=True)
class Picture:
    """One wrong answer. what: out, dx, ... name: the slice that is shown, as out[0, 1]. at: the worst place."""

    what: str
    name: str
    at: Place
    maps: list[Map]
    whole: tuple[int, int]  # rows and columns of the slice
    patterns: list[Pattern]
    bad: int
    size: int

    @property
    def cut(self) -> bool:
        """Whether the maps show a part of the slice only."""
        return bool(self.maps) and (len(self.maps[0].rows), len(self.maps[0].columns)) != self.whole


def make_pictures(v: Verdict) -> list[Picture]:
    """Return the picture of every wrong answer of a verdict that consists of numbers."""
    return [found for p in v.problems if (found := make_picture(p, v.interface))]


def make_picture(p: Problem, interface: Interface | None = None) -> Picture | None:
    """Return the picture of one problem, None if it is not about numbers. interface: in whose words it is named."""
    if p.kind not in ("values", "shape", "changed-input", "overwritten") or p.got is None:
        return None
    got, want = np.asarray(p.got), None if p.want is None else np.asarray(p.want)
    if any(a is not None and (a.dtype.kind not in NUMBERS or not a.size) for a in (got, want)):
        return None
    if want is None or got.shape != want.shape:
        return picture_of_shapes(p.what, got, want)
    bad = wrong_places(got, want, 0 if p.allowed is None else p.allowed)
    with np.errstate(invalid="ignore", over="ignore"):
        off = np.asarray(got, "f8") - want
    at = worst_place(off, bad)
    slices = [a[at[:-2]] if a.ndim > 1 else np.atleast_2d(a) for a in (got, want, off, bad)]
    part = cut_window(slices[0].shape, (0, 0, *at)[-2:])
    top = largest_finite(np.asarray(slices[1][np.ix_(*part)], "f8"))  # one scale for both
    tops = {"got": top, "want": top, "off": 0.0}
    yours, right, wrong_here = (np.asarray(a[np.ix_(*part)]) for a in (*slices[:2], slices[3]))
    text = format_alike([yours, right], digits_to_differ(yours, right, wrong_here))
    maps = [
        heat_map(kind, a, slices[3], part, t, None if kind == "off" else text)
        for (kind, t), a in zip(tops.items(), slices)
    ]
    own = spoken.own_place(interface, p.what, (*at[:-2], ":", ":"), got.shape) if len(at) > 2 else ""
    name, wrong = own or slice_name(p.what, at), int(bad.sum())
    return Picture(p.what, name, at, maps, slices[0].shape, make_patterns(bad), wrong, bad.size)


def picture_of_shapes(what: str, got: np.ndarray, want: np.ndarray | None) -> Picture:
    """Return the picture of an answer of a wrong shape: the first slice of each array, without a difference."""
    maps = []
    for kind, a in (("got", got), ("want", want)):
        if a is not None:
            first = a[(0,) * (a.ndim - 2)] if a.ndim > 1 else np.atleast_2d(a)
            part = cut_window(first.shape, (0, 0))
            maps.append(heat_map(kind, first, np.zeros(first.shape, bool), part))
    return Picture(what, what, (), maps, (0, 0), [], got.size, got.size)


def worst_place(off: np.ndarray, bad: np.ndarray) -> Place:
    """Return the place where the difference is largest, which the message names."""
    size = np.where(bad, np.nan_to_num(np.abs(off), nan=np.inf), -1.0)
    return tuple(int(i) for i in np.unravel_index(int(size.argmax()), size.shape))


def slice_name(what: str, at: Place) -> str:
    """Return the name of the slice that a place lies in: out[0, 1] for (0, 1, i, j)."""
    return f"{what}[{', '.join(map(str, at[:-2]))}]" if len(at) > 2 else what


def cut_window(shape: tuple[int, ...], at: Place) -> tuple[range, range]:
    """Return at most MAX_CELLS rows and columns of a slice, the place among them."""
    rows, columns = (
        range(start := min(max(0, i - MAX_CELLS // 2), max(0, n - MAX_CELLS)), min(n, start + MAX_CELLS))
        for n, i in zip(shape, at)
    )
    return rows, columns


def heat_map(
    kind: str, a: np.ndarray, bad: np.ndarray, part: tuple[range, range], top: float = 0.0,
    text: Callable[[float], str] | None = None,
) -> Map:  # fmt: skip
    """Return a part of a slice as a map. top: the absolute value with the full colour; 0: the largest here.

    text: the format of its numbers, by default their own.
    """
    rows, columns = part
    here = np.ix_(rows, columns)
    numbers, wrong = np.asarray(a[here], "f8"), bad[here]
    top, text = top or largest_finite(numbers) or 1.0, text or number_format(numbers)
    cells = [
        [Cell(text(float(x)), shade_of(float(x), top), bool(w)) for x, w in zip(*row, strict=True)]
        for row in zip(numbers, wrong, strict=True)
    ]
    return Map(kind, cells, rows, columns)


def largest_finite(numbers: np.ndarray) -> float:
    """Return the largest absolute value, without nan and infinities; 0 if there is none."""
    return float(np.abs(numbers[np.isfinite(numbers)]).max(initial=0.0))


def shade_of(x: float, top: float) -> int | None:
    """Return the shade of a number, -SHADES to SHADES, None if it is not finite."""
    return round(min(max(SHADES * x / top, -SHADES), SHADES)) if np.isfinite(x) else None


def number_format(a: np.ndarray, digits: int = 3) -> Callable[[float], str]:
    """Return the function that formats the numbers of one picture: all with the same decimals, so that they align."""
    return format_alike([a], digits)


def format_alike(arrays: list[np.ndarray], digits: int) -> Callable[[float], str]:
    """Return the format of arrays that are read against each other; the one with the smallest numbers decides."""
    numbers = [np.asarray(a, "f8") for a in arrays]
    tops = [top for a in numbers if (top := largest_finite(a))]
    if all(np.all(a == np.round(a)) for a in (a[np.isfinite(a)] for a in numbers)) and max(tops, default=0) < 1e5:
        return lambda x: f"{x:.0f}"
    if not all(1e-2 <= top < 1e5 for top in tops):
        return lambda x: f"{x:.{digits - 2}e}" if x else "0"
    decimals = max(0, digits - 1 - math.floor(math.log10(min(tops))))
    return lambda x: f"{round(x, decimals) + 0.0:.{decimals}f}" if x else "0"  # + 0.0: no -0.0


def digits_to_differ(got: np.ndarray, want: np.ndarray, bad: np.ndarray) -> int:
    """Return how many digits show that the wrong numbers are not the right ones: three, or more where they agree."""
    for digits in range(3, MOST_DIGITS):
        text = format_alike([got, want], digits)
        if all(text(float(g)) != text(float(w)) for g, w in zip(got[bad], want[bad])):
            return digits
    return MOST_DIGITS


def make_patterns(bad: np.ndarray) -> list[Pattern]:
    """Return every slice of the wrong places; the empty list if they are many or large."""
    if bad.ndim < 2:
        bad = np.atleast_2d(bad)
        lead: Iterator[Place] = iter([()])
    else:
        lead = np.ndindex(bad.shape[:-2])
    if max(bad.shape[-2:]) > MAX_SIDE or bad[..., 0, 0].size > MAX_PATTERNS:
        return []
    return [Pattern(slice_name("", (*i, 0, 0)), bad[i]) for i in islice(lead, MAX_PATTERNS)]
