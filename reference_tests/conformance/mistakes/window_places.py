"""Mistakes of where a window's places are, and of which image it looks at, once for all layers with windows."""

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from ...subject.protocol import Answer, Question
from ..references.loops import padded
from ..types import Mistake
from .changes import Ask, WrongAnswer, alter, ask_with
from .geometry import image_size
from .windows import FOUR_SIDES, STARTS, Row, Starts, alter_one, double_pad, move_windows, window_size, window_starts

COUNTED = "the output has OH rows and OW columns, and its loops run over all of them"


def start_late(q: Question, oh: int, ow: int) -> Starts:
    """Start at stride - 1, as [stride - 1 :: stride] does."""
    ends = [size + 2 * q["pad"] - side + 1 for size, side in zip(image_size(q), window_size(q))]
    return np.arange(q["stride"] - 1, ends[0], q["stride"]), np.arange(q["stride"] - 1, ends[1], q["stride"])


def step_by_size(q: Question, oh: int, ow: int, down: bool = True, across: bool = True) -> Starts:
    """Move by the window's own height down, or its own width across, or both, as often as they fit."""
    h, w = window_size(q)
    ends = [size + 2 * q["pad"] - side + 1 for size, side in zip(image_size(q), (h, w))]
    steps = h if down else q["stride"], w if across else q["stride"]
    return np.arange(0, ends[0], steps[0]), np.arange(0, ends[1], steps[1])


def stay_inside(q: Question, oh: int, ow: int) -> Starts:
    """Move the windows that would reach into the padding back inside; ValueError where the window is too large."""
    found = []
    for starts, size, side in zip(window_starts(q, oh, ow), image_size(q), window_size(q)):
        if side > size:
            raise ValueError("the window is larger than the image")
        found.append(np.clip(starts, q["pad"], q["pad"] + size - side))
    return tuple(found)


def move_beside(q: Question, oh: int, ow: int, by: int) -> Starts:
    """Return the starts in an image padded twice as much, one place further on, or one before; None without padding."""
    if not q["pad"]:
        raise ValueError("there is no padding")
    rows, columns = window_starts(q, oh, ow)
    return rows + q["pad"] + by, columns + q["pad"] + by


def transpose_x(*names: str) -> WrongAnswer:
    """Swap rows and columns of square images, for the named answers; ValueError for others."""

    def answer(ask: Ask, q: Question) -> Answer:
        if q["x"].shape[2] != q["x"].shape[3]:
            raise ValueError("the image is not square")
        right, other = ask(q), ask(q.but(x=q["x"].swapaxes(2, 3)))
        return {k: other[k] if k in names else a for k, a in right.items()}

    return answer


def pad_along(rows: bool, fill: float) -> WrongAnswer:
    """Pad the rows only, or the columns, with this value."""

    def answer(ask: Ask, q: Question) -> Answer | None:
        p, around = q["pad"], [(0, 0)] * 4
        if not p:
            return None
        around[2 if rows else 3] = (p, p)
        found = ask(q.but(x=np.pad(q["x"], around, constant_values=fill), pad=0, dout=None))
        return {"out": found["out"]}

    return answer


def spread_places(ask: Ask, q: Question) -> Answer:
    """Let the places of a window stand stride apart, and the windows side by side; ValueError where that is too far."""
    oh, ow = ask(q.but(dout=None))["out"].shape[2:]
    (h, w), s, x = window_size(q), q["stride"], padded(np.asarray(q["x"], "f8"), q["pad"])
    if oh - 1 + (h - 1) * s >= x.shape[2] or ow - 1 + (w - 1) * s >= x.shape[3]:
        raise ValueError("such a place is not in the image")
    windows = [x[:, :, i : i + (h - 1) * s + 1 : s, j : j + (w - 1) * s + 1 : s] for i, j in np.ndindex(oh, ow)]
    out = ask(q.but(x=np.concatenate(windows), pad=0, stride=1, dout=None))["out"]
    return {"out": out.reshape(oh, ow, len(x), -1).transpose(2, 3, 0, 1)}


def round_to_nearest(fill: float) -> WrongAnswer:
    """Round the output's size to the nearest; the last window hangs over the edge, where it sees `fill`."""

    def answer(ask: Ask, q: Question) -> Answer | None:
        p, s, short = q["pad"], q["stride"], list[int]()
        for size, side in zip(image_size(q), window_size(q)):
            span = size + 2 * p - side
            short.append(max(round(span / s) * s - span, 0))
        around = [(0, 0), (0, 0), *((p, p + more) for more in short)]
        x = np.pad(q["x"], around, constant_values=fill)
        return {"out": ask(q.but(x=x, pad=0, dout=None))["out"]} if any(short) else None

    return answer


def leave_room(spread: bool, bias: bool) -> WrongAnswer:
    """Lay the output into an array as large as with stride 1: at its beginning, or stride apart; the rest is empty."""

    def answer(ask: Ask, q: Question) -> Answer | None:
        s = q["stride"]
        right = ask(q.but(dout=None))["out"]
        wide = np.zeros((*right.shape[:2], *(n + 2 * q["pad"] - f + 1 for n, f in zip(image_size(q), window_size(q)))))
        wide += q["b"][:, None, None] if bias else 0.0
        (oh, ow), step = right.shape[2:], s if spread else 1
        wide[:, :, : (oh - 1) * step + 1 : step, : (ow - 1) * step + 1 : step] = right
        return {"out": wide} if s > 1 else None

    return answer


MOVED: tuple[Row, ...] = (
    ("starts-late", "the first window starts at stride - 1, not at 0", move_windows(start_late), STARTS),
    ("border-windows-moved", "windows that would reach into the padding are moved inside the image",
     move_windows(stay_inside), FOUR_SIDES),
    ("pad-is-half-window", "the padding is half the window, whatever is asked for",
     ask_with(pad=lambda q: window_size(q)[0] // 2), FOUR_SIDES),
    ("pad-is-half-window", "the padding is half the window, rounded down, whatever is asked for",
     ask_with(pad=lambda q: (window_size(q)[0] - 1) // 2), FOUR_SIDES),
    ("places-stride-apart", "the places of a window stand stride apart, and the windows side by side", spread_places,
     STARTS),
    *(("x-transposed", "rows and columns of x are swapped where the image is square", transpose_x(*names),
       "the image is (N, C, H, W), rows before columns")
      for names in (("out", "dW"), ("out", "dW", "dx"), ("out",))),
    *(("pad-one-off", f"the image stands one row and one column too {word} in the padding",
       move_windows(partial(move_beside, by=by), double_pad), FOUR_SIDES)
      for word, by in (("early", 1), ("late", -1))),
    ("stride-is-two", "the stride is two, whatever is asked for", ask_with(stride=lambda q: 2), STARTS),
    ("x-truncated", "x is cut to whole numbers", ask_with(x=lambda q: np.trunc(q["x"])),
     "let every array have a floating-point type"),
)  # fmt: skip


def list_place_mistakes(prefix: str, bias: bool = True, pooling: bool = False, fill: float = 0.0) -> Iterator[Mistake]:
    """Yield the mistakes of a layer. bias: it has one. pooling: its windows are pool_h x pool_w. fill: its padding."""
    rows: tuple[Row, ...] = (
        *MOVED,
        ("pads-rows-only", "only the rows are padded, above and below", pad_along(True, fill), FOUR_SIDES),
        ("pads-columns-only", "only the columns are padded, left and right", pad_along(False, fill), FOUR_SIDES),
        ("rounded-to-nearest", "a size that does not divide is rounded to the nearest", round_to_nearest(fill),
         "refuse a size that does not divide, or round down"),
        *(("size-of-stride-one", f"the output is as large as with stride 1; the numbers stand {where}",
           leave_room(spread, empty), COUNTED)
          for where, spread in (("at its beginning", False), ("stride apart in it", True))
          for empty in ((False, True) if bias else (False,))),
        *MOVING,
        *(SIZED if pooling else ()),
    )  # fmt: skip
    for code, text, answer, repair in rows:
        yield Mistake(f"{prefix}.{code}", text, answer, repair, alone=True)


def pool_other_size(size: Callable[[int, int], tuple[int, int]]) -> WrongAnswer:
    """Pool windows of another size(pool_h, pool_w), as many as is right; behind the image there is nothing."""

    def answer(ask: Ask, q: Question) -> Answer:
        h, w = size(*window_size(q))
        oh, ow = ask(q.but(dout=None))["out"].shape[2:]
        room = max(h, w)
        x = np.pad(padded(q["x"], q["pad"], -np.inf), [(0, 0), (0, 0), (0, room), (0, room)], constant_values=-np.inf)
        return {"out": ask(q.but(x=x, pad=0, pool_h=h, pool_w=w, dout=None))["out"][:, :, :oh, :ow]}

    return answer


WHOLE_WINDOW = "the window has pool_h rows and pool_w columns: x[i : i + pool_h, j : j + pool_w]"
AT_MOST_TWO: Row = (
    "stride-at-most-two", "the stride is two, however much is asked for",
    ask_with(stride=lambda q: min(q["stride"], 2)), STARTS,
)  # fmt: skip
SIZED: tuple[Row, ...] = (
    AT_MOST_TWO,
    (
        "window-is-two",
        "the window is 2 x 2, whatever is asked for",
        ask_with(pool_h=lambda q: 2, pool_w=lambda q: 2),
        WHOLE_WINDOW,
    ),
)
MOVING: tuple[Row, ...] = (
    ("moves-by-own-size", "windows move by their own height and width, not by the stride", move_windows(step_by_size),
     STARTS),
    ("moves-by-own-size", "windows move down by their own height, not by the stride",
     move_windows(partial(step_by_size, across=False)), STARTS),
    ("moves-by-own-size", "windows move across by their own width, not by the stride",
     move_windows(partial(step_by_size, down=False)), STARTS),
)  # fmt: skip


def list_window_sizes(prefix: str) -> Iterator[Mistake]:
    """Yield the mistakes of a maximum over windows of another size, of which there are as many as is right."""
    for code, text, size in (
        ("window-one-less", "the window is one row and one column too small", lambda h, w: (h - 1, w - 1)),
        ("window-one-more", "the window is one row and one column too large", lambda h, w: (h + 1, w + 1)),
        ("square-window", "the window is pool_h x pool_h", lambda h, w: (h, h)),
        ("square-window", "the window is pool_w x pool_w", lambda h, w: (w, w)),
        ("window-swapped", "the window's height and width are swapped", lambda h, w: (w, h)),
    ):  # fmt: skip
        yield Mistake(f"{prefix}.{code}", text, pool_other_size(size), WHOLE_WINDOW, alone=True)


def list_sum_mistakes(prefix: str) -> Iterator[Mistake]:
    """Yield the mistakes of a layer with filters that see several channels: in sums over them, and in b."""
    own: tuple[tuple[str, str, Callable[[Question], np.ndarray]], ...] = (
        ("channels-added-first", "the channels are added up before the product: each meets the sum of its filter",
         lambda q: np.broadcast_to(q["W"].sum(1, keepdims=True), q["W"].shape)),
        ("W-of-one-channel", "every channel meets the filter's first channel, W[f, 0]",
         lambda q: np.broadcast_to(q["W"][:, :1], q["W"].shape)),
    )  # fmt: skip
    for code, text, W in own:
        yield Mistake(f"{prefix}.{code}", text, ask_with(W=W), "channel c meets W[f, c]", alone=True)


def add_along(axis: int) -> WrongAnswer:
    """Add b along an axis of the output, as often as it goes, and not along the channels."""

    def out(a: Answer, q: Question) -> np.ndarray:
        row = np.resize(q["b"], a["out"].shape[axis])
        return np.asarray(a["out"] - q["b"][:, None, None] + (row if axis == 3 else row[:, None]))

    return alter(out=out)


def list_bias_mistakes(prefix: str) -> Iterator[Mistake]:
    """Yield the mistakes of a layer with one bias a filter: where it is added, and which filters dx has."""
    yield Mistake(f"{prefix}.bias-first-image", "b is added to the first image only",
                  alter(out=lambda a, q: a["out"] - (np.arange(len(a["out"])) > 0)[:, None, None, None]
                        * q["b"][:, None, None]), "add b to every image", alone=True)  # fmt: skip
    for axis, side in ((3, "width"), (2, "height")):
        yield Mistake(f"{prefix}.bias-along-side", f"b is added along the {side}, not along the channels",
                      add_along(axis),
                      "b belongs to the channels: b.reshape(1, FN, 1, 1)", alone=True)  # fmt: skip
    yield Mistake(f"{prefix}.first-filter-for-all", "every output channel takes the first filter, with its own bias",
                  alter_one("out", ask_with(W=lambda q: np.broadcast_to(q["W"][:1], q["W"].shape))),
                  "channel f belongs to filter f", alone=True)  # fmt: skip
    for which, at in (("last", -1), ("first", 0)):
        yield Mistake(f"{prefix}.dx-one-filter", f"dx has the part of the {which} filter only",
                      alter_dx_of(at), "add up the shares of all filters", alone=True)  # fmt: skip


def alter_dx_of(at: int) -> WrongAnswer:
    """Take dx of one filter alone."""

    def answer(ask: Ask, q: Question) -> Answer:
        kept = np.arange(len(q["W"])) == at % len(q["W"])
        other = ask(q.but(W=q["W"] * kept[:, None, None, None]))
        return {k: other[k] if k == "dx" else a for k, a in ask(q).items()}

    return answer
