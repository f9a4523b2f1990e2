"""Max pooling: the known mistakes, each a change of what a reference answers."""

from collections.abc import Callable

import numpy as np

from ...subject.protocol import Answer, Question
from ..references import loops
from ..references.loops import Place, crop, windows
from ..types import Mistake
from .backward import list_backward_mistakes
from .changes import Ask, WrongAnswer, alter, dout_of
from .geometry import list_placing_mistakes
from .left_out import list_missing_edges, list_missing_windows
from .sides import list_pooling_side_mistakes
from .window_places import list_place_mistakes, list_window_sizes
from .windows import (
    DOUT,
    TIES,
    TOO_HIGH,
    Share,
    alter_one,
    compare_sizes,
    divide,
    list_low_starts,
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


def pool_by(reduce: Callable[[np.ndarray], np.ndarray], fill: float) -> WrongAnswer:
    """Reduce each window (C, places) to another number than its largest, with another value in the padding."""

    def answer(ask: Ask, q: Question) -> Answer:
        at, x, oh, ow = windows(q, q["pool_h"], q["pool_w"], fill)
        out = np.zeros((*x.shape[:2], oh, ow))
        for n, i, j, r, c in at:
            out[n, :, i, j] = reduce(x[n, :, r, c].reshape(x.shape[1], -1))
        return {"out": out}

    return answer


def largest_size(window: np.ndarray) -> np.ndarray:
    """Return the number of the largest size in each row, with its sign."""
    return np.asarray(window[np.arange(len(window)), np.abs(window).argmax(1)])


REDUCTIONS: tuple[tuple[str, str, Callable[[np.ndarray], np.ndarray]], ...] = (
    ("min", "it takes the smallest number of each window", lambda w: w.min(1)),
    ("absolute", "it compares and returns sizes without their sign", lambda w: np.abs(w).max(1)),
    ("absolute", "it takes the number of the largest size, with its sign", largest_size),
    ("mean", "it takes the average of each window", lambda w: w.mean(1)),
    ("sum", "it takes the sum of each window", lambda w: w.sum(1)),
    ("median", "it takes the median of each window", lambda w: np.asarray(np.median(w, 1))),
)


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


def give_to_only_largest(q: Question, place: Place, x: np.ndarray) -> np.ndarray:
    """Give dout to the largest place, if it is the only one."""
    given = give_to_all_largest(q, place, x)
    return np.asarray(given * (np.count_nonzero(given, (1, 2), keepdims=True) == 1))


def give_to_smallest(q: Question, place: Place, x: np.ndarray) -> np.ndarray:
    """Give dout to the smallest number's place."""
    return give_to_largest(q, place, -x)


def give_to_largest_size(q: Question, place: Place, x: np.ndarray) -> np.ndarray:
    """Give dout to the place of the largest size, whatever its sign."""
    return give_to_largest(q, place, np.where(np.isinf(x), x, np.abs(x)))


def give_as_in_first_image(q: Question, place: Place, x: np.ndarray) -> np.ndarray:
    """Give dout to the place at which the first image has its largest number."""
    first = window_of((0, *place[1:]), x)
    best = first.reshape(len(first), -1).argmax(1)
    return np.asarray(dout_at(q, place) * (np.arange(window_area(q)) == best[:, None]).reshape(first.shape))


def give_as_in_first_channel(q: Question, place: Place, x: np.ndarray) -> np.ndarray:
    """Give dout to the place at which the first channel has its largest number."""
    first = window_of(place, x)[0]
    chosen = np.arange(window_area(q)) == first.argmax()
    return np.asarray(dout_at(q, place) * chosen.reshape(1, *first.shape))


def give_to_largest_of(axes: tuple[int, ...]) -> Share:
    """Give dout only where a number is the largest of more than its own window: of all images (0), or channels (1)."""

    def share(q: Question, place: Place, x: np.ndarray) -> np.ndarray:
        n, _, _, r, c = place
        best = x[:, :, r, c].max((*axes, 2, 3), keepdims=True)
        return np.asarray(dout_at(q, place) * (x[:, :, r, c] == best)[n])

    return share


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
    bits: int = 0,
    signed: str = "",
    clip: bool = True,
) -> WrongAnswer:
    """Compute dx from the index of the largest place in its window, read with another width or start of the window.

    add: overlapping windows add up; else the last (or the first) one written stays. bits: of the index. signed: where a
    negative one is looked for. clip: a place behind the padded image is its last one; else it is lost.
    """

    def answer(ask: Ask, q: Question) -> Answer:
        at, x, *_ = windows(q, q["pool_h"], q["pool_w"], -np.inf)
        (h, w), channels = x.shape[2:], np.arange(x.shape[1])
        dx = np.zeros((*x.shape[:2], h + 1, w + 1))  # one more, for what is lost
        for place in at if last else reversed(at):
            n, i, j, *_ = place
            best = window_of(place, x).reshape(len(channels), -1).argmax(1)
            if bits:
                best = wrapped(best, window_area(q), bits, signed)
            y, z = np.divmod(best, q[width])
            top, left = start(place, q)
            y, z = np.minimum(top + y, h - clip), np.minimum(left + z, w - clip)
            before = dx[n, channels, y, z] if add else 0
            dx[n, channels, y, z] = before + dout_of(q)[n, :, i, j]
        return {**ask(q), "dx": crop(dx[:, :, :h, :w], q["pad"])}

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


def give_in_plane(wrap: Callable[[np.ndarray, int], np.ndarray], pad: bool) -> WrongAnswer:
    """Compute dx from the index of the largest place in its plane, wrap(index, plane's size). pad: of the padded image.

    ValueError where such a place is outside.
    """

    def answer(ask: Ask, q: Question) -> Answer:
        at, x, *_ = windows(q, q["pool_h"], q["pool_w"], -np.inf)
        p = 0 if pad else q["pad"]
        h, w = (size - 2 * p for size in x.shape[2:])
        dx, channels = np.zeros((*x.shape[:2], h * w)), np.arange(x.shape[1])
        for n, i, j, r, c in at:
            y, z = np.divmod(window_of((n, i, j, r, c), x).reshape(len(channels), -1).argmax(1), q["pool_w"])
            index = wrap((r.start + y - p) * w + c.start + z - p, h * w)
            if index.min() < 0 or index.max() >= h * w:
                raise ValueError("such a place is not in the image")
            dx[n, channels, index] += dout_of(q)[n, :, i, j]
        dx = dx.reshape(*x.shape[:2], h, w)
        return {**ask(q), "dx": crop(dx, q["pad"]) if pad else dx}

    return answer


def in_bits(signed: bool, bits: int = 8) -> Callable[[np.ndarray, int], np.ndarray]:
    """Return a function that gives what is left of indices in so many bits; a negative one counts from the end."""

    def wrap(index: np.ndarray, size: int) -> np.ndarray:
        if not signed:
            return np.asarray(index % 2**bits)
        low = (index + 2 ** (bits - 1)) % 2**bits - 2 ** (bits - 1)
        return np.asarray(np.where(low < 0, low + size, low))

    return wrap


def take_over_channels(ask: Ask, q: Question) -> Answer:
    """Take the largest of the windows of all channels, for each channel."""
    found = ask(q)
    out = np.broadcast_to(found["out"].max(1, keepdims=True), found["out"].shape)
    return {"out": out} if q.dout is None else put_back(give_to_largest_of((1,)))(ask, q) | {"out": out}  # type: ignore[operator]


def keep_largest(*axes: int) -> WrongAnswer:
    """Go on from the largest number of the window before, along these axes; the others are laid before them."""

    def out(a: Answer, q: Question) -> np.ndarray:
        rows = a["out"].reshape(*(n for i, n in enumerate(a["out"].shape) if i not in axes), -1)
        return np.maximum.accumulate(rows, -1).reshape(a["out"].shape)

    return alter(out=out)


def wrapped(index: np.ndarray, area: int, bits: int, signed: str) -> np.ndarray:
    """Return what is left of an index in so many bits; a negative one may count from the window's end."""
    if signed:
        low = (index + 2 ** (bits - 1)) % 2**bits - 2 ** (bits - 1)
        return np.asarray(np.where(low < 0, low + area, low) if signed == "from the end" else low)
    return np.asarray(index % 2**bits)


ONE_AXIS: tuple[tuple[str, str, Callable[[Place, Question], tuple[int, int]]], ...] = (
    ("stride-down-only", "the stride counts down only, not across", lambda place, q: (place[3].start, place[2])),
    ("stride-across-only", "the stride counts across only, not down", lambda place, q: (place[1], place[4].start)),
)
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
    *list_low_starts("pool"),
    *(Mistake("pool.pads-too-high", "the padding is filled with a number such as -1000: smaller numbers lose",
              pad_with("constant", constant_values=low), "fill the padding with -infinity") for low in TOO_HIGH),
    *(Mistake(f"pool.{code}", text, pool_by(reduce, fill), LARGEST)
      for code, text, reduce in REDUCTIONS for fill in (0.0, -np.inf, np.inf)),
    Mistake("pool.over-channels", "the largest is taken over the windows of all channels", take_over_channels,
            "each channel is pooled by itself"),
    *(Mistake("pool.largest-kept", f"the largest number found is kept for the next {of}: it is not set back", 
              keep_largest(*axes), "begin anew, with -infinity or the first number, in every window", alone=True)
      for of, axes in (("column", (3,)), ("window", (2, 3)), ("channel", (1, 2, 3)), ("image", (0, 1, 2, 3)))),
    Mistake("pool.channels-mixed", "numbers of several channels are compared with each other", mix_channels,
            "each channel is pooled by itself: a row of the matrix belongs to one channel"),
    *list_window_mistakes("pool", fill=-np.inf),
    *list_placing_mistakes("pool", dx=False),
    *list_pooling_side_mistakes("pool", share=False),
    Mistake("pool.dx-pads-with-zero", "backward seeks the largest in padding of zeros, forward in padding of -infinity",
            alter_one("dx", pad_with("constant")), PLACE, alone=True),
    *list_missing_windows("pool", ("dx",)),
    *list_backward_mistakes("pool", ("dx",), fill=-np.inf),
    *list_place_mistakes("pool", bias=False, pooling=True, fill=-np.inf),
    *list_window_sizes("pool"),
    *list_missing_edges("pool"),
    Mistake("pool.ties-all", TIES, put_back(give_to_all_largest), "give dout to one of them, or share it out"),
    Mistake("pool.ties-none", "where a window has several largest numbers, none of them gets dout",
            put_back(give_to_only_largest), "give dout to one of them, or share it out"),
    Mistake("pool.gradient-spread", "dx is spread evenly over the window, as in average pooling",
            alter_one("dx", average(lambda q: 1)), PLACE),
    Mistake("pool.gradient-everywhere", "every place of the window gets the whole dout", put_back(give_to_all), PLACE),
    Mistake("pool.gradient-first-place", "dout always goes to the window's first place", put_back(give_to_place(0)),
            PLACE),
    Mistake("pool.gradient-last-place", "dout always goes to the window's last place", put_back(give_to_place(-1)),
            PLACE),
    Mistake("pool.gradient-smallest", "dout goes to the smallest number's place", put_back(give_to_smallest), PLACE),
    Mistake("pool.gradient-absolute", "dout goes to the place of the largest size, whatever its sign",
            put_back(give_to_largest_size), PLACE),
    Mistake("pool.gradient-first-image", "every image's dout goes to the places of the first image's largest numbers",
            put_back(give_as_in_first_image), PLACE),
    Mistake("pool.gradient-first-channel", "every channel's dout goes to the places of the first channel",
            put_back(give_as_in_first_channel), PLACE),
    *(Mistake("pool.gradient-over-batch", f"dout goes only to the largest of the window in all {of}",
              put_back(share), PLACE)
      for of, share in (("images", give_to_largest_of((0,))), ("channels", give_to_largest_of((1,))),
                        ("images and channels", give_to_largest_of((0, 1))))),
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
    *(Mistake("pool.place-swapped", "the place in the window is read with pool_h in place of pool_w",
              give_by_index(width="pool_h", clip=clip),
              "place k of a window stands in row k // pool_w and column k % pool_w")
      for clip in (True, False)),
    *(Mistake("pool.dx-stride-is-window", "dx puts windows back as if they moved by their own size",
              give_by_index(lambda place, q: (place[1] * q["pool_h"], place[2] * q["pool_w"]), clip=clip), DOUT)
      for clip in (True, False)),
    *(Mistake(f"pool.dx-{code}", f"dx: {text}", give_by_index(start), DOUT) for code, text, start in ONE_AXIS),
    Mistake("pool.dx-stride-at-most-window", "dx puts windows back with a stride of at most the window",
            give_by_index(lambda place, q: (place[1] * min(q["stride"], q["pool_h"]),
                                            place[2] * min(q["stride"], q["pool_w"]))), DOUT),
    Mistake("pool.place-in-a-byte", "the places are kept in a byte: it counts to 255 only",
            give_by_index(bits=8), "keep places as integers of 32 or 64 bits"),
    *(Mistake("pool.place-in-a-byte", "the places are kept in a signed byte: it counts to 127 only",
              give_by_index(bits=8, signed=signed), "keep places as integers of 32 or 64 bits")
      for signed in ("from the end", "before the window")),
    *(Mistake("pool.place-in-a-byte", f"the places in the plane are kept in a {kind}byte: it counts to {most} only",
              give_in_plane(in_bits(bool(kind)), pad), "keep places as integers of 32 or 64 bits")
      for kind, most in (("", 255), ("signed ", 127)) for pad in (True, False)),
    Mistake("pool.channels-summed", "every channel's dx holds the sum over the channels",
            alter(dx=lambda a, q: np.broadcast_to(a["dx"].sum(1, keepdims=True), a["dx"].shape)),
            "channels do not touch each other"),
]
# fmt: on
