"""Mistakes of where windows start and how many there are, once for all: of layers, of im2col and of col2im."""

from collections.abc import Callable, Iterator

import numpy as np

from ...subject.protocol import Answer, Question
from ..types import Mistake
from .changes import Ask, WrongAnswer, alter, dout_of
from .windows import DOUT, FOUR_SIDES, STARTS, Starts, alter_one, double_pad, move_windows, window_size, window_starts

Placing = tuple[str, str, Callable[[Question, int, int], Starts], bool, str]  # code, text, starts, doubled pad, repair
SIZE = "OH is (H + 2 pad - window's height) / stride, plus 1; OW likewise with W and the window's width"
STEP = "i runs over 0, 1, ... OH - 1; its window starts at i * stride"


def shift(rows: int, columns: int) -> Callable[[Question, int, int], Starts]:
    """Return the starts in an image padded twice as much: 0 is before it, 2 behind it, 1 as is right."""

    def starts(q: Question, oh: int, ow: int) -> Starts:
        down, across = window_starts(q, oh, ow)
        return down + rows * q["pad"], across + columns * q["pad"]

    return starts


def step_at_most_window(q: Question, oh: int, ow: int) -> Starts:
    """Move by no more than the window's side."""
    h, w = window_size(q)
    return np.arange(oh) * min(q["stride"], h), np.arange(ow) * min(q["stride"], w)


def step_at_most_width(q: Question, oh: int, ow: int) -> Starts:
    """Move across by no more than the window's width; down as is right."""
    return window_starts(q, oh, ow)[0], step_at_most_window(q, oh, ow)[1]


def step_at_most_height(q: Question, oh: int, ow: int) -> Starts:
    """Move down by no more than the window's height; across as is right."""
    return step_at_most_window(q, oh, ow)[0], window_starts(q, oh, ow)[1]


def step_twice(q: Question, oh: int, ow: int) -> Starts:
    """List the windows that a loop over the output's places finds when it steps by the stride as well."""
    return tuple(np.arange(0, n, q["stride"]) for n in (oh, ow))


def step_one_side(across: bool) -> Callable[[Question, int, int], Starts]:
    """Take every stride-th window across, and all of them down; or the other way round."""

    def starts(q: Question, oh: int, ow: int) -> Starts:
        found = list(window_starts(q, oh, ow))
        side = 0 if across else 1
        found[side] = np.arange(image_size(q)[side] + 2 * q["pad"] - window_size(q)[side] + 1)
        return tuple(found)

    return starts


def count_places(h: Callable[..., int], w: Callable[..., int]) -> Callable[[Question, int, int], Starts]:
    """Take as many windows as h and w of (H, W, FH, FW, pad, stride) say; ValueError if there are not so many."""

    def starts(q: Question, oh: int, ow: int) -> Starts:
        sides = (*image_size(q), *window_size(q), q["pad"], q["stride"])
        counts = h(*sides), w(*sides)
        if min(counts) < 1 or counts[0] > oh or counts[1] > ow:
            raise ValueError(f"there are no {counts} windows")
        return tuple(s[:n] for s, n in zip(window_starts(q, oh, ow), counts))

    return starts


def image_size(q: Question) -> tuple[int, int]:
    """Return H and W."""
    image = q.arrays.get("x", q.arrays.get("input_data"))
    h, w = q["input_shape"][2:] if image is None else image.shape[2:]
    return h, w


def places(side: int, window: int, pad: int, stride: int) -> int:
    """Count the windows along one axis."""
    return (side + 2 * pad - window) // stride + 1


def count_columns_with_rows(q: Question, oh: int, ow: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the first row and column of each window, (OH, OW), where window k stands in column k % OH.

    ValueError where a window would stand outside the image.
    """
    k = np.arange(oh * ow).reshape(oh, ow)
    rows, columns = k // ow, k % oh
    if oh > ow:
        raise ValueError(f"there is no column {oh - 1}")
    return rows * q["stride"], columns * q["stride"]


def scatter_windows(ask: Ask, q: Question) -> Answer:
    """Answer with the windows in columns that are counted with OH."""
    rows, columns = count_columns_with_rows(q, *ask(q.but(dout=None))["out"].shape[2:])
    one = q.but(stride=1, dout=None)
    wide = ask(one)["out"]
    found = {"out": wide[:, :, rows, columns]}
    if q.dout is None:
        return found
    dout = np.zeros_like(wide)
    np.add.at(dout, (slice(None), slice(None), rows, columns), q.dout)  # type: ignore[arg-type]
    return {**ask(one.but(dout=dout)), **found}


BY_ROWS = "the windows' columns are counted with OH, not with OW: right only where the output is square"
# fmt: off
PLACINGS: tuple[Placing, ...] = (
    ("pad-rows-after", "all the padding of the rows is below, none above", shift(2, 1), True, FOUR_SIDES),
    ("pad-rows-before", "all the padding of the rows is above, none below", shift(0, 1), True, FOUR_SIDES),
    ("pad-columns-after", "all the padding of the columns is to the right, none to the left", shift(1, 2), True,
     FOUR_SIDES),
    ("pad-columns-before", "all the padding of the columns is to the left, none to the right", shift(1, 0), True,
     FOUR_SIDES),
    ("stride-at-most-window", "the stride is at most the window: gaps between windows are left out",
     step_at_most_window, False, STARTS),
    ("stride-at-most-window", "the stride across is at most the window's width: gaps between windows are left out",
     step_at_most_width, False, STARTS),
    ("stride-at-most-window", "the stride down is at most the window's height: gaps between windows are left out",
     step_at_most_height, False, STARTS),
    ("stride-in-range", "the loop over the output's places steps by the stride: there are too few windows", step_twice,
     False, STEP),
    ("size-without-pad", "the output's size is worked out without the padding",
     count_places(lambda h, w, fh, fw, p, s: places(h, fh, 0, s), lambda h, w, fh, fw, p, s: places(w, fw, 0, s)),
     False, SIZE),
    ("size-pad-once", "the output's size is worked out with the padding once, not on both sides",
     count_places(lambda h, w, fh, fw, p, s: (h + p - fh) // s + 1, lambda h, w, fh, fw, p, s: (w + p - fw) // s + 1),
     False, SIZE),
    ("OW-from-window-height", "OW is worked out with the height of the window",
     count_places(lambda h, w, fh, fw, p, s: places(h, fh, p, s), lambda h, w, fh, fw, p, s: places(w, fh, p, s)),
     False, SIZE),
    ("OH-from-window-width", "OH is worked out with the width of the window",
     count_places(lambda h, w, fh, fw, p, s: places(h, fw, p, s), lambda h, w, fh, fw, p, s: places(w, fw, p, s)),
     False, SIZE),
    ("OW-is-OH", "OW is taken to be OH",
     count_places(lambda h, w, fh, fw, p, s: places(h, fh, p, s), lambda h, w, fh, fw, p, s: places(h, fh, p, s)),
     False, SIZE),
    ("OW-from-H", "OW is worked out with H in place of W",
     count_places(lambda h, w, fh, fw, p, s: places(h, fh, p, s), lambda h, w, fh, fw, p, s: places(h, fw, p, s)),
     False, SIZE),
    ("OH-from-W", "OH is worked out with W in place of H",
     count_places(lambda h, w, fh, fw, p, s: places(w, fh, p, s), lambda h, w, fh, fw, p, s: places(w, fw, p, s)),
     False, SIZE),
    ("OH-is-OW", "OH is taken to be OW",
     count_places(lambda h, w, fh, fw, p, s: places(w, fw, p, s), lambda h, w, fh, fw, p, s: places(w, fw, p, s)),
     False, SIZE),
)
# fmt: on


def list_placing_mistakes(prefix: str, dx: bool = True, flat: bool = True) -> Iterator[Mistake]:
    """Yield the mistakes of a layer whose output is (N, channels, OH, OW).

    dx: backward's own are among them. flat: the stride may be more than a window's height in its cases.
    """
    rows = [row for row in PLACINGS if flat or row[2] is not step_at_most_height]
    for code, text, starts, double, repair in rows:
        move = move_windows(starts, double_pad) if double else move_windows(starts)
        yield Mistake(f"{prefix}.{code}", text, move, repair)
    for across, where, what in ((False, "across", "columns"), (True, "down", "rows")):
        text = f"the stride is ignored {where}, in the number of {what} of windows too"
        yield Mistake(f"{prefix}.stride-one-size", text, move_windows(step_one_side(across)), STARTS, alone=True)
    text = "the loop over the output's places steps by the stride: most places are never written"
    yield Mistake(f"{prefix}.stride-in-range", text, write_every_stride(at_start=False), STEP)
    yield Mistake(f"{prefix}.stride-in-range", text, write_every_stride(at_start=True), STEP)
    yield Mistake(f"{prefix}.columns-by-OH", BY_ROWS, scatter_windows, "window k stands in row k // OW, column k % OW")
    swapped = "the numbers are laid out as (N, OW, OH, channels) and then brought into the right shape"
    yield Mistake(f"{prefix}.sides-swapped", swapped, swap_sides, "keep the order (N, OH, OW, channels)")
    if dx:
        yield from list_cuts(prefix)
        narrow = "dx puts windows back with a stride of at most the window"
        yield Mistake(f"{prefix}.dx-stride-at-most-window", narrow,
                      alter_one("dx", move_windows(step_at_most_window)), DOUT)  # fmt: skip


CUT = "dx is cut to OH * stride rows and OW * stride columns"


def list_cuts(prefix: str) -> Iterator[Mistake]:
    """Yield the mistakes of a dx that lacks the rows and columns which the stride leaves over."""
    for before in (False, True):
        yield Mistake(f"{prefix}.dx-cut", CUT, cut_dx(before), "make dx in the shape of x", alone=True)


def cut_dx(before: bool) -> WrongAnswer:
    """Cut dx to the output's size times the stride. before: this is done before the padding is cut off."""

    def dx(a: Answer, q: Question) -> np.ndarray:
        h, w = (n * q["stride"] - (q["pad"] if before else 0) for n in a["out"].shape[2:])
        if min(h, w) < 1:
            raise ValueError("nothing is left of dx")
        return a["dx"][:, :, :h, :w]

    return alter(dx=dx)


def write_every_stride(at_start: bool) -> WrongAnswer:
    """Write only every stride-th place of the output, the others stay 0.

    at_start: place i * stride is written at i, and is right; else at i * stride, and is that of stride 1.
    """

    def answer(ask: Ask, q: Question) -> Answer | None:
        s = q["stride"]
        if s == 1:
            return None
        if at_start:
            right = ask(q.but(dout=None))["out"]
            out = np.zeros_like(right)
            rows, columns = (-(-n // s) for n in right.shape[2:])
            out[:, :, :rows, :columns] = right[:, :, :rows, :columns]
            return {"out": out}
        rows, columns = (np.arange(n) for n in ask(q.but(dout=None))["out"].shape[2:])
        written = (rows[:, None] % s == 0) & (columns % s == 0)
        dout = None if q.dout is None else dout_of(q) * written
        found = move_windows(lambda q, oh, ow: (np.arange(oh), np.arange(ow)))(ask, q.but(dout=dout)) or {}
        return {k: a * written if k == "out" else a for k, a in found.items() if k != "db"}

    return answer


def swap_sides(ask: Ask, q: Question) -> Answer:
    """Read the output's numbers, in the order (N, OH, OW, channels), as (N, OW, OH, channels)."""
    out = ask(q.but(dout=None))["out"]
    n, c, oh, ow = out.shape
    found = {"out": out.transpose(0, 2, 3, 1).reshape(n, ow, oh, c).transpose(0, 3, 2, 1)}
    return found if q.dout is None else {**ask(q), **found}
