"""Transposed convolution: the known mistakes, each a change of what a reference answers."""

from collections.abc import Callable

import numpy as np

from ...subject.protocol import Answer, Question
from ..references import loops
from ..types import Mistake
from .backward import list_relu_mistakes
from .blocks import list_output_blocks
from .changes import Ask, WrongAnswer, alter, ask_with, list_untransposed
from .filters import MIRRORED, alter_dx_alone, flip, list_filter_mistakes, list_left_changes
from .left_out import list_left_images, list_left_strides, list_missing_edges
from .margins import list_margins
from .one_sided import list_one_sided_output
from .small_integers import list_small_integers
from .sums import list_cut_douts, list_db_mistakes, list_short_sums
from .windows import AS_IT_CAME, FOUR_SIDES, alter_one, reread_dout


def read_as_convolution(q: Question) -> np.ndarray:
    """Read W as (FN, C, FH, FW)."""
    c, fn, fh, fw = q["W"].shape
    return np.asarray(q["W"].reshape(fn, c, fh, fw).swapaxes(0, 1))


def overwrite(last: bool) -> WrongAnswer:
    """Let the last (or the first) of overlapping windows stay."""
    return lambda ask, q: overwrite_windows(q, last)


def overwrite_windows(q: Question, last: bool) -> Answer:
    """Lay the windows down one over the other; with them first, the first pixel's stays."""
    (n, _, h, w), (_, fn, fh, fw), s = q["x"].shape, q["W"].shape, q["stride"]
    wide = np.zeros((n, fn, (h - 1) * s + fh, (w - 1) * s + fw))
    pixels = list(np.ndindex(h, w))
    for i, j in pixels if last else reversed(pixels):
        wide[:, :, i * s : i * s + fh, j * s : j * s + fw] = np.einsum("nc,cfyx->nfyx", q["x"][:, :, i, j], q["W"])
    return {"out": loops.crop(wide, q["pad"]) + q["b"][:, None, None]}


def lay_blocks(q: Question) -> np.ndarray:
    """Lay each pixel's window beside that of the pixel before, whatever the stride."""
    blocks = np.einsum("ncij,cfyx->nfiyjx", q["x"], q["W"])
    n, fn, h, fh, w, fw = blocks.shape
    return np.asarray(blocks.reshape(n, fn, h * fh, w * fw) + q["b"][:, None, None])


def convolve(ask: Ask, q: Question) -> Answer:
    """Convolve with W, its channels and filters swapped."""
    return {"out": loops.convolution(q.but(W=q["W"].swapaxes(0, 1), dout=None))["out"]}


def size_by_other_side(axis: int) -> WrongAnswer:
    """Work one side of the output out with the window's other side; ValueError where the windows do not fit in it."""

    def answer(ask: Ask, q: Question) -> Answer:
        more = q["W"].shape[5 - axis] - q["W"].shape[axis]
        if more < 0 and q["x"].shape[axis] > 1:
            raise ValueError("the last windows do not fit")
        zero = np.zeros_like(q["b"])
        wide = ask(q.but(pad=0, b=zero, dout=None))["out"]
        wide = np.pad(wide, [(0, max(more, 0) * (i == axis)) for i in range(4)])
        wide = wide.swapaxes(axis, 3)[..., : more or None if more < 0 else None].swapaxes(axis, 3)
        return {"out": loops.crop(wide, q["pad"]) + q["b"][:, None, None]}

    return answer


def alter_dx(keep: Callable[[Question], np.ndarray]) -> WrongAnswer:
    """Compute dx with a part of W alone."""
    return alter_one("dx", lambda ask, q: ask(q.but(W=q["W"] * keep(q))))


def keep_last_pixel(q: Question) -> np.ndarray:
    """Set all pixels but the last of each channel to 0."""
    x = np.zeros(q["x"].shape)
    x[:, :, -1, -1] = q["x"][:, :, -1, -1]
    return x


def last_of(axis: int) -> Callable[[Question], np.ndarray]:
    """Return a function that gives 1 at W's last index of an axis, 0 elsewhere."""

    def keep(q: Question) -> np.ndarray:
        n = q["W"].shape[axis]
        return np.asarray(np.arange(n) == n - 1).reshape([-1 if i == axis else 1 for i in range(4)])

    return keep


def pad_dout(mode: str, *names: str) -> WrongAnswer:
    """Pad dout in another of np.pad's modes than with zeros, for the named gradients."""

    def answer(ask: Ask, q: Question) -> Answer | None:
        p = q["pad"]
        if not p or q.dout is None:
            return None
        wide = ask(q.but(pad=0, dout=np.pad(q.dout, [(0, 0), (0, 0), (p, p), (p, p)], mode)))  # type: ignore[call-overload]
        return {k: wide[k] if k in names else a for k, a in ask(q).items()}

    return answer


def go_back_side_by_side(*names: str) -> WrongAnswer:
    """Compute dx or dW from windows of the padded dout that start at (i, j), whatever the stride."""

    def answer(ask: Ask, q: Question) -> Answer | None:
        if q.dout is None:
            return None
        x, W, full = q["x"], q["W"], loops.padded(np.asarray(q.dout, "f8"), q["pad"])
        found: Answer = {"dx": np.zeros(x.shape), "dW": np.zeros(W.shape)}
        for i, j in np.ndindex(x.shape[2:]):
            window = full[:, :, i : i + W.shape[2], j : j + W.shape[3]]
            found["dx"][:, :, i, j] = np.tensordot(window, W, ((1, 2, 3), (1, 2, 3)))
            found["dW"] += np.tensordot(x[:, :, i, j], window, (0, 0))
        return {k: found[k] if k in names else a for k, a in ask(q).items()}

    return answer


def without_last(axes: tuple[int, ...]) -> Callable[[Question], np.ndarray]:
    """Return a function that sets the last row or column of x to 0."""

    def change(q: Question) -> np.ndarray:
        x = np.array(q["x"])
        for axis in axes:
            x[(slice(None),) * axis + (-1,)] = 0
        return x

    return change


def cut_square(axis: int) -> WrongAnswer:
    """Cut from pad to the height less pad on both axes, or to the width less pad."""

    def answer(ask: Ask, q: Question) -> Answer:
        wide = ask(q.but(pad=0, dout=None))["out"]
        kept = slice(q["pad"], wide.shape[axis] - q["pad"])
        found = {"out": wide[:, :, kept, kept]}
        return found if q.dout is None else {**ask(q), **found}

    return answer


def count_stamps(q: Question) -> np.ndarray:
    """Count the windows that lie over each place of the output, (OH, OW)."""
    (h, w), (fh, fw), s = q["x"].shape[2:], q["W"].shape[2:], q["stride"]
    wide = np.zeros((1, 1, (h - 1) * s + fh, (w - 1) * s + fw))
    for i, j in np.ndindex(h, w):
        wide[:, :, i * s : i * s + fh, j * s : j * s + fw] += 1
    return np.asarray(loops.crop(wide, q["pad"])[0, 0])


DX_PARTS: tuple[tuple[str, Callable[[Question], np.ndarray]], ...] = (
    ("filter", last_of(1)),
    ("row of the window", last_of(2)),
    ("column of the window", last_of(3)),
    ("place of the window", lambda q: last_of(2)(q) * last_of(3)(q)),
    ("filter and place of the window", lambda q: last_of(1)(q) * last_of(2)(q) * last_of(3)(q)),
)


def extend(more: list[tuple[int, int]], strided: bool, bias: bool) -> WrongAnswer:
    """Put zeros, or the bias, behind the output. strided: only if the stride is over 1."""

    def out(a: Answer, q: Question) -> np.ndarray:
        if strided and q["stride"] == 1:
            return a["out"]
        b = q["b"][:, None, None] if bias else 0.0
        return np.pad(a["out"] - b, more) + b

    return alter(out=out)


def pad_wide(down: int, across: int, less: int = 1) -> WrongAnswer:
    """Put down * (stride - less) rows and across * (stride - less) columns of zeros behind, before the padding is cut.

    Nothing changes where the stride is less.
    """

    def answer(ask: Ask, q: Question) -> Answer:
        more = max(q["stride"] - less, 0)
        wide = ask(q.but(pad=0, b=np.zeros_like(q["b"]), dout=None))["out"]
        wide = np.pad(wide, [(0, 0), (0, 0), (0, down * more), (0, across * more)])
        return {"out": loops.crop(wide, q["pad"]) + q["b"][:, None, None]}

    return answer


def repeat_pixels(cut: bool) -> WrongAnswer:
    """Repeat each pixel stride times down and across, then lay it down with stride 1. cut: to the right size."""

    def answer(ask: Ask, q: Question) -> Answer:
        s = q["stride"]
        x = q["x"].repeat(s, 2).repeat(s, 3)
        out = ask(q.but(x=x, stride=1, dout=None))["out"]
        h, w = ask(q.but(dout=None))["out"].shape[2:]
        return {"out": out[:, :, :h, :w] if cut else out}

    return answer


def step_one_side(axis: int) -> WrongAnswer:
    """Put zeros between the rows (2) only, or between the columns (3)."""

    def answer(ask: Ask, q: Question) -> Answer:
        sides = list(q["x"].shape)
        sides[axis] = (sides[axis] - 1) * q["stride"] + 1
        x = np.zeros(sides)
        x.swapaxes(axis, 0)[:: q["stride"]] = np.swapaxes(q["x"], axis, 0)
        return {"out": ask(q.but(x=x, stride=1, dout=None))["out"]}

    return answer


def pad_more(ask: Ask, q: Question) -> Answer | None:
    """Put zeros round the output, and add b there, too."""
    p = q["pad"]
    wide = ask(q.but(pad=0, b=np.zeros_like(q["b"]), dout=None))["out"]
    return {"out": loops.padded(wide, p) + q["b"][:, None, None]} if p else None


def cut_wide(take: Callable[[np.ndarray, int], np.ndarray]) -> WrongAnswer:
    """Cut the padding off the output in another way, take(whole output, pad)."""
    return lambda ask, q: {"out": take(ask(q.but(pad=0, dout=None))["out"], q["pad"])} if q["pad"] else None


def leave_gaps(apart: bool) -> WrongAnswer:
    """Add b only where a window is laid down. apart: only if no two windows overlap; b is everywhere if two do."""

    def answer(ask: Ask, q: Question) -> Answer | None:
        found = ask(q)
        if apart and max(q["W"].shape[2:]) > q["stride"]:
            return None
        return {**found, "out": found["out"] - (count_stamps(q) == 0) * q["b"][:, None, None]}

    return answer


MORE = (
    ("row and column", [(0, 0), (0, 0), (0, 1), (0, 1)]),
    ("row", [(0, 0), (0, 0), (0, 1), (0, 0)]),
    ("column", [(0, 0), (0, 0), (0, 0), (0, 1)]),
)
LAID_DOWN = (
    "windows that are laid down and added take W as it is; a correlation of x with zeros between its pixels takes W "
    "rotated by 180 degrees"
)
SIZE = "the output has (H - 1) * stride + FH - 2 * pad rows, and columns likewise"
HISTORY = list_left_changes("deconv")
# fmt: off
MISTAKES = [
    *list_untransposed("deconv"),
    Mistake("deconv.is-convolution", "it is a convolution: the image shrinks", convolve,
            "each pixel lays its filter down, times itself: the image grows"),
    *(Mistake("deconv.overlaps-overwritten", "where windows overlap, one overwrites the other", overwrite(last),
              "add them up") for last in (True, False)),
    Mistake("deconv.channels-overwritten", "only the last channel is laid down: it overwrites the others",
            ask_with(W=lambda q: q["W"] * (np.arange(len(q["W"])) == len(q["W"]) - 1)[:, None, None, None]),
            "add up all channels"),
    *(Mistake("deconv.dx-overwrites", f"dx has only the last {what}: it is overwritten, not added up", alter_dx(keep),
              "add up over filters, rows and columns of the window") for what, keep in DX_PARTS),
    Mistake("deconv.dW-last-pixel", "dW is that of the last pixel only: it is overwritten, not added up",
            alter_one("dW", lambda ask, q: ask(q.but(x=keep_last_pixel(q)))), "add up over images and pixels"),
    *(Mistake("deconv.one-more", f"the output has one {what} more than it should",
              extend(more, strided, bias), SIZE)
      for what, more in MORE for strided in (False, True) for bias in (False, True)),
    *(Mistake("deconv.zeros-at-the-end", f"the output has stride - 1 {what} more: zeros come after the last pixel, too",
              pad_wide(down, across),
              "put stride - 1 zeros between the pixels, none after the last")
      for what, down, across in (("rows and columns", 1, 1), ("rows", 1, 0), ("columns", 0, 1))),
    Mistake("deconv.zeros-for-stride-two", "with zeros between its pixels x is made H * stride - 1 high and "
            "W * stride - 1 wide, which is right for a stride of 2 only", pad_wide(1, 1, less=2),
            "with zeros between its pixels x has (H - 1) * stride + 1 rows, and columns likewise", alone=True),
    *(Mistake("deconv.pixels-repeated", f"each pixel is repeated stride times, not followed by zeros{more}",
              repeat_pixels(cut), "put stride - 1 zeros between the pixels", alone=True)
      for more, cut in (("", False), ("; the output is cut to its size", True))),
    Mistake("deconv.padded", "padding is put round the output, not cut off it", pad_more,
            "cut pad pixels off on every side", alone=True),
    Mistake("deconv.stride-one-more", "the pixels stand stride + 1 apart: stride zeros are put between them",
            ask_with(stride=lambda q: q["stride"] + 1), "put stride - 1 zeros between the pixels"),
    *(Mistake("deconv.cut-on-one-side", f"the padding is cut off {where} only", cut_wide(take), FOUR_SIDES)
      for where, take in (("above and to the left", lambda wide, p: wide[:, :, p:, p:]),
                          ("below and to the right", lambda wide, p: wide[:, :, :-p, :-p]))),
    Mistake("deconv.size-times-stride", "the output is cut to H * stride and W * stride",
            alter(out=lambda a, q: a["out"][:, :, : q["x"].shape[2] * q["stride"], : q["x"].shape[3] * q["stride"]]),
            SIZE),
    *(Mistake("deconv.dout-padding", f"{' and '.join(names)}: dout is padded {how}, not with zeros",
              pad_dout(mode, *names),
              "what was cut off has no gradient: pad dout with zeros")
      for mode, how in (("edge", "by repeating its border"), ("reflect", "as in a mirror"),
                        ("wrap", "with its other end"))
      for names in (("dx",), ("dW",), ("dx", "dW"))),
    *list_missing_edges("deconv"), *list_left_strides("deconv"),
    Mistake("deconv.channels-reversed", "the channels of x are read in the reverse order",
            ask_with(x=lambda q: q["x"][:, ::-1]), "channel c of x meets W[c]"),
    Mistake("deconv.dout-channels-reversed", "dout's channels are read in the reverse order",
            reread_dout(1), AS_IT_CAME),
    *(Mistake("deconv.stride-ignored-in-backward",
              f"{' and '.join(names)}: windows stand one place apart, as with stride 1",
              go_back_side_by_side(*names), "pixel (i, j) looks at the window from i * stride and j * stride on")
      for names in (("dx",), ("dW",), ("dx", "dW"))),
    *(Mistake("deconv.last-pixels-missing", f"the last {what} of pixels is not laid down",
              ask_with(x=without_last(at)), "go through all of H and W")
      for what, at in (("row", (2,)), ("column", (3,)), ("row and column", (2, 3)))),
    Mistake("deconv.W-as-convolution", "W is read as (FN, C, FH, FW)", ask_with(W=read_as_convolution),
            "the channels are W's first axis here, the filters its second"),
    Mistake("deconv.pad-ignored", "the padding is ignored: nothing is cut off", ask_with(pad=lambda q: 0),
            "cut pad pixels off on every side"),
    Mistake("deconv.pad-one-side", "2 * pad pixels are cut off below and to the right, none above and to the left",
            lambda ask, q: {"out": ask(q.but(pad=0, dout=None))["out"][:, :, : -2 * q["pad"], : -2 * q["pad"]]}
            if q["pad"] else None, FOUR_SIDES),
    Mistake("deconv.stride-ignored", "the stride is ignored", ask_with(stride=lambda q: 1),
            "pixel (i, j) lays its filter down at i * stride and j * stride"),
    *(Mistake("deconv.stride-one-side", f"the stride is ignored {where}: the pixels of a {of} are laid side by side",
              step_one_side(axis), "pixel (i, j) lays its filter down at i * stride and j * stride", alone=True)
      for where, of, axis in (("across", "row", 2), ("down", "column", 3))),
    Mistake("deconv.stride-pad-swapped", "stride and pad are swapped",
            ask_with(stride=lambda q: q["pad"], pad=lambda q: q["stride"]), "stride comes before pad"),
    Mistake("deconv.bias-before-cut", "b is added to each pixel's share, not once",
            alter(out=lambda a, q: a["out"] + (q["x"].shape[1] - 1) * q["b"][:, None, None]), "add b once"),
    *(Mistake("deconv.crop-of-one-side", f"{what} of the output is taken for both sides where the padding is cut off",
              cut_square(axis), FOUR_SIDES) for what, axis in (("the height", 2), ("the width", 3))),
    Mistake("deconv.bias-times-window", "b is added FH * FW times",
            alter(out=lambda a, q: a["out"] + (q["W"][0, 0].size - 1) * q["b"][:, None, None]),
            "add b once, after all windows"),
    *(Mistake("deconv.other-side-of-window", f"the output's {what} is worked out with the window's {side}",
              size_by_other_side(axis), SIZE)
      for what, side, axis in (("width", "height", 3), ("height", "width", 2))),
    Mistake("deconv.bias-with-each-stamp", "b is added with each window that is laid down: where windows overlap, "
            "several times", alter(out=lambda a, q: a["out"] + (count_stamps(q) - 1) * q["b"][:, None, None]),
            "add b once, after all windows"),
    *(Mistake("deconv.bias-left-out-in-gaps", "in the gaps between the windows b is missing: the stride is larger than "
              "the window there", leave_gaps(apart), "add b to the whole output, once") for apart in (True, False)),
    *list_filter_mistakes("deconv", turned=False),
    Mistake("deconv.flipped", MIRRORED, ask_with(W=lambda q: q["W"][..., ::-1, ::-1]), LAID_DOWN),
    Mistake("deconv.dx-flipped", f"dx: {MIRRORED}", alter_dx_alone(flip),
            "dx is a correlation of dout with W as it is"),
    *list_db_mistakes("deconv"),
    *list_relu_mistakes("deconv"),
    *list_output_blocks("deconv"),
    *list_one_sided_output("deconv", "FH", "FW", lay_blocks),
    *list_short_sums("deconv", channels=False),
    *list_cut_douts("deconv"),
    *list_small_integers("deconv", written=True),
    *list_margins("deconv"),
    *list_left_images("deconv", "dx", "dW", "db"),
]
# fmt: on
