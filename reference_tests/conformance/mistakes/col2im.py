"""col2im: the known mistakes, each a change of what a reference answers."""

from collections.abc import Callable, Iterator

import numpy as np

from ...subject.protocol import Answer, Question
from ..references.loops import crop, windows
from ..types import Mistake
from .backward import CROPPED_BY
from .blocks import list_output_blocks
from .changes import Ask, WrongAnswer, alter, ask_with
from .im2col import INDEX, six_axes
from .index_order import list_index_slips, write_places
from .left_out import list_missing_edges
from .one_sided import list_one_sided_output
from .sides import EACH_SIDE, SIDES, is_before_other_side
from .small_integers import list_small_integers

Step = Callable[[int, int], int]  # (stride, side of the window) -> by how much windows move


def read_axes(*order: int) -> WrongAnswer:
    """Take the matrix apart as if its six axes stood in another order."""

    def answer(ask: Ask, q: Question) -> Answer:
        shape = six_axes(q, q["input_shape"])
        six = q["col"].reshape([shape[i] for i in order]).transpose(np.argsort(order))
        return ask(q.but(col=six.reshape(q["col"].shape)))

    return answer


def list_windows(q: Question) -> Iterator[tuple[int, slice, slice, np.ndarray]]:
    """Yield image, rows, columns and numbers (C, FH, FW) of every window."""
    at, *_ = windows(q, q["filter_h"], q["filter_w"])
    for row, (n, _, _, r, c) in zip(q["col"], at, strict=True):
        yield n, r, c, row.reshape(-1, q["filter_h"], q["filter_w"])


def padded_zeros(q: Question) -> np.ndarray:
    """Return zeros of the padded image's shape."""
    n, c, h, w = q["input_shape"]
    return np.zeros((n, c, h + 2 * q["pad"], w + 2 * q["pad"]))


def assign(last: bool) -> WrongAnswer:
    """Let the last (or the first) of overlapping windows win."""

    def answer(ask: Ask, q: Question) -> Answer:
        wide, all_of_them = padded_zeros(q), list(list_windows(q))
        for n, r, c, window in all_of_them if last else reversed(all_of_them):
            wide[n, :, r, c] = window
        return {"out": crop(wide, q["pad"])}

    return answer


def assign_along(axis: int) -> WrongAnswer:
    """Let the last of windows that overlap along one axis win (0: down, 1: across); along the other they add up."""

    def answer(ask: Ask, q: Question) -> Answer:
        wide, bands = padded_zeros(q), dict[tuple[int, int], np.ndarray]()
        for n, r, c, window in list_windows(q):
            band = bands.setdefault((n, (c, r)[axis].start), np.zeros(wide.shape[1:]))
            band[:, r, c] = window
        for (n, _start), band in bands.items():
            wide[n] += band
        return {"out": crop(wide, q["pad"])}

    return answer


def lay_blocks(q: Question) -> np.ndarray:
    """Lay the windows side by side, whatever the stride: (N, C, OH*FH, OW*FW)."""
    n, oh, ow, c, fh, fw = shape = six_axes(q, q["input_shape"])
    return np.asarray(q["col"].reshape(shape).transpose(0, 3, 1, 4, 2, 5).reshape(n, c, oh * fh, ow * fw))


def average(ask: Ask, q: Question) -> Answer:
    """Divide each place by the number of windows over it."""
    times = ask(q.but(col=np.ones_like(q["col"])))["out"]
    return {"out": ask(q)["out"] / np.maximum(times, 1)}


def cut_out(take: Callable[[np.ndarray, Question], np.ndarray]) -> WrongAnswer:
    """Cut another part out of the padded image: take(image, question)."""

    def answer(ask: Ask, q: Question) -> Answer:
        p, (n, c, h, w) = q["pad"], q["input_shape"]
        return {"out": take(ask(q.but(input_shape=(n, c, h + 2 * p, w + 2 * p), pad=0))["out"], q)}

    return answer


def cut_from_zero(wide: np.ndarray, q: Question) -> np.ndarray:
    """Cut from 0 to H and from 0 to W."""
    return wide[:, :, : q["input_shape"][2], : q["input_shape"][3]]


def put_back(rows: Step, columns: Step) -> WrongAnswer:
    """Put windows back at other places: with other strides, down or across."""

    def answer(ask: Ask, q: Question) -> Answer:
        wide, s = padded_zeros(q), q["stride"]
        for n, r, c, window in list_windows(q):
            y, z = r.start // s * rows(s, q["filter_h"]), c.start // s * columns(s, q["filter_w"])
            wide[n, :, y : y + q["filter_h"], z : z + q["filter_w"]] += window
        return {"out": crop(wide, q["pad"])}

    return answer


def whole_stride(stride: int, side: int) -> int:
    """Return the stride, as is right."""
    return stride


def stride_of_one(stride: int, side: int) -> int:
    """Return 1."""
    return 1


def cut_from(rows: int, columns: int) -> WrongAnswer:
    """Cut the image out from rows * pad down and columns * pad across: 1 is right."""

    def take(wide: np.ndarray, q: Question) -> np.ndarray:
        (h, w), p = q["input_shape"][2:], q["pad"]
        return wide[:, :, rows * p : rows * p + h, columns * p : columns * p + w]

    return cut_out(take)


def widen(wide: np.ndarray, q: Question) -> np.ndarray:
    """Give the padded image the stride - 1 rows and columns more that it has in the book."""
    rest = (0, q["stride"] - 1)
    return np.pad(wide, [(0, 0), (0, 0), rest, rest])


def cut_by_sides(sides: tuple[int, int], more: bool) -> WrongAnswer:
    """Cut from pad to pad + H or pad + W: sides says which, for rows and for columns. more: of a wider image."""

    def take(wide: np.ndarray, q: Question) -> np.ndarray:
        rows, columns = (slice(q["pad"], q["pad"] + q["input_shape"][axis]) for axis in sides)
        return (widen(wide, q) if more else wide)[:, :, rows, columns]

    return cut_out(take)


def cut_covered(out: np.ndarray, q: Question) -> np.ndarray:
    """Cut off the rows and columns behind the last window."""
    (h, w), p = q["input_shape"][2:], q["pad"]
    ends = [
        min((size + 2 * p - f) // q["stride"] * q["stride"] + f - p, size)
        for size, f in ((h, q["filter_h"]), (w, q["filter_w"]))
    ]
    return out[:, :, : ends[0], : ends[1]]


def end_at_other_side(rows: bool) -> WrongAnswer:
    """End the loop over the window's rows at its width, or that over its columns at its height."""

    def col(q: Question) -> np.ndarray:
        kept = is_before_other_side((q["filter_h"], q["filter_w"]), rows)
        windows_of = q["col"].reshape(len(q["col"]), -1, q["filter_h"], q["filter_w"])
        return np.asarray((windows_of * (kept[:, None] if rows else kept)).reshape(q["col"].shape))

    return ask_with(col=col)


def leave_windows(rows: int, columns: int) -> WrongAnswer:
    """Put back all windows but those of the last rows or columns."""

    def answer(ask: Ask, q: Question) -> Answer:
        n, oh, ow, *rest = six_axes(q, q["input_shape"])
        six = np.array(q["col"]).reshape(n, oh, ow, *rest)
        six[:, oh - rows :] = 0
        six[:, :, ow - columns :] = 0
        return ask(q.but(col=six.reshape(q["col"].shape)))

    return answer


SUM = "add each window to what already stands at its place"
ORDER = "the matrix was made in the order (N, OH, OW, C, FH, FW): take it apart in the same order"
CROP = "cut pad rows and columns off on every side: from pad to pad + H, so that pad = 0 works too"
STARTS = "window (i, j) goes to row i * stride and column j * stride of the padded image"
# fmt: off
MISTAKES = [
    Mistake("col2im.assigns", "where windows overlap, the last one written wins; they are not summed",
            assign(True), SUM),
    Mistake("col2im.assigns", "where windows overlap, one overwrites the other; they are not summed",
            assign(False), SUM),
    *(Mistake("col2im.assigns",
              f"windows that overlap {one} are not summed, the last one written wins; those that overlap {other} are",
              assign_along(axis), SUM)
      for axis, one, other in ((1, "from left to right", "from top to bottom"),
                               (0, "from top to bottom", "from left to right"))),
    Mistake("col2im.averages", "where windows overlap, they are averaged, not summed", average, SUM),
    Mistake("col2im.not-cropped", "the padding is not cut off", cut_out(lambda a, q: a), CROP),
    Mistake("col2im.crop-minus-pad", "it is cut from p to -p: with p = 0 that leaves nothing",
            cut_out(lambda a, q: a[:, :, q["pad"] : -q["pad"], q["pad"] : -q["pad"]]), CROP),
    Mistake("col2im.crop-from-zero", "it is cut from 0 to H: the padding above and to the left stays",
            cut_out(cut_from_zero), CROP),
    Mistake("col2im.crop-before-only", "the padding below and to the right is not cut off",
            cut_out(lambda a, q: a[:, :, q["pad"] :, q["pad"] :]), CROP),
    Mistake("col2im.crop-before-only", "the padding below and to the right is not cut off",
            cut_out(lambda a, q: widen(a, q)[:, :, q["pad"] :, q["pad"] :]), CROP),
    Mistake("col2im.not-cropped", "the padding is not cut off, nor are stride - 1 rows and columns more",
            cut_out(widen), CROP),
    Mistake("col2im.rows-order", "the rows are read as if the images ran last", read_axes(1, 2, 0, 3, 4, 5), ORDER),
    Mistake("col2im.rows-across-first", "the rows are read as (N, OW, OH)", read_axes(0, 2, 1, 3, 4, 5), ORDER),
    Mistake("col2im.columns-order", "the columns are read as (FH, FW, C)", read_axes(0, 1, 2, 4, 5, 3), ORDER),
    Mistake("col2im.columns-across-first", "the columns are read as (C, FW, FH)", read_axes(0, 1, 2, 3, 5, 4), ORDER),
    Mistake("col2im.no-transpose", "the matrix is read as (N, C, FH, FW, OH, OW) without the transpose",
            read_axes(0, 3, 4, 5, 1, 2), ORDER),
    Mistake("col2im.flipped", "every window is put back from its end to its beginning",
            ask_with(col=lambda q: q["col"].reshape(len(q["col"]), -1, q["filter_h"], q["filter_w"])[..., ::-1, ::-1]
                  .reshape(q["col"].shape)), ORDER),
    Mistake("col2im.filter-swapped", "filter_h and filter_w are swapped",
            lambda ask, q: ask(q.but(filter_h=q["filter_w"], filter_w=q["filter_h"])),
            "the window has filter_h rows and filter_w columns"),
    Mistake("col2im.stride-ignored", "windows are put back one place apart, as with stride 1",
            put_back(stride_of_one, stride_of_one), STARTS),
    Mistake("col2im.stride-down-only", "the stride counts down only, not across",
            put_back(whole_stride, stride_of_one), STARTS),
    Mistake("col2im.stride-across-only", "the stride counts across only, not down",
            put_back(stride_of_one, whole_stride), STARTS),
    Mistake("col2im.stride-at-most-window", "windows are put back with a stride of at most the window",
            put_back(min, min), STARTS),
    Mistake("col2im.crop-rows-from-zero", "the rows are cut from 0 to H: the padding above stays", cut_from(0, 1),
            CROP),
    Mistake("col2im.crop-columns-from-zero", "the columns are cut from 0 to W: the padding to the left stays",
            cut_from(1, 0), CROP),
    Mistake("col2im.crop-twice-before", "twice the padding is cut off above and to the left, none below",
            cut_from(2, 2), CROP),
    Mistake("col2im.crop-rows-twice-before", "twice the padding is cut off above, none below", cut_from(2, 1), CROP),
    Mistake("col2im.crop-to-size", "it is cut from pad to H and W: it should end at pad + H and pad + W",
            cut_out(lambda a, q: a[:, :, q["pad"] : q["input_shape"][2], q["pad"] : q["input_shape"][3]]), CROP),
    Mistake("col2im.crop-after-only", "the padding above and to the left is not cut off",
            cut_out(lambda a, q: a[:, :, : a.shape[2] - q["pad"], : a.shape[3] - q["pad"]]), CROP),
    *(Mistake("col2im.loop-to-other-side", f"the loop over the window's {loop} ends at its {end}",
              end_at_other_side(rows), EACH_SIDE) for rows, loop, end in SIDES),
    *(Mistake(f"col2im.crop-{code}", f"{text} where the padding is cut off", cut_by_sides(sides, more), CROP)
      for code, text, sides in CROPPED_BY for more in (False, True)),
    Mistake("col2im.as-far-as-covered", "the image ends where the last window does: the stride's rest is missing",
            alter(out=lambda a, q: cut_covered(a["out"], q)), "make the image of input_shape"),
    *(Mistake("col2im.last-windows-missing", f"the last {what} of windows is not put back",
              leave_windows(rows, columns), SUM)
      for what, rows, columns in (("row and column", 1, 1), ("row", 1, 0), ("column", 0, 1))),
    *list_missing_edges("col2im", "out"),
    *list_output_blocks("col2im"),
    *list_one_sided_output("col2im", "filter_h", "filter_w", lay_blocks),
    *(Mistake("col2im.index-order", text, answer, INDEX)
      for text, answer in list_index_slips(write_places, lambda q: six_axes(q, q["input_shape"]))),
    Mistake("col2im.channels-reversed", "the channels are read in the reverse order",
            alter(out=lambda a, q: a["out"][:, ::-1]), ORDER),
    Mistake("col2im.first-image-only", "every image is the first",
            alter(out=lambda a, q: np.repeat(a["out"][:1], len(a["out"]), 0)), "keep the batch axis"),
    Mistake("col2im.truncated", "the numbers are cut to whole ones", alter(out=lambda a, q: np.trunc(a["out"])),
            "let the image have a floating-point type"),
    *list_small_integers("col2im", written=True),
]
# fmt: on
