"""What a window of max pooling puts back into dx: the shares of its places, and places read from an index."""

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from ...subject.protocol import Answer, Question
from ..references.loops import Place, crop, windows
from .changes import Ask, WrongAnswer, dout_of
from .missing_rows import Spread
from .windows import Share, window_area

COVERED = (
    "places are counted in the part of the image that windows cover, and laid into the whole: wrong where columns are "
    "over"
)
IN_WHOLE = "count the place in rows of the image's own width"

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


def give_shares(share: Callable[[np.ndarray], np.ndarray]) -> Share:
    """Give each place its share of dout: share(rows of a window's numbers, (C, places))."""

    def give(q: Question, place: Place, x: np.ndarray) -> np.ndarray:
        window = window_of(place, x)
        return np.asarray(dout_at(q, place) * share(window.reshape(len(window), -1)).reshape(window.shape))

    return give


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


def give_as_in_any_channel(q: Question, place: Place, x: np.ndarray) -> np.ndarray:
    """Give every channel's dout to the place of the window's largest number in all channels."""
    window = window_of(place, x)
    chosen = np.arange(window_area(q)) == window.argmax() % window_area(q)
    return np.asarray(dout_at(q, place) * chosen.reshape(1, *window.shape[1:]))


def give_by_sides(q: Question, place: Place, x: np.ndarray) -> np.ndarray:
    """Give dout to the first row and the first column that hold a largest number."""
    window = window_of(place, x)
    row, column = window.max(2).argmax(1), window.max(1).argmax(1)
    down, across = (np.arange(n) == at[:, None] for n, at in zip(window.shape[1:], (row, column)))
    return np.asarray(dout_at(q, place) * (down[:, :, None] & across[:, None]))


def give_as_in_last(axis: int) -> Share:
    """Give dout to the place at which the last image (0), or the last channel (1), has its largest number."""

    def share(q: Question, place: Place, x: np.ndarray) -> np.ndarray:
        n, _, _, r, c = place
        some = x[-1:, :, r, c] if axis == 0 else x[n : n + 1, -1:, r, c]
        best = some.reshape(*some.shape[:2], -1).argmax(2)[0]
        chosen = np.arange(window_area(q)) == best[:, None]
        return np.asarray(dout_at(q, place) * chosen.reshape(len(best), *some.shape[2:]))

    return share


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
    clip: bool | None = True,
    turned: bool = False,
) -> WrongAnswer:
    """Compute dx from the index of the largest place in its window, read with another width or start of the window.

    add: overlapping windows add up; else the last (or the first) one written stays. bits: of the index. signed: where a
    negative one is looked for; "lost": no place has that number. clip: a place behind the padded image is its last one;
    else it is lost; None: IndexError. turned: row and column in the window are swapped.
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
            y, z = np.divmod(best, q[width])[:: -1 if turned else 1]
            top, left = start(place, q)
            if clip is None and (top + y.max() >= h or left + z.max() >= w):
                raise IndexError("such a place is not in the padded image")
            y, z = np.minimum(top + y, h - bool(clip)), np.minimum(left + z, w - bool(clip))
            if signed == "lost":
                y, z = np.where(best < 0, h, y), np.where(best < 0, w, z)
            before = dx[n, channels, y, z] if add else 0
            dx[n, channels, y, z] = before + dout_of(q)[n, :, i, j]
        return {**ask(q), "dx": crop(dx[:, :, :h, :w], q["pad"])}

    return answer


def read_by_index(signed: bool, back: str = "") -> WrongAnswer:
    """Take out, too, from the place of the largest in its window, kept in a byte.

    signed: it counts to 127, and a negative place counts from the window's end; back: where dx seeks that.
    """
    by_index = give_by_index(bits=8, signed=back)

    def answer(ask: Ask, q: Question) -> Answer:
        at, x, oh, ow = windows(q, q["pool_h"], q["pool_w"], -np.inf)
        out = np.zeros((*x.shape[:2], oh, ow))
        for n, i, j, r, c in at:
            rows = x[n, :, r, c].reshape(x.shape[1], -1)
            best = wrapped(rows.argmax(1), window_area(q), 8, "from the end" if signed else "")
            out[n, :, i, j] = rows[np.arange(len(rows)), best]
        return {"out": out} if q.dout is None else {**(by_index(ask, q) or {}), "out": out}

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


def give_in_cut_plane(ask: Ask, q: Question) -> Answer:
    """Compute dx from the largest's place in the part of its plane that windows cover, laid into the whole plane."""
    at, x, *_ = windows(q, q["pool_h"], q["pool_w"], -np.inf)
    if q["pad"] or q.dout is None:
        return ask(q)
    (h, w), channels = x.shape[2:], np.arange(x.shape[1])
    covered = max(c.stop for *_, c in at)
    dx = np.zeros((*x.shape[:2], h * w))
    for n, i, j, r, c in at:
        y, z = np.divmod(window_of((n, i, j, r, c), x).reshape(len(channels), -1).argmax(1), q["pool_w"])
        dx[n, channels, (r.start + y) * covered + c.start + z] += q.dout[n, :, i, j]
    return {**ask(q), "dx": dx.reshape(x.shape)}


def give_in_every_row(spread: Spread) -> Iterator[WrongAnswer]:
    """Yield the answers of dout spread over the rows of all windows, the channels last or before the places."""
    for order in ((0, 2, 3, 1), (0, 1, 2, 3)):
        yield partial(spread_over_rows, spread, order)


def spread_over_rows(spread: Spread, order: tuple[int, ...], ask: Ask, q: Question) -> Answer:
    """Spread dout over the rows of all windows, in an order of (N, C, OH, OW)."""
    at, x, *_ = windows(q, q["pool_h"], q["pool_w"], -np.inf)
    places = np.zeros(dout_of(q).shape, int)
    for place in at:
        n, i, j, *_ = place
        places[n, :, i, j] = window_of(place, x).reshape(x.shape[1], -1).argmax(1)
    rows = spread(places.transpose(order), dout_of(q).transpose(order), window_area(q))
    laid = rows.reshape(*(places.shape[i] for i in order), -1).transpose(*np.argsort(order), 4)
    dx = np.zeros(x.shape)
    for n, i, j, r, c in at:
        dx[n, :, r, c] += laid[n, :, i, j].reshape(dx[n, :, r, c].shape)
    return {**ask(q), "dx": crop(dx, q["pad"])}


def in_bits(signed: bool, bits: int = 8) -> Callable[[np.ndarray, int], np.ndarray]:
    """Return a function that gives what is left of indices in so many bits; a negative one counts from the end."""

    def wrap(index: np.ndarray, size: int) -> np.ndarray:
        if not signed:
            return np.asarray(index % 2**bits)
        low = (index + 2 ** (bits - 1)) % 2**bits - 2 ** (bits - 1)
        return np.asarray(np.where(low < 0, low + size, low))

    return wrap


def wrapped(index: np.ndarray, area: int, bits: int, signed: str) -> np.ndarray:
    """Return what is left of an index in so many bits; a negative one may count from the window's end."""
    if signed:
        low = (index + 2 ** (bits - 1)) % 2**bits - 2 ** (bits - 1)
        return np.asarray(np.where(low < 0, low + area, low) if signed == "from the end" else low)
    return np.asarray(index % 2**bits)
