"""Max pooling: the known mistakes, each a change of what a reference answers."""

from collections.abc import Callable

import numpy as np

from ...subject.protocol import Answer, Question
from ..references import loops
from ..references.loops import Place, crop, windows
from ..types import Mistake
from .changes import Ask, WrongAnswer, alter, dout_of
from .windows import (
    DOUT,
    Share,
    alter_one,
    compare_sizes,
    divide,
    list_window_mistakes,
    pad_with,
    put_back,
    take_smallest,
    window_area,
)


def start_at_zero(ask: Ask, q: Question) -> Answer:
    """Start the running maximum with 0, as if a 0 stood in every window."""
    out = ask(q.but(dout=None))["out"]
    found = {"out": np.maximum(out, 0)}
    return found if q.dout is None else {**ask(q.but(dout=q.dout * (out > 0))), **found}


def average(times: Callable[[Question], float]) -> WrongAnswer:
    """Average each window, times a number."""
    return lambda ask, q: {k: a * times(q) for k, a in loops.average_pooling(q).items()}


def mix_channels(ask: Ask, q: Question) -> Answer:
    """Lay a window's numbers with the channels last, and take every pool_h * pool_w of them for one channel."""
    at, x, oh, ow = windows(q, q["pool_h"], q["pool_w"], -np.inf)
    rows = np.array([x[n, :, r, c].transpose(1, 2, 0).ravel() for n, _, _, r, c in at])
    n, c = x.shape[:2]
    return {"out": rows.reshape(n, oh, ow, c, window_area(q)).max(-1).transpose(0, 3, 1, 2)}


# What a window puts back: (question, place, padded x) -> (C, pool_h, pool_w).


def window_of(place: Place, x: np.ndarray) -> np.ndarray:
    """Cut a window out of the padded image: (C, pool_h, pool_w)."""
    n, _, _, r, c = place
    return x[n, :, r, c]


def dout_at(q: Question, place: Place) -> np.ndarray:
    """Return a window's dout, (C, 1, 1)."""
    n, i, j, *_ = place
    return np.asarray(dout_of(q)[n, :, i, j, None, None])


def give_to_largest(q: Question, place: Place, x: np.ndarray) -> np.ndarray:
    """Give dout to the first of the largest places, as is right."""
    window = window_of(place, x)
    best = window.reshape(len(window), -1).argmax(1)
    return np.asarray(dout_at(q, place) * (np.arange(window_area(q)) == best[:, None]).reshape(window.shape))


def give_to_all_largest(q: Question, place: Place, x: np.ndarray) -> np.ndarray:
    """Give the whole dout to each of the largest places."""
    window = window_of(place, x)
    return np.asarray(dout_at(q, place) * (window == window.max((1, 2), keepdims=True)))


def give_to_smallest(q: Question, place: Place, x: np.ndarray) -> np.ndarray:
    """Give dout to the smallest number's place."""
    return give_to_largest(q, place, -x)


def give_to_place(place_in_window: int) -> Share:
    """Give dout always to the same place of the window; -1 is the last."""

    def share(q: Question, place: Place, x: np.ndarray) -> np.ndarray:
        chosen = np.arange(window_area(q)) == place_in_window % window_area(q)
        return np.asarray(dout_at(q, place) * chosen.reshape(1, q["pool_h"], q["pool_w"]))

    return share


def give_to_all(q: Question, place: Place, x: np.ndarray) -> np.ndarray:
    """Give the whole dout to every place."""
    return dout_at(q, place) * np.ones((1, q["pool_h"], q["pool_w"]))


def give_by_index(
    start: Callable[[Place, Question], tuple[int, int]] = lambda place, q: (place[3].start, place[4].start),
    width: str = "pool_w",
    add: bool = True,
    last: bool = True,
) -> WrongAnswer:
    """Compute dx from the index of the largest place in its window, read with another width or start of the window.

    add: overlapping windows add up; else the last (or the first) one written stays.
    """

    def answer(ask: Ask, q: Question) -> Answer:
        at, x, *_ = windows(q, q["pool_h"], q["pool_w"], -np.inf)
        dx = np.zeros_like(x)
        channels = np.arange(x.shape[1])
        for place in at if last else reversed(at):
            n, i, j, *_ = place
            y, z = np.divmod(window_of(place, x).reshape(len(channels), -1).argmax(1), q[width])
            top, left = start(place, q)
            y, z = np.minimum(top + y, x.shape[2] - 1), np.minimum(left + z, x.shape[3] - 1)
            before = dx[n, channels, y, z] if add else 0
            dx[n, channels, y, z] = before + dout_of(q)[n, :, i, j]
        return {**ask(q), "dx": crop(dx, q["pad"])}

    return answer


def assign_to_all_largest(last: bool) -> WrongAnswer:
    """Write dout, in place of adding it, at every largest place of its window. last: the last one written stays."""

    def answer(ask: Ask, q: Question) -> Answer:
        at, x, *_ = windows(q, q["pool_h"], q["pool_w"], -np.inf)
        dx = np.zeros_like(x)
        for place in at if last else reversed(at):
            n, _, _, r, c = place
            window = window_of(place, x)
            dx[n, :, r, c] = np.where(window == window.max((1, 2), keepdims=True), dout_at(q, place), dx[n, :, r, c])
        return {**ask(q), "dx": crop(dx, q["pad"])}

    return answer


LARGEST = "take the largest number of the window, whatever its sign"
PLACE = "remember for each window where its largest number stood, and put dout there"
SUM_DX = "a place that is the largest of several windows gets the sum of their dout"
# fmt: off
MISTAKES = [
    Mistake("pool.pads-with-zero", "the padding is filled with zeros: where all numbers are negative, it wins",
            pad_with("constant"), "fill the padding with something smaller than any number, such as -infinity"),
    Mistake("pool.starts-at-zero", "the largest is sought from 0 upwards: negative numbers are lost", start_at_zero,
            LARGEST),
    Mistake("pool.min", "it takes the smallest number of each window", take_smallest, LARGEST),
    Mistake("pool.absolute", "it compares and returns sizes without their sign", compare_sizes, LARGEST),
    Mistake("pool.mean", "it takes the average of each window", average(lambda q: 1), LARGEST),
    Mistake("pool.sum", "it takes the sum of each window", average(window_area), LARGEST),
    Mistake("pool.channels-mixed", "numbers of several channels are compared with each other", mix_channels,
            "each channel is pooled by itself: a row of the matrix belongs to one channel"),
    *list_window_mistakes("pool", fill=-np.inf),
    Mistake("pool.ties-all", "where a window has several largest numbers, each of them gets the whole dout",
            put_back(give_to_all_largest), "give dout to one of them, or share it out"),
    Mistake("pool.gradient-spread", "dx is spread evenly over the window, as in average pooling",
            alter_one("dx", average(lambda q: 1)), PLACE),
    Mistake("pool.gradient-everywhere", "every place of the window gets the whole dout", put_back(give_to_all), PLACE),
    Mistake("pool.gradient-first-place", "dout always goes to the window's first place", put_back(give_to_place(0)),
            PLACE),
    Mistake("pool.gradient-last-place", "dout always goes to the window's last place", put_back(give_to_place(-1)),
            PLACE),
    Mistake("pool.gradient-smallest", "dout goes to the smallest number's place", put_back(give_to_smallest), PLACE),
    Mistake("pool.gradient-averaged", "dx is divided by the number of places in a window", divide(window_area, "dx"),
            PLACE),
    *(Mistake("pool.dx-overwrites", "in dx overlapping windows overwrite each other",
              put_back(give_to_largest, last), SUM_DX) for last in (True, False)),
    *(Mistake("pool.dx-assigns", "a place that is the largest of several windows gets the dout of one of them only",
              answer, SUM_DX) for last in (True, False)
      for answer in (give_by_index(add=False, last=last), assign_to_all_largest(last))),
    Mistake("pool.dx-stride-ignored", "dx puts windows back side by side, as with stride 1",
            give_by_index(lambda place, q: (place[1], place[2])), DOUT),
    Mistake("pool.dx-truncated", "dx is cut to whole numbers",
            alter_one("dx", lambda ask, q: ask(q.but(dout=np.trunc(dout_of(q))))),
            "let dx have a floating-point type, whatever x has"),
    Mistake("pool.place-swapped", "the place in the window is read with pool_h in place of pool_w",
            give_by_index(width="pool_h"), "place k of a window stands in row k // pool_w and column k % pool_w"),
    Mistake("pool.dx-stride-is-window", "dx puts windows back as if they moved by their own size",
            give_by_index(lambda place, q: (place[1] * q["pool_h"], place[2] * q["pool_w"])), DOUT),
    Mistake("pool.channels-summed", "every channel's dx holds the sum over the channels",
            alter(dx=lambda a, q: np.broadcast_to(a["dx"].sum(1, keepdims=True), a["dx"].shape)),
            "channels do not touch each other"),
]
# fmt: on
