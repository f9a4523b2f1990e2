"""A drawing of a case, as data: the input with its padding, the windows of the worst place, the filter.

Rows and columns are counted in the padded input, one unit a number.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..conformance.types import Verdict
from ..subject.protocol import Question
from .pictures import Picture, Place, make_pictures, number_format

MAX_NUMBERED = 12  # rows and columns, padding included, up to which the numbers are written
MAX_DRAWN = 64  # up to which an input is drawn at all
WINDOW_ARGUMENTS = (("pool_h", "pool_w"), ("filter_h", "filter_w"))  # names of a window's size without a filter W


@dataclass(frozen=True)
class Drawing:
    """One slice of an input.

    windows: the (row, column) of those that the worst place comes from, all of one size. marked: single places.
    """

    name: str  # x[0, 1]
    rows: int
    columns: int
    pad: int
    numbers: list[tuple[int, int, str]]
    windows: list[tuple[int, int]] = field(default_factory=list)
    size: tuple[int, int] = (0, 0)
    stride: int = 1
    marked: list[tuple[int, int]] = field(default_factory=list)
    filter_name: str = ""
    filter: list[list[str]] = field(default_factory=list)
    filter_mark: tuple[int, int] | None = None
    follows: bool = False  # the window of (i, j) of the picture's slice is at (i, j) * stride


@dataclass(frozen=True)
class WindowSizes:
    """The sizes of an image (h, w) and of a window (fh, fw) that slides over it."""

    h: int
    w: int
    fh: int
    fw: int
    stride: int
    pad: int

    @property
    def out(self) -> tuple[int, int]:
        """The output's height and width."""
        high, wide = self.h + 2 * self.pad - self.fh, self.w + 2 * self.pad - self.fw
        return high // self.stride + 1, wide // self.stride + 1


def make_drawing(v: Verdict) -> Drawing | None:
    """Return the drawing for a verdict's first wrong answer, None if there is nothing to draw."""
    found = next(iter(make_pictures(v)), None)
    q = asked_question(v, found)
    if q is None:
        return None
    sizes = find_window(q)
    try:
        return draw_sliding(q, sizes, found) if sizes else draw_slice(q, found)
    except (IndexError, ValueError, KeyError):  # an answer of another shape than the layer's: no place to show
        return None


def asked_question(v: Verdict, found: Picture | None) -> Question | None:
    """Return the question of the wrong answer, else of the first call, None if the case cannot be drawn."""
    try:
        expect = v.plan.expect if v.plan else {}
        asked = expect[found.what] if found and found.what in expect else next(iter(expect.values()), None)
        return asked[0] if asked else v.check.case.question()
    except Exception:  # the verdict says already that the case cannot be drawn
        return None


def find_window(q: Question) -> WindowSizes | None:
    """Return the sizes of a layer's sliding window, None without one. Argument names are the contract's."""
    p: dict[str, Any] = q.params
    if "W" in q.arrays and q["W"].ndim == 4 and {"stride", "pad"} <= p.keys() and "transposed" not in q.op.component:
        window = q["W"].shape[2:]
    else:
        names = next((n for n in WINDOW_ARGUMENTS if {*n, "stride", "pad"} <= p.keys()), None)
        if not names:
            return None
        window = tuple(p[n] for n in names)
    x = q.arrays.get("x", q.arrays.get("input_data"))
    image = tuple(p.get("input_shape", () if x is None else x.shape))
    if len(image) != 4 or min(*window, p["stride"]) < 1:
        return None
    sizes = WindowSizes(image[2], image[3], window[0], window[1], p["stride"], p["pad"])
    return sizes if min(sizes.out) > 0 else None


def draw_sliding(q: Question, s: WindowSizes, found: Picture | None) -> Drawing | None:
    """Return the drawing for a layer with a sliding window, None if the input is too large."""
    high, wide = s.h + 2 * s.pad, s.w + 2 * s.pad
    if max(high, wide) > MAX_DRAWN:
        return None
    name = "x" if "x" in q.arrays else "input_data"
    what = found.what.split("_")[0] if found else ""
    at = found.at if found and len(found.at) == (2 if q.op.name == "im2col" else 4) else ()
    image, f, windows, marked, mark = locate(q, s, what, at)
    x = q.arrays.get(name)
    shown = placed_numbers(x[image], s.pad) if x is not None and max(high, wide) <= MAX_NUMBERED else []
    title = f"{name if x is not None else 'image'}[{', '.join(map(str, image))}]"
    return Drawing(
        title, high, wide, s.pad, shown, windows, (s.fh, s.fw), s.stride, marked,
        *filter_numbers(q, f, image[1]), mark, follows=what == "out" and len(at) == 4 and q.op.name != "col2im",
    )  # fmt: skip


def locate(q: Question, s: WindowSizes, what: str, at: Place) -> Any:
    """Return what a wrong place of an answer depends on.

    (image, channel), the filter's number, the windows, single places, and the place in the filter.
    """
    if not at:
        return (0, 0), 0, [(0, 0)], [], None
    if q.op.name == "im2col":
        (n, i, j), (c, a, b) = unfold_index(at[0], s.out), unfold_index(at[1], (s.fh, s.fw))
        row, column = i * s.stride, j * s.stride
        return (n, c), 0, [(row, column)], [(row + a, column + b)], None
    n, c, i, j = at
    if what == "dW":
        corners = [(r * s.stride, k * s.stride) for r in range(s.out[0]) for k in range(s.out[1])]
        return (0, c), n, [], [(r + i, k + j) for r, k in corners], (i, j)
    if what == "dx" or q.op.name == "col2im":
        return (n, c), 0, windows_over(s, i + s.pad, j + s.pad), [(i + s.pad, j + s.pad)], None
    return (n, 0 if "W" in q.arrays else c), c, [(i * s.stride, j * s.stride)], [], None


def unfold_index(k: int, inner: tuple[int, int]) -> tuple[int, int, int]:
    """Return (slice, row, column) for row or column k of im2col's matrix."""
    outer, rest = divmod(k, inner[0] * inner[1])
    return outer, *divmod(rest, inner[1])


def windows_over(s: WindowSizes, row: int, column: int) -> list[tuple[int, int]]:
    """Return the (row, column) of every window that covers a place of the padded input."""
    starts = [[i * s.stride for i in range(n)] for n in s.out]
    return [(r, k) for r in starts[0] if r <= row < r + s.fh for k in starts[1] if k <= column < k + s.fw]


def filter_numbers(q: Question, f: int, channel: int) -> tuple[str, list[list[str]]]:
    """Return the name and the numbers of one filter's channel; nothing if there is none or it is too large."""
    W = q.arrays.get("W")
    if W is None or W.ndim != 4 or max(W.shape[2:]) > MAX_NUMBERED:
        return "", []
    f, c = min(f, len(W) - 1), min(channel, W.shape[1] - 1)
    text = number_format(W[f, c])
    return f"W[{f}, {c}]", [[text(float(w)) for w in row] for row in W[f, c]]


def placed_numbers(a: np.ndarray, pad: int) -> list[tuple[int, int, str]]:
    """Return (row, column, text) of every number of a slice inside its padding."""
    text = number_format(np.asarray(a, "f8"), 2)
    return [(i + pad, j + pad, text(float(a[i, j]))) for i, j in np.ndindex(a.shape)]


def draw_slice(q: Question, found: Picture | None) -> Drawing | None:
    """Return the drawing for a layer without windows: the slice of its input that has the worst place."""
    name = next((k for k in q.op.args if k in q.arrays), "")
    x = q.arrays.get(name)
    if x is None or not x.size or not x.ndim:
        return None
    same = found and found.at and len(found.at) == x.ndim and all(i < n for i, n in zip(found.at, x.shape))
    at = found.at if found and same else (0,) * x.ndim
    a = x[at[:-2]] if x.ndim > 1 else np.atleast_2d(x)
    title = f"{name}[{', '.join(map(str, at[:-2]))}]" if x.ndim > 2 else name
    if max(a.shape) > MAX_NUMBERED:
        return None
    marked = [(at[-2] if x.ndim > 1 else 0, at[-1])] if same else []
    rows, columns = a.shape
    return Drawing(title, rows, columns, 0, placed_numbers(a, 0), marked=marked)
