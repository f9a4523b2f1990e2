"""Max pooling: its known mistakes."""

from collections.abc import Callable

import numpy as np

from ...subject.protocol import Answer, Question
from ..references import loops
from ..references.loops import Place, crop, windows
from ..types import Mistake
from .changes import Ask, after
from .windows import DOUT, of_windows, only, pads, put_back, through


def smallest(ask: Ask, q: Question) -> Answer:
    """min x = -max(-x): where the padding is -infinity, it wins no window."""
    found = ask(q.but(x=-q["x"]))
    return {**found, "out": -found["out"]}


def of_sizes(ask: Ask, q: Question) -> Answer:
    return ask(q.but(x=np.abs(q["x"])))


def from_nothing(ask: Ask, q: Question) -> Answer:
    """The running maximum starts with 0: as if a 0 stood in every window."""
    out = ask(q.but(dout=None))["out"]
    found = {"out": np.maximum(out, 0)}
    return found if q.dout is None else {**ask(q.but(dout=q.dout * (out > 0))), **found}


def average(times: Callable[[Question], float]) -> Callable[[Ask, Question], Answer]:
    return lambda ask, q: {k: a * times(q) for k, a in loops.average_pooling(q).items()}


def area(q: Question) -> int:
    return q["pool_h"] * q["pool_w"]


def channels_mixed(ask: Ask, q: Question) -> Answer:
    """A window's numbers stand with the channels last, and every pool_h * pool_w of them are taken for one channel."""
    at, x, oh, ow = windows(q, q["pool_h"], q["pool_w"], -np.inf)
    rows = np.array([x[n, :, r, c].transpose(1, 2, 0).ravel() for n, _, _, r, c in at])
    n, c = x.shape[:2]
    return {"out": rows.reshape(n, oh, ow, c, area(q)).max(-1).transpose(0, 3, 1, 2)}


def window_of(place: Place, x: np.ndarray) -> np.ndarray:
    n, _, _, r, c = place
    return x[n, :, r, c]


def dout_at(q: Question, place: Place) -> np.ndarray:
    n, i, j, *_ = place
    return q.dout[n, :, i, j, None, None]  # type: ignore[index]


def at_largest(q: Question, place: Place, x: np.ndarray) -> np.ndarray:
    """dout at the first of the largest places, 0 elsewhere."""
    window = window_of(place, x)
    best = window.reshape(len(window), -1).argmax(1)
    return dout_at(q, place) * (np.arange(area(q)) == best[:, None]).reshape(window.shape)


def at_all_largest(q: Question, place: Place, x: np.ndarray) -> np.ndarray:
    window = window_of(place, x)
    return dout_at(q, place) * (window == window.max((1, 2), keepdims=True))


def at_smallest(q: Question, place: Place, x: np.ndarray) -> np.ndarray:
    return at_largest(q, place, -x)


def at_corner(place_in_window: int) -> Callable[[Question, Place, np.ndarray], np.ndarray]:
    def share(q: Question, place: Place, x: np.ndarray) -> np.ndarray:
        chosen = np.arange(area(q)) == place_in_window % area(q)
        return dout_at(q, place) * chosen.reshape(1, q["pool_h"], q["pool_w"])

    return share


def everywhere(q: Question, place: Place, x: np.ndarray) -> np.ndarray:
    return dout_at(q, place) * np.ones((1, q["pool_h"], q["pool_w"]))


def indexed(
    start: Callable[[Place, Question], tuple[int, int]] = lambda place, q: (place[3].start, place[4].start),
    width: str = "pool_w",
    add: bool = True,
    last: bool = True,
) -> Callable[[Ask, Question], Answer]:
    """dx by the number of the largest place in its window, read with another width, or from another first place."""

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
            dx[n, channels, y, z] = before + q.dout[n, :, i, j]  # type: ignore[index]
        return {**ask(q), "dx": crop(dx, q["pad"])}

    return answer


LARGEST = "take the largest number of the window, whatever its sign"
PLACE = "remember for each window where its largest number stood, and put dout there"
SUM_DX = "a place that is the largest of several windows gets the sum of their dout"
# fmt: off
MISTAKES = [
    Mistake("pool.pads-with-zero", "the padding is filled with zeros: where all numbers are negative, it wins",
            pads("constant"), "fill the padding with something smaller than any number, such as -infinity"),
    Mistake("pool.starts-at-zero", "the largest is sought from 0 upwards: negative numbers are lost", from_nothing,
            LARGEST),
    Mistake("pool.min", "it takes the smallest number of each window", smallest, LARGEST),
    Mistake("pool.absolute", "it compares and returns sizes without their sign", of_sizes, LARGEST),
    Mistake("pool.mean", "it takes the average of each window", average(lambda q: 1), LARGEST),
    Mistake("pool.sum", "it takes the sum of each window", average(area), LARGEST),
    Mistake("pool.channels-mixed", "numbers of several channels are compared with each other", channels_mixed,
            "each channel is pooled by itself: a row of the matrix belongs to one channel"),
    *of_windows("pool", fill=-np.inf),
    Mistake("pool.ties-all", "where a window has several largest numbers, each of them gets the whole dout",
            put_back(at_all_largest), "give dout to one of them, or share it out"),
    Mistake("pool.gradient-spread", "dx is spread evenly over the window, as in average pooling",
            only("dx", average(lambda q: 1)), PLACE),
    Mistake("pool.gradient-everywhere", "every place of the window gets the whole dout", put_back(everywhere), PLACE),
    Mistake("pool.gradient-first-place", "dout always goes to the window's first place", put_back(at_corner(0)), PLACE),
    Mistake("pool.gradient-last-place", "dout always goes to the window's last place", put_back(at_corner(-1)), PLACE),
    Mistake("pool.gradient-smallest", "dout goes to the smallest number's place", put_back(at_smallest), PLACE),
    Mistake("pool.gradient-averaged", "dx is divided by the number of places in a window", through(area, "dx"), PLACE),
    Mistake("pool.dx-overwrites", "in dx overlapping windows overwrite each other",
            put_back(at_largest, True), SUM_DX),
    Mistake("pool.dx-overwrites", "in dx overlapping windows overwrite each other",
            put_back(at_largest, False), SUM_DX),
    Mistake("pool.dx-assigns", "a place that is the largest of several windows gets the dout of one of them only",
            indexed(add=False), SUM_DX),
    Mistake("pool.dx-assigns", "a place that is the largest of several windows gets the dout of one of them only",
            indexed(add=False, last=False), SUM_DX),
    Mistake("pool.dx-stride-ignored", "dx puts windows back side by side, as with stride 1",
            indexed(lambda place, q: (place[1], place[2])), DOUT),
    Mistake("pool.dx-truncated", "dx is cut to whole numbers",
            only("dx", lambda ask, q: ask(q.but(dout=np.trunc(q.dout)))),
            "let dx have a floating-point type, whatever x has"),
    Mistake("pool.place-swapped", "the place in the window is read with pool_h in place of pool_w",
            indexed(width="pool_h"), "place k of a window stands in row k // pool_w and column k % pool_w"),
    Mistake("pool.dx-stride-is-window", "dx puts windows back as if they moved by their own size",
            indexed(lambda place, q: (place[1] * q["pool_h"], place[2] * q["pool_w"])), DOUT),
    Mistake("pool.channels-summed", "every channel's dx holds the sum over the channels",
            after(dx=lambda a, q: np.broadcast_to(a["dx"].sum(1, keepdims=True), a["dx"].shape)),
            "channels do not touch each other"),
]
# fmt: on
