"""Average pooling: the known mistakes, each a change of what a reference answers."""

from collections.abc import Callable

import numpy as np

from ...subject.protocol import Answer, Question
from ..references import loops
from ..references.loops import Place
from ..types import Mistake, Shape
from .axis_orders import list_dout_orders
from .backward import list_backward_mistakes, list_relu_mistakes
from .blocks import list_block_mistakes
from .changes import Ask, WrongAnswer, alter, dout_of
from .geometry import list_placing_mistakes
from .left_out import list_left_images, list_missing_edges, list_missing_windows
from .one_sided import list_one_sided
from .sides import list_pooling_side_mistakes
from .small_integers import list_small_counts, list_small_integers
from .sums import list_running_sums
from .window_columns import list_column_orders
from .window_places import list_place_mistakes
from .windows import Share, alter_one, divide, list_window_mistakes, put_back, round_up, window_area


def divide_by(divisor: Callable[[Question], float], *names: str) -> WrongAnswer:
    """Divide by another number than the window's size: out and dx, or the named answers alone."""
    return divide(lambda q: divisor(q) / window_area(q), *(names or ("out", "dx")))


def count_inside(*names: str) -> WrongAnswer:
    """Divide the named answers by the number of places that are no padding."""

    def answer(ask: Ask, q: Question) -> Answer:
        inside = ask(q.but(x=np.ones_like(q["x"]), dout=None))["out"]
        right = ask(q)
        wrong = {"out": right["out"] / inside}
        if q.dout is not None:
            wrong["dx"] = ask(q.but(dout=q.dout / inside))["dx"]
        return {k: wrong[k] if k in names else a for k, a in right.items()}

    return answer


def share_evenly(q: Question, place: Place, x: np.ndarray) -> np.ndarray:
    """Give every place of the window dout / (pool_h * pool_w), as is right."""
    n, i, j, *_ = place
    shape = (1, q["pool_h"], q["pool_w"])
    return np.asarray(dout_of(q)[n, :, i, j, None, None] * np.ones(shape) / window_area(q))


def take_root(ask: Ask, q: Question) -> Answer:
    """Take the root of each window's mean square."""
    return {"out": np.sqrt(ask(q.but(x=q["x"] ** 2, dout=None))["out"])}


def give_to_middle(q: Question, place: Place, x: np.ndarray) -> np.ndarray:
    """Give the whole dout to the window's middle place."""
    found = np.zeros((x.shape[1], q["pool_h"], q["pool_w"]))
    found[:, q["pool_h"] // 2, q["pool_w"] // 2] = dout_of(q)[place[0], :, place[1], place[2]]
    return found


def share_rounded(whole: Callable[[np.ndarray], np.ndarray]) -> Share:
    """Return what gives every place of the window its share, as a whole number."""
    return lambda q, place, x: whole(share_evenly(q, place, x))


def repeat(q: Question) -> np.ndarray:
    """Repeat each number of dout over a window, and divide."""
    return np.kron(dout_of(q), np.ones((q["pool_h"], q["pool_w"]))) / window_area(q)


def fitted(a: np.ndarray, size: Shape) -> np.ndarray:
    """Cut the last two axes to a size, or fill them up with zeros."""
    h, w = (max(n - m, 0) for n, m in zip(size, a.shape[2:]))
    return np.pad(a, [(0, 0), (0, 0), (0, h), (0, w)])[:, :, : size[0], : size[1]]


def average_partial(ask: Ask, q: Question) -> Answer | None:
    """Round the output's size up, and average the last windows over the numbers that they have."""
    found, p = round_up(ask, q.but(dout=None), 0.0), q["pad"]
    inside = np.pad(np.ones_like(q["x"]), ((0, 0), (0, 0), (p, p), (p, p)), constant_values=1)  # the padding counts
    ones = round_up(ask, q.but(x=inside, pad=0, dout=None), 0.0)
    return {"out": found["out"] / ones["out"]} if found and ones else None


def give_to_first(q: Question, place: Place, x: np.ndarray) -> np.ndarray:
    """Give the whole dout to the window's first place."""
    first = np.arange(window_area(q)).reshape(1, q["pool_h"], q["pool_w"]) == 0
    return np.asarray(share_evenly(q, place, x) * first * window_area(q))


def take_largest(ask: Ask, q: Question) -> Answer:
    """Pool by the maximum, with padded zeros."""
    found = loops.pooling(q.but(x=loops.padded(q["x"], q["pad"]), pad=0))
    return {**found, "dx": loops.crop(found["dx"], q["pad"])} if "dx" in found else found


def take_median(ask: Ask, q: Question) -> Answer:
    """Take each window's median, padded zeros included."""
    at, x, oh, ow = loops.windows(q, q["pool_h"], q["pool_w"])
    out = np.zeros((*x.shape[:2], oh, ow))
    for n, i, j, r, c in at:
        out[n, :, i, j] = np.median(x[n, :, r, c], (1, 2))
    return {"out": out}


def take_smallest(ask: Ask, q: Question) -> Answer:
    """Take each window's smallest number, padded zeros included."""
    return {"out": -take_largest(ask, q.but(x=-q["x"], dout=None))["out"]}


def sum_in_byte(ask: Ask, q: Question) -> Answer:
    """Add each window up in a byte, then divide."""
    x = q["x"]
    if not np.array_equal(x, np.rint(x)) or x.min() < 0 or x.max() > 255:  # no bytes
        return ask(q)
    sums = np.rint(ask(q.but(dout=None))["out"] * window_area(q))
    return {"out": sums % 256 / window_area(q)}


def subtract_running_sums(*axes: int, added_in: str = "f4") -> WrongAnswer:
    """Take each window as a difference of running sums along these axes, which are kept in float32."""

    def out(a: Answer, q: Question) -> np.ndarray:
        sums = loops.padded(q["x"], q["pad"]).astype(added_in)
        for axis in axes:
            sums = sums.cumsum(axis)
        sums = np.pad(sums.astype("f4"), [(0, 0), (0, 0), (1, 0), (1, 0)])
        top, left = (np.arange(n) * q["stride"] for n in a["out"].shape[2:])
        bottom, right = top + q["pool_h"], left + q["pool_w"]
        low, high = (sums[:, :, rows] for rows in (top, bottom))
        total = high[..., right] - low[..., right] - high[..., left] + low[..., left]
        return np.asarray(total / window_area(q), "f8")

    return alter(out=out)


def share_tiled(q: Question, place: Place, x: np.ndarray) -> np.ndarray:
    """Lay the shares of all channels one after another, as often as the window has places: tile in place of repeat."""
    n, i, j, *_ = place
    return np.tile(dout_of(q)[n, :, i, j], window_area(q)).reshape(-1, q["pool_h"], q["pool_w"]) / window_area(q)


def shift_running_sums(repeat_last: bool) -> WrongAnswer:
    """Take each window as a difference of running sums that have one row and column more at the end, not before.

    repeat_last: these repeat the last sums, else they are 0.
    """

    def out(a: Answer, q: Question) -> np.ndarray:
        sums = loops.padded(q["x"], q["pad"]).cumsum(2).cumsum(3)
        sums = np.pad(sums, [(0, 0), (0, 0), (0, 1), (0, 1)], mode="edge" if repeat_last else "constant")
        top, left = (np.arange(n) * q["stride"] for n in a["out"].shape[2:])
        low, high = (sums[:, :, rows] for rows in (top, top + q["pool_h"]))
        right = left + q["pool_w"]
        return np.asarray((high[..., right] - low[..., right] - high[..., left] + low[..., left]) / window_area(q))

    return alter(out=out)


DIVISORS: tuple[tuple[str, str, Callable[[Question], float]], ...] = (
    ("height", "pool_h * pool_h", lambda q: q["pool_h"] ** 2),
    ("width", "pool_w * pool_w", lambda q: q["pool_w"] ** 2),
    ("one-side", "pool_h only", lambda q: q["pool_h"]),
    ("one-side", "pool_w only", lambda q: q["pool_w"]),
    ("channels", "the number of channels too", lambda q: window_area(q) * q["x"].shape[1]),
)
INSIDE = "padded places do not count, as in TensorFlow: it divides by the places inside the image"
MEAN = "add up the window and divide by pool_h * pool_w, padded zeros included"
SHARE = "every place of the window gets dout / (pool_h * pool_w)"
SUM_DX = "a place in several windows gets a share from each: add them"
# fmt: off
MISTAKES = [
    Mistake("avg.sum", "the window is added up, not divided by its size", divide_by(lambda q: 1), MEAN),
    Mistake("avg.max", "it takes the largest number of each window", take_largest, MEAN),
    Mistake("avg.padding-not-counted", INSIDE, count_inside("out", "dx"), MEAN),
    Mistake("avg.divided-by-stride", "it divides by stride * stride", divide_by(lambda q: q["stride"] ** 2), MEAN),
    Mistake("avg.divided-by-sides", "it divides by pool_h + pool_w",
            divide_by(lambda q: q["pool_h"] + q["pool_w"]), MEAN),
    Mistake("avg.divided-by-height", "it divides by pool_h * pool_h", divide_by(lambda q: q["pool_h"] ** 2), MEAN),
    Mistake("avg.divided-by-width", "it divides by pool_w * pool_w", divide_by(lambda q: q["pool_w"] ** 2), MEAN),
    Mistake("avg.divided-by-one-side", "it divides by pool_h only", divide_by(lambda q: q["pool_h"]), MEAN),
    Mistake("avg.divided-by-one-side", "it divides by pool_w only", divide_by(lambda q: q["pool_w"]), MEAN),
    Mistake("avg.divided-by-channels", "it divides by the number of channels too",
            divide_by(lambda q: window_area(q) * q["x"].shape[1]), "each channel is averaged by itself"),
    Mistake("avg.floored", "it divides by // and rounds down", alter(out=lambda a, q: np.floor(a["out"])), MEAN),
    Mistake("avg.in-type-of-x", "the sum is kept in the type of x: bytes go round in it", sum_in_byte, MEAN),
    *(Mistake("avg.running-sums-in-float32",
              "each window is a difference of running sums in float32, which are as large as the image", change,
              "add up every window by itself, or keep the running sums in float64")
      for change in (subtract_running_sums(2, 3), subtract_running_sums(3, 2),
                     subtract_running_sums(2, 3, added_in="f8"))),
    *(Mistake("avg.running-sums-shifted", "the running sums have their extra row and column at the end: every window "
              "is one further down and to the right", shift_running_sums(repeated),
              "put a row and a column of zeros before the running sums") for repeated in (True, False)),
    Mistake("avg.gradient-tiled", "the shares of all channels are tiled, where each should be repeated",
            put_back(share_tiled), SHARE),
    Mistake("avg.median", "it takes the median of each window", take_median, MEAN),
    Mistake("avg.root-mean-square", "it takes the root of the mean of the squares", take_root, MEAN),
    Mistake("avg.gradient-middle", "dout goes to the window's middle place", put_back(give_to_middle), SHARE),
    Mistake("avg.min", "it takes the smallest number of each window", take_smallest, MEAN),
    *list_window_mistakes("avg"),
    *list_placing_mistakes("avg"),
    *list_pooling_side_mistakes("avg", share=True),
    *list_running_sums("avg", bias=False),
    *list_missing_windows("avg", ("dx",)),
    *list_left_images("avg", "dx"),
    *list_backward_mistakes("avg", ("dx",)),
    *list_relu_mistakes("avg"),
    *list_dout_orders("avg", filters=False),
    *list_column_orders("avg", np.mean),
    *list_block_mistakes("avg"),
    *list_one_sided("avg", "pool_h", "pool_w"),
    *list_place_mistakes("avg", bias=False, pooling=True),
    *list_missing_edges("avg"),
    Mistake("avg.gradient-not-divided", "every place of the window gets the whole dout", divide_by(lambda q: 1, "dx"),
            SHARE),
    Mistake("avg.gradient-divided-twice", "dx is divided by the window's size twice",
            divide_by(lambda q: window_area(q) ** 2, "dx"), SHARE),
    Mistake("avg.gradient-divided-by-stride", "dx is divided by stride * stride",
            divide_by(lambda q: q["stride"] ** 2, "dx"), SHARE),
    Mistake("avg.gradient-divided-by-sides", "dx is divided by pool_h + pool_w",
            divide_by(lambda q: q["pool_h"] + q["pool_w"], "dx"), SHARE),
    *(Mistake(f"avg.gradient-divided-by-{code}", f"dx is divided by {what}", divide_by(divisor, "dx"), SHARE)
      for code, what, divisor in DIVISORS),
    Mistake("avg.gradient-padding-not-counted", "dx is divided by the places inside the image only",
            count_inside("dx"), SHARE),
    Mistake("avg.gradient-first-place", "dout goes to the window's first place", put_back(give_to_first), SHARE),
    Mistake("avg.gradient-at-largest", "dout goes to the largest number's place, as in max pooling",
            alter_one("dx", take_largest), SHARE),
    Mistake("avg.gradient-floored", "dout is divided by // and rounded down", put_back(share_rounded(np.floor)), SHARE),
    Mistake("avg.gradient-floored", "each share of dout is cut to a whole number", put_back(share_rounded(np.trunc)),
            SHARE),
    Mistake("avg.dx-repeated", "dx is dout repeated pool_h times down and pool_w times across, whatever the stride",
            alter(dx=lambda a, q: repeat(q)), SUM_DX, alone=True),
    Mistake("avg.dx-repeated", "dx is dout repeated down and across and cut to the size of x, whatever the stride",
            alter(dx=lambda a, q: fitted(repeat(q), q["x"].shape[2:])), SUM_DX, alone=True),
    Mistake("avg.rounded-up", "a size that does not divide is rounded up; the last window is averaged over what it has",
            average_partial, "refuse a size that does not divide, or round down", alone=True),
    *(Mistake("avg.dx-overwrites", "in dx overlapping windows overwrite each other",
              put_back(share_evenly, last), SUM_DX) for last in (True, False)),
    *list_small_integers("avg"),
    *list_small_counts("avg", window_area, ("i1", "u1")),
]
# fmt: on
