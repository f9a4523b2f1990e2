"""The mistakes that any layer with a sliding window can make, and the ways of making them.

A mistake changes the output and, by the adjoint of that change, the gradients.
"""

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from ...subject.protocol import Answer, Question
from ..references.loops import Place, crop, padded, windows
from ..types import Mistake
from .changes import Ask, WrongAnswer, alter, ask_with, dout_of, laid_last, read_last

Row = tuple[str, str, WrongAnswer, str]  # code without the layer's prefix, text, answer, repair
Starts = tuple[np.ndarray, ...]  # first rows and first columns of the windows, in the padded input
Share = Callable[[Question, Place, np.ndarray], np.ndarray]  # (question, place, padded x) -> what a window puts back

FOUR_SIDES = "pad by the same amount on all four sides"
ONE_VALUE = "fill the padding with one constant value"
STARTS = "window (i, j) starts at row i * stride and at column j * stride of the padded image"
DOUT = "dout[i, j] belongs to the window that starts at i * stride and j * stride"
WINDOW = "the window has pool_h rows and pool_w columns; the stride only says how far it moves"
TIES = (
    "where several numbers are the largest, each of them gets the whole dout (the official solutions of two well-known "
    "courses do this too; it counts the gradient twice)"
)
AS_IT_CAME = "dout has the order of the output: take it as it comes"
COUNT = "the number of windows is (size + 2 pad - window) / stride, plus 1"
SUM = "the loss already holds the average over the batch: layers only add up"


# The right geometry.


def window_starts(q: Question, oh: int, ow: int) -> Starts:
    """Return where the right windows start, in the padded input."""
    return np.arange(oh) * q["stride"], np.arange(ow) * q["stride"]


def window_size(q: Question) -> tuple[int, int]:
    """Return the window's rows and columns: W's, pool_h and pool_w, or filter_h and filter_w."""
    if "W" in q.arrays:
        h, w = q["W"].shape[2:]
        return h, w
    return (q["pool_h"], q["pool_w"]) if "pool_h" in q.params else (q["filter_h"], q["filter_w"])


def image_sides(q: Question) -> tuple[int, int]:
    """Return H and W."""
    h, w = (q["x"] if "x" in q.arrays else q["input_data"]).shape[2:]
    return h, w


def window_area(q: Question) -> int:
    """Return pool_h * pool_w."""
    return int(q["pool_h"] * q["pool_w"])


# Windows at other places.


def move_windows(
    starts: Callable[[Question, int, int], Starts], pad: Callable[[Question], int] = lambda q: q["pad"]
) -> WrongAnswer:
    """Start the windows elsewhere: ask with stride 1, and take the places starts(question, OH, OW) of the answer.

    The gradients: the upstream gradient stands at those places, 0 at the others. With other padding dx is left out.
    """

    def answer(ask: Ask, q: Question) -> Answer:
        oh, ow = ask(q.but(dout=None))["out"].shape[2:]
        one = q.but(stride=1, pad=pad(q), dout=None)
        wide = ask(one)["out"]
        rows, columns = starts(q, oh, ow)
        found = {"out": wide[:, :, rows][:, :, :, columns]}
        if q.dout is None:
            return found
        dout = np.zeros_like(wide)
        np.add.at(dout, (slice(None), slice(None), rows[:, None], columns), q.dout)  # type: ignore[arg-type]
        gradients = {k: a for k, a in ask(one.but(dout=dout)).items() if k != "out"}
        return found | {k: a for k, a in gradients.items() if k != "dx" or pad(q) == q["pad"]}

    return answer


SIDE_BY_SIDE = move_windows(lambda q, oh, ow: (np.arange(oh), np.arange(ow)))


def end_early(axes: tuple[int, ...], q: Question, oh: int, ow: int) -> Starts:
    """Return the windows' starts as range(0, size - window, stride) has them, along these axes."""
    starts = window_starts(q, oh, ow)
    sides = zip(image_sides(q), window_size(q), strict=True)
    ends = [size + 2 * q["pad"] - side for size, side in sides]
    return tuple(s[s < end] if i in axes else s for i, (s, end) in enumerate(zip(starts, ends, strict=True)))


def pad_one_side(q: Question, oh: int, ow: int, extra: int) -> Starts:
    """Return the windows' starts in an image padded twice as much: extra=0 is above and to the left of it, 2 below."""
    rows, columns = window_starts(q, oh, ow)
    return rows + extra * q["pad"], columns + extra * q["pad"]


def double_pad(q: Question) -> int:
    """Return twice the padding."""
    return 2 * int(q["pad"])


def round_up(ask: Ask, q: Question, fill: float) -> Answer | None:
    """Round the output's size up: the last window hangs over the edge, where it sees `fill`."""
    window = window_size(q)
    short = [-(size + 2 * q["pad"] - f) % q["stride"] for size, f in zip(q["x"].shape[2:], window, strict=True)]
    if not any(short):
        return None
    p = q["pad"]
    wide = [(0, 0), (0, 0), (p, p + short[0]), (p, p + short[1])]
    found = ask(q.but(x=np.pad(q["x"], wide, constant_values=fill), pad=0))
    h, w = q["x"].shape[2:]
    return {**found, "dx": found["dx"][:, :, p : p + h, p : p + w]} if "dx" in found else found


def swap_window(ask: Ask, q: Question) -> Answer:
    """Swap pool_h and pool_w."""
    return ask(q.but(pool_h=q["pool_w"], pool_w=q["pool_h"]))


def cut_blocks(where: Callable[[Question], bool]) -> WrongAnswer:
    """Put windows side by side where the image is made of whole ones, there is no padding, and `where` holds."""

    def answer(ask: Ask, q: Question) -> Answer | None:
        sides = list(zip(q["x"].shape[2:], window_size(q)))
        if q["pad"] or not where(q) or any(size % side for size, side in sides):
            return None
        down, across = (np.arange(size // side) * side for size, side in sides)
        return move_windows(lambda q, oh, ow: (down, across))(ask, q)

    return answer


# Padding and cropping.


def pad_with(mode: str, **how: float) -> WrongAnswer:
    """Pad in another of np.pad's modes; dx is cut out of the gradient of the padded image."""

    def answer(ask: Ask, q: Question) -> Answer | None:
        p = q["pad"]
        if not p:
            return None
        x = np.pad(q["x"], [(0, 0), (0, 0), (p, p), (p, p)], mode, **how)  # type: ignore[call-overload]
        found = ask(q.but(x=x, pad=0))
        return {**found, "dx": found["dx"][:, :, p:-p, p:-p]} if "dx" in found else found

    return answer


def crop_dx(take: Callable[[np.ndarray, Question], np.ndarray], fill: float = 0.0) -> WrongAnswer:
    """Cut dx out of the padded image in another way, take(image, question), if there is padding."""

    def answer(ask: Ask, q: Question) -> Answer | None:
        if not q["pad"] or q.dout is None:
            return None
        wide = ask(q.but(x=padded(q["x"], q["pad"], fill), pad=0))
        return {**ask(q), "dx": take(wide["dx"], q)}

    return answer


def crop_from_zero(wide: np.ndarray, q: Question) -> np.ndarray:
    """Cut from 0 to H and from 0 to W."""
    return wide[:, :, : q["x"].shape[2], : q["x"].shape[3]]


def crop_from(rows: int, columns: int) -> Callable[[np.ndarray, Question], np.ndarray]:
    """Return a function that cuts from rows * pad down and from columns * pad across: 1 is right."""

    def take(wide: np.ndarray, q: Question) -> np.ndarray:
        (h, w), p = q["x"].shape[2:], q["pad"]
        return wide[:, :, rows * p : rows * p + h, columns * p : columns * p + w]

    return take


ELSEWHERE = ((0, 1), (1, 0), (2, 1), (1, 2), (2, 2))


# The output's order, dout, dx and the other gradients.


def reorder(*axes: int) -> WrongAnswer:
    """Lay the output's numbers in the order of other axes, under the right shape; the gradients are right."""

    def answer(ask: Ask, q: Question) -> Answer:
        out = ask(q.but(dout=None))["out"]
        found = {"out": out.transpose(axes).reshape(out.shape)}
        return found if q.dout is None else {**ask(q), **found}

    return answer


def with_dout(change: Callable[[np.ndarray], np.ndarray]) -> WrongAnswer:
    """Take the gradients of another dout, change(dout); the output is right."""
    return lambda ask, q: {**ask(q.but(dout=change(dout_of(q)))), "out": ask(q)["out"]}


def reread_dout(*axes: int) -> WrongAnswer:
    """Read dout from the end along some axes; the output is right."""
    return with_dout(lambda dout: np.flip(dout, axes))


def swap_dout(turned: bool) -> WrongAnswer:
    """Swap OH and OW in dout; the output is right.

    turned: its axes are turned, then it is reshaped. Else it is reshaped, then its axes are turned.
    """

    def change(dout: np.ndarray) -> np.ndarray:
        n, c, oh, ow = dout.shape
        return dout.swapaxes(2, 3).reshape(dout.shape) if turned else dout.reshape(n, c, ow, oh).swapaxes(2, 3)

    return with_dout(change)


def ignore_dout(ask: Ask, q: Question) -> Answer:
    """Take dout for all ones."""
    return ask(q.but(dout=np.ones_like(q.dout)))


def put_back(share: Share, last: bool | None = None) -> WrongAnswer:
    """Compute another dx: share(question, place, padded x) is what each window puts back, for all channels.

    last: where windows overlap, the last (or the first) one written stays. None: they add up.
    """

    def answer(ask: Ask, q: Question) -> Answer:
        listed, x, *_ = windows(q, *window_size(q), fill=-np.inf)
        dx = np.zeros_like(x)
        for place in listed if last in (None, True) else reversed(listed):
            n, _, _, r, c = place
            part = share(q, place, x)
            dx[n, :, r, c] = part if last is not None else dx[n, :, r, c] + part
        return {**ask(q), "dx": crop(dx, q["pad"])}

    return answer


def take_smallest(ask: Ask, q: Question) -> Answer:
    """Take min x = -max(-x) of every window: padding of -infinity wins none here either."""
    found = ask(q.but(x=-q["x"]))
    return {**found, "out": -found["out"]}


def start_from(floor: float) -> WrongAnswer:
    """Seek the largest from a number upwards."""
    return lambda ask, q: {"out": np.maximum(ask(q.but(dout=None))["out"], floor)}


TOO_HIGH = (-1.0, -100.0, -999.0, -1000.0, -9999.0, -1e4, -1e5, -1e6)


def list_low_starts(prefix: str) -> Iterator[Mistake]:
    """Yield the mistakes of seeking the largest from a number upwards that is not small enough."""
    for floor in TOO_HIGH:
        text = "the largest is sought from a number upwards, such as -1000: smaller numbers are lost"
        yield Mistake(f"{prefix}.starts-too-high", text, start_from(floor), "begin with -infinity, or the first number")


def compare_sizes(ask: Ask, q: Question) -> Answer:
    """Pool |x|."""
    return ask(q.but(x=np.abs(q["x"])))


def divide(n: Callable[[Question], float], *names: str) -> WrongAnswer:
    """Divide the named answers by n(question)."""
    return lambda ask, q: {k: a / n(q) if k in names else a for k, a in ask(q).items()}


def count_images(q: Question) -> float:
    """Return N."""
    return len(q["x"])


def alter_one(what: str, change: WrongAnswer) -> WrongAnswer:
    """Take one answer from another mistake; the others are right."""

    def answer(ask: Ask, q: Question) -> Answer | None:
        other = change(ask, q)
        return {**ask(q), what: other[what]} if other and what in other else None

    return answer


def list_window_mistakes(prefix: str, fill: float = 0.0, pooling: bool = True) -> Iterator[Mistake]:
    """Yield the mistakes of a layer. fill: the padding's value. pooling: the window comes as pool_h and pool_w."""
    for code, text, answer, repair in (*rows_of(fill), *(POOLING if pooling else CONVOLVING)):
        yield Mistake(f"{prefix}.{code}", text, answer, repair)


# fmt: off
def rows_of(fill: float) -> tuple[Row, ...]:
    """Return the table of mistakes for a layer whose padding has this value."""
    return (
        ("pad-ignored", "the padding is ignored", ask_with(pad=lambda q: 0), FOUR_SIDES),
        ("pad-twice", "the padding is put on twice", ask_with(pad=double_pad),
         "either pad the image yourself or let im2col do it, not both"),
        ("pad-at-most-one", "the padding is one, however much is asked for", ask_with(pad=lambda q: min(q["pad"], 1)),
         FOUR_SIDES),
        ("pad-before-only", "all the padding is above and to the left, none below and to the right",
         move_windows(lambda q, oh, ow: pad_one_side(q, oh, ow, 0), double_pad), FOUR_SIDES),
        ("pad-after-only", "all the padding is below and to the right, none above and to the left",
         move_windows(lambda q, oh, ow: pad_one_side(q, oh, ow, 2), double_pad), FOUR_SIDES),
        ("pads-with-edge", "the padding repeats the border of the image", pad_with("edge"), ONE_VALUE),
        ("pads-with-mirror", "the padding mirrors the image", pad_with("reflect"), ONE_VALUE),
        ("pads-with-other-end", "the padding goes on at the other end of the image", pad_with("wrap"), ONE_VALUE),
        ("stride-ignored", "the stride is ignored: windows stand one place apart, as with stride 1",
         SIDE_BY_SIDE, STARTS),
        ("stride-one-size", "the stride is ignored, in the output's size too", ask_with(stride=lambda q: 1),
         "divide by the stride in the size, and start window i at i * stride"),
        ("stride-down-only", "the stride counts down only, not across",
         move_windows(lambda q, oh, ow: (window_starts(q, oh, ow)[0], np.arange(ow))), STARTS),
        ("stride-across-only", "the stride counts across only, not down",
         move_windows(lambda q, oh, ow: (np.arange(oh), window_starts(q, oh, ow)[1])), STARTS),
        ("stride-pad-swapped", "stride and pad are swapped",
         ask_with(stride=lambda q: q["pad"], pad=lambda q: q["stride"]),
         "look at the order of the arguments: stride before pad"),
        ("rounded-up", "a size that does not divide is rounded up", lambda ask, q: round_up(ask, q, fill),
         "refuse a size that does not divide, or round down"),
        ("one-row-short", "the last row and column of windows are missing",
         move_windows(lambda q, oh, ow: tuple(p[:-1] for p in window_starts(q, oh, ow))), COUNT),
        ("one-row-short", "the last row of windows is missing",
         move_windows(lambda q, oh, ow: (window_starts(q, oh, ow)[0][:-1], window_starts(q, oh, ow)[1])), COUNT),
        ("one-row-short", "the last column of windows is missing",
         move_windows(lambda q, oh, ow: (window_starts(q, oh, ow)[0], window_starts(q, oh, ow)[1][:-1])), COUNT),
        *(("one-row-short",
           f"the last {which} of windows is missing where the stride divides: range ends one too early",
           move_windows(partial(end_early, axes)), COUNT)
          for which, axes in (("row and column", (0, 1)), ("row", (0,)), ("column", (1,)))),
        ("axes-swapped", "height and width of the output are swapped",
         alter(out=lambda a, q: a["out"].transpose(0, 1, 3, 2)), "the output is (N, channels, OH, OW)"),
        ("no-transpose", "the numbers stand in the order (N, OH, OW, channels) and are reshaped without a transpose",
         reorder(0, 2, 3, 1), "reshape to (N, OH, OW, channels) first, then bring the channels to the second place"),
        ("first-image-only", "every image of the batch gets the answer of the first",
         alter(out=lambda a, q: np.repeat(a["out"][:1], len(a["out"]), 0)),
         "keep the batch axis: image n of the output comes from image n of the input"),
        ("truncated", "the numbers are cut to whole ones", alter(out=lambda a, q: np.trunc(a["out"])),
         "let the array that the result is written into have a floating-point type"),
        ("dout-no-transpose", "dout is reshaped to one channel a column without bringing its channels to the end first",
         with_dout(read_last), "transpose dout to (N, OH, OW, channels) before it is reshaped"),
        ("dout-no-transpose", "dout's channels are brought to the end, then it is reshaped to (N, channels, OH, OW) "
         "without bringing them back", with_dout(laid_last),
         "reshape to (N, OH, OW, channels), then bring them to the second place"),
        ("dout-ignored", "dout is taken for all ones", ignore_dout,
         "multiply by dout: it says how much each output place counts"),
        ("dout-channels-reversed", "dout's channels are read in the reverse order", reread_dout(1), AS_IT_CAME),
        ("dout-images-reversed", "dout's images are read in the reverse order", reread_dout(0), AS_IT_CAME),
        ("dout-turned", "dout's rows and columns are read from the end", reread_dout(2, 3), AS_IT_CAME),
        ("dout-turned", "dout's rows are read from the end", reread_dout(2), AS_IT_CAME),
        ("dout-turned", "dout's columns are read from the end", reread_dout(3), AS_IT_CAME),
        ("dout-sides-swapped", "dout's rows and columns are swapped, and it is read in its own shape",
         swap_dout(True), AS_IT_CAME),
        ("dout-sides-swapped", "dout is reshaped to (N, channels, OW, OH), and turned", swap_dout(False), AS_IT_CAME),
        ("dx-averaged", "dx is divided by the number of images", divide(count_images, "dx"), SUM),
        ("dx-stride-ignored", "dx puts windows back one place apart, as with stride 1", alter_one("dx", SIDE_BY_SIDE),
         DOUT),
        ("dx-not-cropped", "dx keeps the padding", crop_dx(lambda a, q: a, fill),
         "cut the padding off dx on every side"),
        ("dx-crop-from-zero", "dx is cut from 0 to H: the padding above and to the left stays",
         crop_dx(crop_from_zero, fill), "cut dx out from pad to pad + H"),
        *(("dx-cropped-elsewhere", "dx is not cut out from pad to pad + H and from pad to pad + W",
           crop_dx(crop_from(*at), fill), "cut dx out from pad to pad + H, and likewise across") for at in ELSEWHERE),
        ("dx-truncated", "dx is cut to whole numbers", alter(dx=lambda a, q: np.trunc(a["dx"])),
         "let dx have a floating-point type, whatever x has"),
    )


LESS = "the padding is less than the window, however much is asked for"
CONVOLVING: tuple[Row, ...] = (
    ("pad-less-than-window", LESS, ask_with(pad=lambda q: min(q["pad"], min(window_size(q)) - 1)), FOUR_SIDES),
    ("pad-less-than-window", LESS, ask_with(pad=lambda q: min(q["pad"], window_size(q)[0] - 1)), FOUR_SIDES),
    ("pad-less-than-window", LESS, ask_with(pad=lambda q: min(q["pad"], window_size(q)[1] - 1)), FOUR_SIDES),
)
BLOCKS = "blocks side by side are right only where the stride is both the height and the width of the window"
POOLING: tuple[Row, ...] = (
    ("blocks-whatever-stride", "where the image is made of whole windows, it is cut into them, whatever the stride",
     cut_blocks(lambda q: True), BLOCKS),
    ("blocks-whatever-stride", "a square window that divides the image cuts it into blocks, whatever the stride",
     cut_blocks(lambda q: q["pool_h"] == q["pool_w"]), BLOCKS),
    ("blocks-whatever-stride", "a square window of several pixels that divides the image cuts it, whatever the stride",
     cut_blocks(lambda q: q["pool_h"] == q["pool_w"] > 1), BLOCKS),
    ("window-swapped", "the window's height and width are swapped", swap_window, WINDOW),
    ("window-is-stride", "the window is stride x stride",
     ask_with(pool_h=lambda q: q["stride"], pool_w=lambda q: q["stride"]), WINDOW),
    ("stride-is-window", "the windows move by their own size", ask_with(stride=lambda q: q["pool_h"]), WINDOW),
    ("square-window", "the window is pool_h x pool_h", ask_with(pool_w=lambda q: q["pool_h"]), WINDOW),
)
