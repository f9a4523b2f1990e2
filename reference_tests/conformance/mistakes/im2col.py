"""im2col: the known mistakes, each a change of what a reference answers."""

from collections.abc import Callable

import numpy as np

from ...subject.protocol import Answer, Question
from ..references.loops import padded
from ..types import Mistake, Shape
from .blocks import list_block_mistakes
from .changes import Ask, WrongAnswer, alter, ask_with
from .geometry import BY_ROWS, PLACINGS, count_columns_with_rows
from .index_order import list_index_slips, read_places
from .left_out import BORDER, LEFT_OUT, Inside, list_lost_pixels
from .one_sided import list_one_sided, rows_of_windows
from .sides import EACH_SIDE, SIDES, is_before_other_side
from .small_integers import list_small_integers
from .windows import Starts, end_early, window_size

Step = Callable[[np.ndarray, Question], np.ndarray]  # (indices of windows, question) -> where they start


def six_axes(q: Question, image: Shape) -> Shape:
    """Return the lengths of the matrix's six axes: N, OH, OW, C, FH, FW. image: the shape of the images."""
    (n, c, *size), window = image, (q["filter_h"], q["filter_w"])
    sides = [(s + 2 * q["pad"] - f) // q["stride"] + 1 for s, f in zip(size, window, strict=True)]
    return (n, *sides, c, *window)


def split_axes(out: np.ndarray, q: Question) -> np.ndarray:
    """Reshape the matrix to its six axes: (N, OH, OW, C, FH, FW)."""
    return out.reshape(six_axes(q, q["input_data"].shape))


def reorder(*order: int) -> WrongAnswer:
    """Lay the six axes in another order, under the right shape."""
    return alter(out=lambda a, q: split_axes(a["out"], q).transpose(order).reshape(a["out"].shape))


def alter_axes(change: Callable[[np.ndarray], np.ndarray]) -> WrongAnswer:
    """Change the array of six axes, and join them again."""
    return alter(out=lambda a, q: join_axes(change(split_axes(a["out"], q))))


def join_axes(a: np.ndarray) -> np.ndarray:
    """Reshape (N, OH, OW, C, FH, FW) to (N*OH*OW, C*FH*FW)."""
    n, oh, ow, c, fh, fw = a.shape
    return a.reshape(n * oh * ow, c * fh * fw)


def start_at(rows: Step, columns: Step, double: bool = False) -> WrongAnswer:
    """Start the windows at other rows and columns, of an image with the right or the double padding."""

    def answer(ask: Ask, q: Question) -> Answer:
        _, oh, ow, *_ = split_axes(ask(q)["out"], q).shape
        one = q.but(stride=1, pad=q["pad"] * (2 if double else 1))
        wide = split_axes(ask(one)["out"], one)
        return {"out": join_axes(wide[:, rows(np.arange(oh), q)][:, :, columns(np.arange(ow), q)])}

    return answer


def step_one_side(down: bool, across: bool) -> WrongAnswer:
    """Take every stride-th window down, or across, and all of them along the other side."""

    def answer(ask: Ask, q: Question) -> Answer:
        one = q.but(stride=1)
        wide = split_axes(ask(one)["out"], one)
        return {"out": join_axes(wide[:, :: q["stride"] if down else 1, :: q["stride"] if across else 1])}

    return answer


def keep_strides(ask: Ask, q: Question) -> Answer:
    """Read the padded images with the strides of the images, as as_strided does with strides taken too early."""
    images = padded(np.asarray(q["input_data"], "f8"), q["pad"])
    c, h, w = q["input_data"].shape[1:]
    steps = (c * h * w, q["stride"] * w, q["stride"], h * w, w, 1)
    at = sum(step * i for step, i in zip(steps, np.ogrid[tuple(map(slice, six_axes(q, q["input_data"].shape)))]))
    return {"out": join_axes(images.ravel()[at])}


def place(starts: Callable[[Question, int, int], Starts], double: bool) -> WrongAnswer:
    """Start the windows at starts(question, OH, OW)."""

    def answer(ask: Ask, q: Question) -> Answer:
        _, oh, ow, *_ = split_axes(ask(q)["out"], q).shape
        rows, columns = starts(q, oh, ow)
        return start_at(lambda i, q: rows, lambda i, q: columns, double)(ask, q) or {}

    return answer


def end_range_early(axes: tuple[int, ...]) -> WrongAnswer:
    """Take the windows of range(0, size - window, stride) along these axes; it does not fit where none is left."""

    def answer(ask: Ask, q: Question) -> Answer:
        out = ask(q)["out"]
        six = split_axes(out, q)
        rows, columns = end_early(axes, q, *six.shape[1:3])
        if not rows.size or not columns.size:
            raise ValueError("no windows are left")
        return {"out": join_axes(six[:, : len(rows), : len(columns)])}

    return answer


def scatter_windows(ask: Ask, q: Question) -> Answer:
    """Answer with the windows in columns that are counted with OH."""
    _, oh, ow, *_ = split_axes(ask(q)["out"], q).shape
    rows, columns = count_columns_with_rows(q, oh, ow)
    one = q.but(stride=1)
    return {"out": join_axes(split_axes(ask(one)["out"], one)[:, rows, columns])}


def stride_steps(i: np.ndarray, q: Question) -> np.ndarray:
    """Start window i at i * stride, as is right."""
    return np.asarray(i * q["stride"])


def single_steps(i: np.ndarray, q: Question) -> np.ndarray:
    """Start window i at i."""
    return i


def late_steps(i: np.ndarray, q: Question) -> np.ndarray:
    """Start window i at i * stride + 2 * pad."""
    return np.asarray(i * q["stride"] + 2 * q["pad"])


def pad_with(mode: str) -> WrongAnswer:
    """Pad in another of np.pad's modes."""

    def answer(ask: Ask, q: Question) -> Answer:
        p = q["pad"]
        return ask(q.but(input_data=np.pad(q["input_data"], [(0, 0), (0, 0), (p, p), (p, p)], mode), pad=0))  # type: ignore[call-overload]

    return answer


def leave_windows(inside: Inside) -> WrongAnswer:
    """Leave the rows of some windows at 0."""

    def out(a: Answer, q: Question) -> np.ndarray:
        six = split_axes(a["out"], q)
        kept = inside(q, *six.shape[1:3])
        return join_axes(six * kept[:, :, None, None, None])

    return alter(out=out)


def end_at_other_side(rows: bool) -> WrongAnswer:
    """End the loop over the window's rows at its width, or that over its columns at its height: the rest stays 0."""

    def out(a: Answer, q: Question) -> np.ndarray:
        kept = is_before_other_side(window_size(q), rows)
        return join_axes(split_axes(a["out"], q) * (kept[:, None] if rows else kept))

    return alter(out=out)


SIZE = "OH is (H + 2 pad - filter_h) / stride, plus 1"
ROWS = "rows run over the images first, then over the windows from top to bottom, then from left to right"
COLUMNS = "columns run over the channels first, then over the window's rows, then over its columns"
INDEX = "what changes slowest is repeated (np.repeat), what changes fastest is tiled (np.tile)"
FOUR_SIDES = "pad by the same amount of zeros on all four sides"
STARTS = "window (i, j) starts at row i * stride and at column j * stride of the padded image"
# fmt: off
MISTAKES = [
    Mistake("im2col.rows-order", "the rows run over the windows first and over the images last",
            reorder(1, 2, 0, 3, 4, 5), ROWS),
    Mistake("im2col.rows-across-first", "the rows run over OW before OH", reorder(0, 2, 1, 3, 4, 5), ROWS),
    Mistake("im2col.columns-order", "the columns run over (FH, FW, C), the channels last",
            reorder(0, 1, 2, 4, 5, 3), COLUMNS),
    Mistake("im2col.columns-across-first", "the columns run over FW before FH",
            reorder(0, 1, 2, 3, 5, 4), COLUMNS),
    Mistake("im2col.no-transpose", "the array (N, C, FH, FW, OH, OW) is reshaped without the transpose",
            reorder(0, 3, 4, 5, 1, 2), "bring the axes into the order (N, OH, OW, C, FH, FW) before the reshape"),
    Mistake("im2col.rows-are-channels-windows", "the rows run over (N, C, OH), so that channels are taken for windows",
            reorder(0, 3, 1, 2, 4, 5), "bring the axes into the order (N, OH, OW, C, FH, FW) before the reshape"),
    Mistake("im2col.transposed", "the matrix is turned: a window stands in a column, not in a row",
            alter(out=lambda a, q: a["out"].T), "one window is one row: (N*OH*OW, C*FH*FW)"),
    Mistake("im2col.one-matrix-an-image", "there is one matrix an image, (N, OH*OW, C*FH*FW)",
            alter(out=lambda a, q: a["out"].reshape(len(q["input_data"]), -1, a["out"].shape[1])),
            "the windows of all images stand in one matrix below each other"),
    Mistake("im2col.flipped", "every window is read from its end to its beginning",
            alter_axes(lambda a: a[..., ::-1, ::-1]), COLUMNS),
    Mistake("im2col.filter-swapped", "filter_h and filter_w are swapped",
            lambda ask, q: ask(q.but(filter_h=q["filter_w"], filter_w=q["filter_h"])),
            "the window has filter_h rows and filter_w columns"),
    Mistake("im2col.square-filter", "the window is filter_h x filter_h", ask_with(filter_w=lambda q: q["filter_h"]),
            "the window has filter_h rows and filter_w columns"),
    Mistake("im2col.pad-ignored", "the padding is ignored", ask_with(pad=lambda q: 0), FOUR_SIDES),
    Mistake("im2col.pad-twice", "the padding is put on twice", ask_with(pad=lambda q: 2 * q["pad"]), FOUR_SIDES),
    Mistake("im2col.pad-at-most-one", "the padding is one, however much is asked for",
            ask_with(pad=lambda q: min(q["pad"], 1)), FOUR_SIDES),
    Mistake("im2col.pad-less-than-window", "the padding is less than the window, however much is asked for",
            ask_with(pad=lambda q: min(q["pad"], min(window_size(q)) - 1)), FOUR_SIDES),
    Mistake("im2col.pad-before-only", "all the padding is above and to the left",
            start_at(stride_steps, stride_steps, True), FOUR_SIDES),
    Mistake("im2col.pad-after-only", "all the padding is below and to the right",
            start_at(late_steps, late_steps, True), FOUR_SIDES),
    Mistake("im2col.pads-with-edge", "the padding repeats the border of the image", pad_with("edge"), FOUR_SIDES),
    Mistake("im2col.pads-with-mirror", "the padding mirrors the image", pad_with("reflect"), FOUR_SIDES),
    Mistake("im2col.stride-ignored", "windows stand one place apart, as with stride 1",
            start_at(single_steps, single_steps), STARTS),
    Mistake("im2col.stride-one-size", "the stride is ignored, in the number of rows too", ask_with(stride=lambda q: 1),
            STARTS),
    Mistake("im2col.stride-down-only", "the stride counts down only, not across", start_at(stride_steps, single_steps),
            STARTS),
    *(Mistake("im2col.stride-one-size", f"the stride is ignored {where}, in the number of {what} of windows too",
              step_one_side(*steps), STARTS)
      for where, what, steps in (("across", "columns", (True, False)), ("down", "rows", (False, True)))),
    Mistake("im2col.stride-across-only", "the stride counts across only, not down",
            start_at(single_steps, stride_steps), STARTS),
    Mistake("im2col.stride-pad-swapped", "stride and pad are swapped",
            ask_with(stride=lambda q: q["pad"], pad=lambda q: q["stride"]), "stride comes before pad"),
    Mistake("im2col.one-row-short", "the last row and column of windows are missing",
            alter_axes(lambda a: a[:, :-1, :-1]), "OH is (H + 2 pad - filter_h) / stride, plus 1"),
    *(Mistake(f"im2col.{code}", text, place(starts, double), repair)
      for code, text, starts, double, repair in PLACINGS),
    *(Mistake("im2col.loop-to-other-side", f"the loop over the window's {loop} ends at its {end}",
              end_at_other_side(rows), EACH_SIDE) for rows, loop, end in SIDES),
    Mistake("im2col.columns-by-OH", BY_ROWS, scatter_windows, "window k stands in row k // OW, column k % OW"),
    *(Mistake(f"im2col.{code}", f"{which} are left out: their rows stay at 0", leave_windows(inside),
              BORDER if code.startswith("border") else ROWS) for code, which, inside in LEFT_OUT),
    Mistake("im2col.strides-before-padding",
            "the padded image is read with the strides of the image before the padding",
            keep_strides, "take the strides after np.pad, from the padded image"),
    Mistake("im2col.one-row-short", "the last row of windows is missing", alter_axes(lambda a: a[:, :-1]), SIZE),
    Mistake("im2col.one-row-short", "the last column of windows is missing", alter_axes(lambda a: a[:, :, :-1]), SIZE),
    *(Mistake("im2col.one-row-short",
              f"the last {which} of windows is missing where the stride divides: range ends one too early",
              end_range_early(axes), SIZE)
      for which, axes in (("row and column", (0, 1)), ("row", (0,)), ("column", (1,)))),
    Mistake("im2col.pads-with-other-end", "the padding goes on at the other end of the image", pad_with("wrap"),
            FOUR_SIDES),
    *list_block_mistakes("im2col", image="input_data"),
    *list_one_sided("im2col", "filter_h", "filter_w", take=rows_of_windows, divided=False),
    *(Mistake("im2col.index-order", text, answer, INDEX)
      for text, answer in list_index_slips(read_places, lambda q: six_axes(q, q["input_data"].shape))),
    *list_lost_pixels("im2col", image="input_data"),
    Mistake("im2col.channels-reversed", "the channels stand in the reverse order",
            alter_axes(lambda a: a[:, :, :, ::-1]), COLUMNS),
    Mistake("im2col.first-image-only", "every image's rows are those of the first",
            alter_axes(lambda a: np.repeat(a[:1], len(a), 0)), "keep the batch axis"),
    Mistake("im2col.first-channel-only", "every channel is the first",
            alter_axes(lambda a: np.repeat(a[:, :, :, :1], a.shape[3], 3)), "keep the channel axis"),
    Mistake("im2col.truncated", "the numbers are cut to whole ones", alter(out=lambda a, q: np.trunc(a["out"])),
            "let the matrix have a floating-point type"),
    *list_small_integers("im2col", image="input_data", dx=False),
]
# fmt: on
