"""Mistakes of backward alone, once for all layers with windows: where it lays them, what it cuts off."""

from collections.abc import Callable, Iterator
from itertools import product

import numpy as np

from ...subject.protocol import Answer, Question
from ..references.loops import padded
from ..types import Mistake
from .changes import Ask, WrongAnswer, alter, dout_of
from .windows import (
    DOUT,
    Starts,
    alter_one,
    crop_dx,
    double_pad,
    move_windows,
    pad_one_side,
    window_size,
    window_starts,
)

Take = Callable[[np.ndarray, Question], np.ndarray]  # (padded dx, question) -> dx
OF_X = "dW takes the windows that forward took: those of the padded image"
CUT = "cut dx out from pad to pad + H and from pad to pad + W"
OWN_LAYER = "the activation is a layer of its own: forward lets negative numbers through"
SPREAD = "put stride - 1 zeros between the numbers of dout, or lay each window at its own place"
NEGATIVE = "dx: where pad is over FH - 1, the margin of dout, FH - 1 - pad, is taken for 0"
CUT_MORE = "a margin below 0 cuts off: pad - (FH - 1) rows above and below, and pad - (FW - 1) columns left and right"
REST = "what the stride leaves over at the end belongs to x: dx has its size, and dW has W's"


def step_down_only(q: Question, oh: int, ow: int) -> Starts:
    """Count the stride down only."""
    return window_starts(q, oh, ow)[0], np.arange(ow)


def step_across_only(q: Question, oh: int, ow: int) -> Starts:
    """Count the stride across only."""
    return np.arange(oh), window_starts(q, oh, ow)[1]


def step_by_window(q: Question, oh: int, ow: int) -> Starts:
    """Move by the window's own size."""
    h, w = window_size(q)
    return np.arange(oh) * h, np.arange(ow) * w


STEPS: tuple[tuple[str, str, Callable[[Question, int, int], Starts]], ...] = (
    ("stride-down-only", "the stride counts down only, not across", step_down_only),
    ("stride-across-only", "the stride counts across only, not down", step_across_only),
    ("stride-is-window", "the windows move by their own size, not by the stride", step_by_window),
)


def lay_gradients(starts: Callable[[Question, int, int], Starts], fill: float, *names: str) -> WrongAnswer:
    """Compute gradients from windows that start elsewhere; what lies behind the padded image is lost. fill: of x."""

    def answer(ask: Ask, q: Question) -> Answer | None:
        if q.dout is None:
            return None
        (h, w), p, rows_columns = q["x"].shape[2:], q["pad"], starts(q, *q.dout.shape[2:])
        sides = [
            max(size + 2 * p, int(s.max()) + f) for size, f, s in zip((h, w), window_size(q), rows_columns, strict=True)
        ]
        around = [(0, 0), (0, 0), *((p, side - size - p) for side, size in zip(sides, (h, w)))]
        one = q.but(x=np.pad(q["x"], around, constant_values=fill), stride=1, pad=0, dout=None)
        dout = np.zeros((*q.dout.shape[:2], *(n - f + 1 for n, f in zip(sides, window_size(q)))))
        rows, columns = rows_columns
        np.add.at(dout, (slice(None), slice(None), rows[:, None], columns), q.dout)  # type: ignore[arg-type]
        found = ask(one.but(dout=dout))
        found["dx"] = found["dx"][:, :, p : p + h, p : p + w]
        return {**ask(q), **{k: found[k] for k in names}}

    return answer


def rest_of(q: Question) -> list[int]:
    """Return how many rows and columns no window reaches."""
    sides = zip(q["x"].shape[2:], window_size(q))
    return [(size + 2 * q["pad"] - side) % q["stride"] for size, side in sides]


def over_images(one: np.ndarray, q: Question) -> np.ndarray:
    """Give every image the same dx."""
    return np.broadcast_to(one, q["x"].shape)


def over_channels(one: np.ndarray, q: Question) -> np.ndarray:
    """Give every channel the same dx."""
    return np.broadcast_to(one, q["x"].shape)


def keep_image(dx: np.ndarray, at: int) -> np.ndarray:
    """Set all images but one to 0."""
    found = np.zeros_like(dx)
    found[at] = dx[at]
    return found


def cut_rest(a: Answer, q: Question) -> np.ndarray:
    """Cut off dx what the stride leaves over."""
    h, w = (size - rest for size, rest in zip(q["x"].shape[2:], rest_of(q)))
    return a["dx"][:, :, :h, :w]


def correlate_dout(stride: Callable[[Question], int]) -> WrongAnswer:
    """Correlate the padded x with dout, spread by another stride; dW is as large as what comes out."""

    def answer(ask: Ask, q: Question) -> Answer:
        s, counts = stride(q), dout_of(q).shape[2:]
        sides = [size + 2 * q["pad"] - (n - 1) * s for size, n in zip(q["x"].shape[2:], counts)]
        return {**ask(q), "dW": ask(q.but(W=np.zeros((*q["W"].shape[:2], *sides)), stride=s))["dW"]}

    return answer


def convolve_dout(ask: Ask, q: Question) -> Answer:
    """Convolve dout as it is with W: dx is as large as what comes out."""
    counts, window = dout_of(q).shape[2:], window_size(q)
    sides = [n - 1 + f - 2 * q["pad"] for n, f in zip(counts, window)]
    return {**ask(q), "dx": ask(q.but(x=np.zeros((*q["x"].shape[:2], *sides)), stride=1))["dx"]}


def list_backward_mistakes(prefix: str, gradients: tuple[str, ...], fill: float = 0.0) -> Iterator[Mistake]:
    """Yield the mistakes of a layer. gradients: those that are made of windows. fill: the padding's value."""
    for what in gradients:
        for code, text, starts in STEPS:
            yield Mistake(f"{prefix}.{what}-{code}", f"{what}: {text}", lay_gradients(starts, fill, what), DOUT,
                          alone=True)  # fmt: skip
    yield from list_backward_cuts(prefix, fill)
    for code, text, dx in (
        ("dx-images-summed", "every image gets the dx of all images together",
         lambda a, q: over_images(a["dx"].sum(0), q)),
        ("dx-first-image", "every image gets the dx of the first", lambda a, q: over_images(a["dx"][0], q)),
        ("dx-last-image", "every image gets the dx of the last", lambda a, q: over_images(a["dx"][-1], q)),
        ("dx-of-one-channel", "every channel gets the dx of the first", lambda a, q: over_channels(a["dx"][:, :1], q)),
        ("dx-of-one-channel", "every channel gets the dx of the last", lambda a, q: over_channels(a["dx"][:, -1:], q)),
        ("dx-one-image", "dx has the first image only, the others stay at 0", lambda a, q: keep_image(a["dx"], 0)),
        ("dx-one-image", "dx has the last image only, the others stay at 0", lambda a, q: keep_image(a["dx"], -1)),
    ):  # fmt: skip
        yield Mistake(f"{prefix}.{code}", text, alter(dx=dx), "dx[n] comes from dout[n]", alone=True)
    yield Mistake(f"{prefix}.dx-as-far-as-covered", "dx ends where the last window does: the stride's rest is missing",
                  alter(dx=cut_rest), REST, alone=True)  # fmt: skip
    if "dW" in gradients:
        yield from list_dW_mistakes(prefix)


def let_through(mask: Callable[[Question, Answer], np.ndarray], *names: str) -> WrongAnswer:
    """Set dout to 0 where mask(question, right answer) is not; the named gradients, or all, follow."""

    def answer(ask: Ask, q: Question) -> Answer:
        right = ask(q)
        other = ask(q.but(dout=dout_of(q) * mask(q, right)))
        return {k: other[k] if k != "out" and k in (names or other) else a for k, a in right.items()}

    return answer


def list_relu_mistakes(prefix: str) -> Iterator[Mistake]:
    """Yield the mistakes of a backward that holds a ReLU which forward does not."""
    text = "backward passes dout only where the output is above 0, as if a ReLU were inside"
    for text_of, change in (
        (text, let_through(lambda q, a: a["out"] > 0)),
        (f"dx: {text}", let_through(lambda q, a: a["out"] > 0, "dx")),
        ("dx is 0 where x is not above 0, as if a ReLU stood before", alter(dx=lambda a, q: a["dx"] * (q["x"] > 0))),
    ):
        yield Mistake(f"{prefix}.relu-in-backward", text_of, change, OWN_LAYER, alone=True)


def list_backward_cuts(prefix: str, fill: float = 0.0) -> Iterator[Mistake]:
    """Yield the ways in which the padding is cut off dx wrongly."""
    for code, text, take in CUTS:
        yield Mistake(f"{prefix}.dx-{code}", text, crop_dx(take, fill), CUT, alone=True)
    for (code, text, sides), more in product(CROPPED_BY, (False, True)):
        yield Mistake(f"{prefix}.dx-crop-{code}", f"dx: {text} where the padding is cut off",
                      crop_by_sides(sides, more, fill), CUT, alone=True)  # fmt: skip


CROPPED_BY = (
    ("of-one-side", "the height of the image is taken for both sides", (2, 2)),
    ("of-one-side", "the width of the image is taken for both sides", (3, 3)),
    ("turned", "height and width of the image are swapped", (3, 2)),
)


def crop_by_sides(sides: tuple[int, int], more: bool, fill: float) -> WrongAnswer:
    """Cut dx from pad to pad + H or pad + W: sides says which, of x's axes, for the rows and for the columns.

    more: the image has stride - 1 rows and columns more.
    """

    def answer(ask: Ask, q: Question) -> Answer | None:
        if q.dout is None:
            return None
        wide = ask(q.but(x=padded(q["x"], q["pad"], fill), pad=0))["dx"]
        rows, columns = (slice(q["pad"], q["pad"] + q["x"].shape[axis]) for axis in sides)
        rest = (0, (q["stride"] - 1) * more)
        return {**ask(q), "dx": np.pad(wide, [(0, 0), (0, 0), rest, rest])[:, :, rows, columns]}

    return answer


def list_dW_mistakes(prefix: str) -> Iterator[Mistake]:
    """Yield those of a layer with filters: dW, and dx where it is a convolution of dout."""
    for code, text, change, repair in (
        ("dW-without-pad", "dW takes its windows from the image without its padding",
         alter_one("dW", move_windows(lambda q, oh, ow: pad_one_side(q, oh, ow, 2), double_pad)), OF_X),
        ("dW-stride-one-size", "dW is x correlated with dout as it is, as for stride 1: it has too many places",
         correlate_dout(lambda q: 1), SPREAD),
        ("dW-rest-kept", "dW has too many rows or columns: those that the stride leaves over", 
         correlate_dout(lambda q: q["stride"]), REST),
        ("dx-stride-one-size", "dx is a convolution of dout as it is, as for stride 1: it is too small",
         convolve_dout, SPREAD),
        *(("dx-margin-not-below-0", f"{NEGATIVE}, {so}", of_backward(crop_dx(cut_at_window(whole))), CUT_MORE)
          for so, whole in (("and dx is cut to its size from the top left", True), ("so that dx is too large", False))),
    ):  # fmt: skip
        yield Mistake(f"{prefix}.{code}", text, change, repair, alone=True)


def of_backward(change: WrongAnswer) -> WrongAnswer:
    """Make a mistake of backward alone say nothing of a forward."""
    return lambda ask, q: None if q.dout is None else change(ask, q)


def cut_at_window(whole: bool) -> Take:
    """Return a function that cuts as who correlates dout with a margin of at least 0. whole: to the right size."""

    def take(wide: np.ndarray, q: Question) -> np.ndarray:
        top, left = (min(q["pad"], side - 1) for side in window_size(q))
        (h, w), (all_rows, all_columns) = q["x"].shape[2:], wide.shape[2:]
        ends = (top + h, left + w) if whole else (all_rows - top, all_columns - left)
        return wide[:, :, top : ends[0], left : ends[1]]

    return take


def cut(low: Callable[[int], int], high: Callable[[int, int], int | None]) -> Take:
    """Return a function that cuts both axes from low(pad) to high(pad, size)."""

    def take(wide: np.ndarray, q: Question) -> np.ndarray:
        (h, w), p = q["x"].shape[2:], q["pad"]
        return wide[:, :, low(p) : high(p, h), low(p) : high(p, w)]

    return take


def cut_beside(rows: int, columns: int) -> Take:
    """Return a function that cuts from pad + rows down and from pad + columns across."""

    def take(wide: np.ndarray, q: Question) -> np.ndarray:
        (h, w), p = q["x"].shape[2:], q["pad"]
        wide = np.pad(wide, [(0, 0), (0, 0), (0, 1), (0, 1)])
        return wide[:, :, p + rows : p + rows + h, p + columns : p + columns + w]

    return take


CUTS: tuple[tuple[str, str, Take], ...] = (
    *(("cropped-one-off", f"dx is cut out one row and one column too {word}", cut_beside(by, by))
      for word, by in (("early", -1), ("late", 1))),
    *(("cropped-one-off", f"dx is cut out one {side} too {word}", cut_beside(by * down, by * (1 - down)))
      for word, by in (("early", -1), ("late", 1)) for side, down in (("row", 1), ("column", 0))),
    ("crop-to-size", "dx is cut from pad to H and W: it should end at pad + H and pad + W",
     cut(lambda p: p, lambda p, size: size)),
    ("crop-before-only", "the padding of dx below and to the right is not cut off",
     cut(lambda p: p, lambda p, n: None)),
    ("crop-after-only", "the padding of dx above and to the left is not cut off",
     cut(lambda p: 0, lambda p, n: n + p)),
)  # fmt: skip
