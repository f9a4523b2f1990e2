"""Step by step over the smallest wrong case: the window slides, and each step says what the right layer computes there.

Forward steps name every product of a window; backward steps, and col2im's, add up what each window gives back.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..conformance.compare import wrong_places
from ..conformance.types import Problem, Verdict
from ..i18n import _
from ..subject.protocol import Question
from .drawing import MAX_NUMBERED, WindowSizes, asked_question, find_window
from .pictures import Picture, make_pictures, number_format, slice_name

MAX_STEPS = 64
MAX_TERMS = 9  # products of one step that are written out
DIGITS = 3
Grid = list[list[str]]


@dataclass(frozen=True)
class Step:
    """One place of the window. at: the output place that is computed; left: the image's numbers after the step."""

    row: int
    column: int
    text: str
    at: tuple[int, int] | None = None
    left: Grid | None = None


@dataclass(frozen=True)
class Animation:
    """All that a page needs: the padded image, the window, the two answers and the steps."""

    name: str  # of the image that the window slides over
    rows: int
    columns: int
    pad: int
    size: tuple[int, int]
    numbers: Grid
    answer: str  # out[0, 1]
    want: Grid
    got: Grid
    wrong: list[list[bool]]
    steps: list[Step]


def make_animation(v: Verdict) -> Animation | None:
    """Return the animation of a verdict's first wrong answer, None if its layer has no window or it is too large."""
    found = next(iter(make_pictures(v)), None)
    q = asked_question(v, found)
    sizes = find_window(q) if q else None
    problem = next((p for p in v.problems if found and p.what == found.what), None)
    if found is None or q is None or sizes is None or problem is None or len(found.at) != 4:
        return None
    high, wide = sizes.h + 2 * sizes.pad, sizes.w + 2 * sizes.pad
    count = sizes.out[0] * sizes.out[1]
    if max(high, wide) > MAX_NUMBERED or count > MAX_STEPS or np.shape(problem.got) != np.shape(problem.want):
        return None
    kind = (q.op.component, found.what.split("_")[0])
    make = FORWARD.get(kind) or BACKWARD.get(kind)
    if make is None:
        return None
    try:
        steps = list(
            forward_steps(q, sizes, found, problem, make) if kind in FORWARD else add_up(q, sizes, found, make)
        )
    except (IndexError, KeyError, ValueError):  # the case asks for another question than the layer's own
        return None
    return frame(q, sizes, found, problem, steps)


def frame(q: Question, s: WindowSizes, found: Picture, problem: Problem, steps: list[Step]) -> Animation:
    """Put the steps between the image and the two answers."""
    n, c = found.at[:2]
    got, want = (np.asarray(a, "f8")[n, c] for a in (problem.got, problem.want))
    text = number_format(np.stack([got, want]), DIGITS)
    wrong = wrong_places(problem.got, problem.want, 0 if problem.allowed is None else problem.allowed)[n, c]
    name, image = image_of(q, found)
    return Animation(
        name, s.h + 2 * s.pad, s.w + 2 * s.pad, s.pad, (s.fh, s.fw), texts_of(image, s.pad),
        slice_name(found.what, found.at), grid(want, text), grid(got, text), wrong.tolist(), steps,
    )  # fmt: skip


def grid(a: np.ndarray, text: Callable[[float], str]) -> Grid:
    """Write the numbers of a slice."""
    return [[text(float(x)) for x in row] for row in a]


def image_of(q: Question, found: Picture) -> tuple[str, np.ndarray | None]:
    """Return the name and the numbers of the image below the window; none where the steps build it up."""
    if found.what.startswith("out") and "x" in q.arrays:
        channel = 0 if "W" in q.arrays else found.at[1]
        return slice_name("x", (found.at[0], channel, 0, 0)), np.asarray(q["x"], "f8")[found.at[0], channel]
    return slice_name(found.what, found.at), None


def texts_of(image: np.ndarray | None, pad: int) -> Grid:
    """Write an image inside its padding of zeros."""
    if image is None:
        return []
    text, padded = number_format(image, DIGITS), np.pad(image, pad)
    return grid(padded, text)


def places(s: WindowSizes) -> Iterator[tuple[int, int, int, int]]:
    """Yield (i, j) of every output place, and the row and the column at which its window begins."""
    for i, j in np.ndindex(*s.out):
        yield i, j, i * s.stride, j * s.stride


def forward_steps(q: Question, s: WindowSizes, found: Picture, problem: Problem, make: Any) -> Iterator[Step]:
    """Yield a step for every output place of the shown slice, with its arithmetic and both results."""
    n, c = found.at[:2]
    got, want = (np.asarray(a, "f8")[n, c] for a in (problem.got, problem.want))
    text = number_format(np.stack([got, want]), DIGITS)
    image = np.asarray(q["x"], "f8")[n]
    fill = -np.inf if q.op.component == "pooling" else 0.0
    padded = np.pad(image, [(0, 0), (s.pad, s.pad), (s.pad, s.pad)], constant_values=fill)
    for i, j, row, column in places(s):
        said = make(q, padded[:, row : row + s.fh, column : column + s.fw], c)
        results = _("{said} = {want}; yours: {got}")
        results = results.format(said=said, want=text(float(want[i, j])), got=text(float(got[i, j])))
        yield Step(row, column, f"{found.what}[{n}, {c}, {i}, {j}] = {results}", (i, j))


def of_products(q: Question, window: np.ndarray, f: int) -> str:
    """Write a convolution's sum of products, and its bias."""
    W = np.asarray(q["W"], "f8")[f]
    text, weight = number_format(window, DIGITS), number_format(W, DIGITS)
    terms = [f"{text(float(x))}×{weight(float(w))}" for x, w in zip(window.flat, W.flat)]
    return " + ".join([*shortened(terms), weight(float(q["b"][f])) if "b" in q.arrays else ""]).removesuffix(" + ")


def of_largest(q: Question, window: np.ndarray, c: int) -> str:
    """Write which numbers max pooling chooses from; the padding is below all."""
    text = number_format(window[c], DIGITS)
    return f"max({', '.join(shortened([text(float(x)) for x in window[c].flat if np.isfinite(x)]))})"


def of_mean(q: Question, window: np.ndarray, c: int) -> str:
    """Write the mean of a window, padded zeros included."""
    text = number_format(window[c], DIGITS)
    return f"({' + '.join(shortened([text(float(x)) for x in window[c].flat]))}) / {window[c].size}"


def shortened(terms: list[str]) -> list[str]:
    """Leave out the middle of many terms."""
    return terms if len(terms) <= MAX_TERMS else [*terms[: MAX_TERMS - 2], "…", terms[-1]]


def add_up(q: Question, s: WindowSizes, found: Picture, make: Any) -> Iterator[Step]:
    """Yield a step for every window that gives its numbers back; what overlaps is added."""
    n, c = found.at[:2]
    total = np.zeros((s.h + 2 * s.pad, s.w + 2 * s.pad))
    patches = [(i, j, row, column, *make(q, s, (n, c, i, j))) for i, j, row, column in places(s)]
    whole = total.copy()
    for _i, _j, row, column, patch, _said in patches:
        whole[row : row + s.fh, column : column + s.fw] += patch
    text = number_format(whole, DIGITS)
    for i, j, row, column, patch, said in patches:
        total[row : row + s.fh, column : column + s.fw] += patch
        yield Step(row, column, f"({i}, {j}): {said}", left=grid(total, text))


def back_of_convolution(q: Question, s: WindowSizes, at: tuple[int, int, int, int]) -> tuple[np.ndarray, str]:
    """Return dout times the filter, over all filters, and say so."""
    n, c, i, j = at
    dout, W = np.asarray(q.dout, "f8")[n, :, i, j], np.asarray(q["W"], "f8")[:, c]
    said = _("the window gets dout × W of each filter; where windows overlap, it is added")
    if len(dout) == 1:
        said = _("the window gets {dout} × W; where windows overlap, it is added").format(dout=f"{dout[0]:.3g}")
    return np.einsum("f,fab->ab", dout, W), said


def back_of_largest(q: Question, s: WindowSizes, at: tuple[int, int, int, int]) -> tuple[np.ndarray, str]:
    """Return dout at the first largest number of the window, and say so."""
    n, c, i, j = at
    padded = np.pad(np.asarray(q["x"], "f8")[n, c], s.pad, constant_values=-np.inf)
    window = padded[i * s.stride : i * s.stride + s.fh, j * s.stride : j * s.stride + s.fw]
    patch, dout = np.zeros(window.shape), float(np.asarray(q.dout)[at])
    patch.flat[window.argmax()] = dout
    said = _("the largest number of this window is {x}; its place alone gets {dout}")
    return patch, said.format(x=f"{window.max():.3g}", dout=f"{dout:.3g}")


def back_of_mean(q: Question, s: WindowSizes, at: tuple[int, int, int, int]) -> tuple[np.ndarray, str]:
    """Return dout shared by all places of the window, and say so."""
    dout = float(np.asarray(q.dout)[at])
    said = _("every place of the window gets {dout} / {size}").format(dout=f"{dout:.3g}", size=s.fh * s.fw)
    return np.full((s.fh, s.fw), dout / (s.fh * s.fw)), said


def row_of_matrix(q: Question, s: WindowSizes, at: tuple[int, int, int, int]) -> tuple[np.ndarray, str]:
    """Return the part of a row of col that belongs to this window and channel, and say so."""
    n, c, i, j = at
    row = (n * s.out[0] + i) * s.out[1] + j
    part = np.asarray(q["col"], "f8")[row].reshape(-1, s.fh, s.fw)[c]
    return part, _("row {row} of col is added at its window's place").format(row=row)


FORWARD: dict[tuple[str, str], Callable[..., str]] = {
    ("convolution", "out"): of_products,
    ("pooling", "out"): of_largest,
    ("average_pooling", "out"): of_mean,
}
BACKWARD: dict[tuple[str, str], Callable[..., tuple[np.ndarray, str]]] = {
    ("convolution", "dx"): back_of_convolution,
    ("pooling", "dx"): back_of_largest,
    ("average_pooling", "dx"): back_of_mean,
    ("col2im", "out"): row_of_matrix,
}
