"""im2col: all that is known of it."""

from collections.abc import Callable, Iterator

import numpy as np

from ...subject.protocol import Answer, Op, Question
from ..inputs import Geometry, fitting, grid, pixels, tiny, whole
from ..mistakes.changes import Ask, after, given
from ..scenarios import with_defaults
from ..tolerance import relative
from ..types import Case, Mistake, Scenario

OP = Op("im2col", "im2col", "7.4.3", args=("input_data", "filter_h", "filter_w", "stride", "pad"))


def cols(why: str, x: tuple[int, ...], window: tuple[int, int], stride: int = 1, pad: int = 0, **more) -> Case:
    params = {"filter_h": window[0], "filter_w": window[1], "stride": stride, "pad": pad}
    return Case(OP, why, {"input_data": x}, params, **more)


# fmt: off
CASES = [
    #    the mistake it catches                   x (N,C,H,W)     window
    cols("rows over N then OH then OW",           (2, 3, 9, 6),   (4, 1)),
    cols("columns over C then FH then FW",        (2, 3, 6, 9),   (1, 4)),
    cols("square window transposed",              (2, 4, 7, 5),   (3, 3)),
    cols("square image",                          (2, 3, 5, 5),   (4, 2)),
    cols("padding of one",                        (2, 3, 5, 7),   (4, 2),  pad=1),
    cols("padding of two",                        (2, 3, 7, 4),   (5, 3),  pad=2),
    cols("stride of two",                         (3, 2, 9, 7),   (5, 1),  stride=2),
    cols("stride of three",                       (3, 2, 7, 10),  (1, 4),  stride=3),
    cols("stride and padding swapped",            (2, 3, 9, 7),   (5, 3),  stride=2, pad=1),
    cols("windows leave gaps",                    (2, 3, 10, 7),  (1, 1),  stride=3),
    cols("window as large as the image",          (2, 3, 5, 4),   (5, 4)),
    cols("window of two by two",                  (3, 2, 4, 6),   (2, 2),  stride=2),
    cols("one channel",                           (3, 1, 6, 5),   (2, 4)),
    cols("as many channels as images",            (3, 3, 5, 4),   (2, 1)),
    cols("batch worked in pieces of four",        (7, 2, 4, 5),   (3, 1)),
    cols("numbers up to 255",                     (2, 3, 6, 5),   (3, 2),  draw=pixels),
    cols("numbers of a ten thousandth",           (2, 3, 5, 6),   (3, 2),  draw=tiny),
    cols("integer images",                        (2, 3, 6, 5),   (4, 2),  draw=whole, refuse="may"),
    cols("one image",                             (1, 3, 6, 5),   (4, 2),  level="edge"),
    cols("notes seven by seven",             (1, 3, 7, 7),   (5, 5),  level="edge"),
    cols("a size that does not divide",           (2, 3, 8, 7),   (3, 4),  stride=2, level="edge", refuse="may"),
    cols("neither size divides",                  (2, 3, 9, 7),   (2, 1),  stride=4, level="edge", refuse="may"),
]
REFUSED = [
    cols("window larger than the image",          (2, 3, 3, 4),   (5, 2),  level="edge"),
    cols("window wider than the padded image",    (2, 3, 5, 4),   (3, 8),  pad=1, level="edge"),
    cols("window larger by one",                  (2, 3, 4, 5),   (2, 6),  level="advice"),
]
# fmt: on
SCENARIOS = [
    (CASES[0], Scenario("defaults", "stride and pad left out", with_defaults(2), "advice")),
]


def allowed(q: Question, want: Answer, eps: float) -> Answer:
    return relative(want, 1, eps)  # only copied


def of(why: str, g: Geometry) -> Case:
    return cols(why, (g["N"], g["C"], g["H"], g["W"]), (g["FH"], g["FW"]), g["stride"], g["pad"])


def sizes() -> Iterator[tuple[Geometry, Case]]:
    return ((g, of(f"small {g}", g)) for g in grid())


def drawn(pick: Callable[[int, int], int]) -> Case:
    return of("drawn", fitting(pick))


def six(out: np.ndarray, q: Question) -> np.ndarray:
    """The matrix with its axes apart: (N, OH, OW, C, FH, FW)."""
    n, c, *size = q["input_data"].shape
    window = q["filter_h"], q["filter_w"]
    sides = [(s + 2 * q["pad"] - f) // q["stride"] + 1 for s, f in zip(size, window, strict=True)]
    return out.reshape(n, *sides, c, *window)


def reordered(*order: int) -> Callable[[Ask, Question], Answer]:
    """The six axes in another order, under the right shape."""
    return after(out=lambda a, q: six(a["out"], q).transpose(order).reshape(a["out"].shape))


def within(change: Callable[[np.ndarray], np.ndarray]) -> Callable[[Ask, Question], Answer]:
    """The six axes changed one by one."""
    return after(out=lambda a, q: flat(change(six(a["out"], q))))


def flat(a: np.ndarray) -> np.ndarray:
    n, oh, ow, c, fh, fw = a.shape
    return a.reshape(n * oh * ow, c * fh * fw)


def starting(rows: Callable, columns: Callable, doubled: bool = False) -> Callable[[Ask, Question], Answer]:
    """Windows that start elsewhere: rows and columns give the first row and column of window i from (i, question)."""

    def answer(ask: Ask, q: Question) -> Answer:
        _, oh, ow, *_ = six(ask(q)["out"], q).shape
        one = q.but(stride=1, pad=q["pad"] * (2 if doubled else 1))
        wide = six(ask(one)["out"], one)
        return {"out": flat(wide[:, rows(np.arange(oh), q)][:, :, columns(np.arange(ow), q)])}

    return answer


def right(i: np.ndarray, q: Question) -> np.ndarray:
    return i * q["stride"]


def side_by_side(i: np.ndarray, q: Question) -> np.ndarray:
    return i


def late(i: np.ndarray, q: Question) -> np.ndarray:
    return i * q["stride"] + 2 * q["pad"]


def pads(mode: str) -> Callable[[Ask, Question], Answer]:
    def answer(ask: Ask, q: Question) -> Answer:
        p = q["pad"]
        return ask(q.but(input_data=np.pad(q["input_data"], [(0, 0), (0, 0), (p, p), (p, p)], mode), pad=0))  # type: ignore[call-overload]

    return answer


ROWS = "rows run over the images first, then over the windows from top to bottom, then from left to right"
COLUMNS = "columns run over the channels first, then over the window's rows, then over its columns"
FOUR_SIDES = "pad by the same amount of zeros on all four sides"
STARTS = "window (i, j) starts at row i * stride and at column j * stride of the padded image"
# fmt: off
MISTAKES = [
    Mistake("im2col.rows-order", "the rows run over the windows first and over the images last",
            reordered(1, 2, 0, 3, 4, 5), ROWS),
    Mistake("im2col.rows-across-first", "the rows run over OW before OH", reordered(0, 2, 1, 3, 4, 5), ROWS),
    Mistake("im2col.columns-order", "the columns run over (FH, FW, C), the channels last",
            reordered(0, 1, 2, 4, 5, 3), COLUMNS),
    Mistake("im2col.columns-across-first", "the columns run over FW before FH",
            reordered(0, 1, 2, 3, 5, 4), COLUMNS),
    Mistake("im2col.no-transpose", "the array (N, C, FH, FW, OH, OW) is reshaped without the transpose",
            reordered(0, 3, 4, 5, 1, 2), "bring the axes into the order (N, OH, OW, C, FH, FW) before the reshape"),
    Mistake("im2col.rows-are-channels-windows", "the rows run over (N, C, OH), so that channels are taken for windows",
            reordered(0, 3, 1, 2, 4, 5), "bring the axes into the order (N, OH, OW, C, FH, FW) before the reshape"),
    Mistake("im2col.transposed", "the matrix is turned: a window stands in a column, not in a row",
            after(out=lambda a, q: a["out"].T), "one window is one row: (N*OH*OW, C*FH*FW)"),
    Mistake("im2col.one-matrix-an-image", "there is one matrix an image, (N, OH*OW, C*FH*FW)",
            after(out=lambda a, q: a["out"].reshape(len(q["input_data"]), -1, a["out"].shape[1])),
            "the windows of all images stand in one matrix below each other"),
    Mistake("im2col.flipped", "every window is read from its end to its beginning",
            within(lambda a: a[..., ::-1, ::-1]), COLUMNS),
    Mistake("im2col.filter-swapped", "filter_h and filter_w are swapped",
            lambda ask, q: ask(q.but(filter_h=q["filter_w"], filter_w=q["filter_h"])),
            "the window has filter_h rows and filter_w columns"),
    Mistake("im2col.square-filter", "the window is filter_h x filter_h", given(filter_w=lambda q: q["filter_h"]),
            "the window has filter_h rows and filter_w columns"),
    Mistake("im2col.pad-ignored", "the padding is ignored", given(pad=lambda q: 0), FOUR_SIDES),
    Mistake("im2col.pad-twice", "the padding is put on twice", given(pad=lambda q: 2 * q["pad"]), FOUR_SIDES),
    Mistake("im2col.pad-before-only", "all the padding is above and to the left", starting(right, right, True),
            FOUR_SIDES),
    Mistake("im2col.pad-after-only", "all the padding is below and to the right", starting(late, late, True),
            FOUR_SIDES),
    Mistake("im2col.pads-with-edge", "the padding repeats the border of the image", pads("edge"), FOUR_SIDES),
    Mistake("im2col.pads-with-mirror", "the padding mirrors the image", pads("reflect"), FOUR_SIDES),
    Mistake("im2col.stride-ignored", "windows stand side by side, as with stride 1",
            starting(side_by_side, side_by_side), STARTS),
    Mistake("im2col.stride-one-size", "the stride is ignored, in the number of rows too", given(stride=lambda q: 1),
            STARTS),
    Mistake("im2col.stride-down-only", "the stride counts down only, not across", starting(right, side_by_side),
            STARTS),
    Mistake("im2col.stride-across-only", "the stride counts across only, not down", starting(side_by_side, right),
            STARTS),
    Mistake("im2col.stride-pad-swapped", "stride and pad are swapped",
            given(stride=lambda q: q["pad"], pad=lambda q: q["stride"]), "stride comes before pad"),
    Mistake("im2col.one-row-short", "the last row and column of windows are missing",
            within(lambda a: a[:, :-1, :-1]), "OH is (H + 2 pad - filter_h) / stride, plus 1"),
    Mistake("im2col.first-image-only", "every image's rows are those of the first",
            within(lambda a: np.repeat(a[:1], len(a), 0)), "keep the batch axis"),
    Mistake("im2col.first-channel-only", "every channel is the first",
            within(lambda a: np.repeat(a[:, :, :, :1], a.shape[3], 3)), "keep the channel axis"),
    Mistake("im2col.truncated", "the numbers are cut to whole ones", after(out=lambda a, q: np.trunc(a["out"])),
            "let the matrix have a floating-point type"),
]
# fmt: on
