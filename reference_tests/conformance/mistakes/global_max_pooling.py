"""Global max pooling: the known mistakes, each a change of what a reference answers."""

from collections.abc import Callable, Iterator

import numpy as np

from ...subject.protocol import Answer, Question
from ..types import Mistake
from .backward import list_relu_mistakes
from .changes import Ask, WrongAnswer, alter, dout_of, list_shape_mistakes
from .filters import list_reshaped_images
from .foldings import hide_in_planes, list_folded_maxima
from .left_out import list_left_images
from .missing_rows import Spread, list_missing_rows
from .near_ties import COMPARE, list_near_ties
from .small_integers import KINDS
from .windows import TIES, compare_sizes, list_low_starts, take_smallest


def give_to(place: Callable[[np.ndarray], np.ndarray]) -> WrongAnswer:
    """Give dout to another place of each channel: place(rows of H*W numbers) -> their indices."""

    def answer(ask: Ask, q: Question) -> Answer:
        rows = q["x"].reshape(*q["x"].shape[:2], -1)
        dx = (np.arange(rows.shape[2]) == place(rows)[..., None]) * dout_of(q)[..., None]
        return {**ask(q), "dx": dx.reshape(q["x"].shape)}

    return answer


def place_in_any(rows: np.ndarray, axes: tuple[int, ...]) -> np.ndarray:
    """Return the place in its row of the largest number over these axes, the last of which is the row."""
    return np.asarray(rows.reshape(*rows.shape[: rows.ndim - len(axes)], -1).argmax(-1) % rows.shape[-1])


def rows_of(q: Question) -> np.ndarray:
    """Return each channel's numbers in one row: (N, C, H*W)."""
    return np.asarray(q["x"].reshape(*q["x"].shape[:2], -1))


def read_by_columns(q: Question) -> np.ndarray:
    """Return each channel's numbers column by column, (N, C, W*H), though they are read row by row."""
    return np.asarray(q["x"].swapaxes(2, 3).reshape(*q["x"].shape[:2], -1))


def split_by_height(rows: np.ndarray, q: Question, round_again: bool) -> np.ndarray:
    """Return the largest's place, split by H and not by W; ValueError where it lies outside the image.

    round_again: it goes on at the other end there.
    """
    h, w = q["x"].shape[2:]
    row, column = np.divmod(rows.argmax(2), h)
    if round_again:
        row, column = row % h, column % w
    if (row >= h).any() or (column >= w).any():
        raise ValueError("such a place is not in the image")
    return np.asarray(row * w + column)


def give_in_every_row(spread: Spread) -> Iterator[WrongAnswer]:
    """Yield the answers of dout spread over the rows of the batch, and over those of each image."""

    def of_batch(a: Answer, q: Question) -> np.ndarray:
        rows = rows_of(q)
        return spread(rows.argmax(2), dout_of(q), rows.shape[2]).reshape(q["x"].shape)

    def of_images(a: Answer, q: Question) -> np.ndarray:
        rows = rows_of(q)
        each = [spread(one.argmax(1), dout, rows.shape[2]) for one, dout in zip(rows, dout_of(q))]
        return np.reshape(each, q["x"].shape)

    yield from (alter(dx=of_batch), alter(dx=of_images))


def give_shares(share: Callable[[np.ndarray], np.ndarray]) -> WrongAnswer:
    """Give each number its share of dout: share(rows of H*W numbers)."""
    return alter(dx=lambda a, q: (share(rows_of(q)) * dout_of(q)[..., None]).reshape(q["x"].shape))


def give_to_all_largest(only: bool) -> WrongAnswer:
    """Give the whole dout to each of a channel's largest numbers. only: to none of them if there are several."""

    def dx(a: Answer, q: Question) -> np.ndarray:
        best = q["x"] == q["x"].max((2, 3), keepdims=True)
        if only:
            best = best & (best.sum((2, 3), keepdims=True) == 1)
        return np.asarray(best * dout_of(q)[:, :, None, None])

    return alter(dx=dx)


def keep_largest_of(axes: tuple[int, ...]) -> WrongAnswer:
    """Give dout to the largest over more axes than rows and columns, only."""
    return alter(dx=lambda a, q: np.where(q["x"] == q["x"].max(axes, keepdims=True), a["dx"], 0))


def largest_of_all(*axes: int) -> WrongAnswer:
    """Take the largest over other axes, which are lost."""
    return lambda ask, q: {"out": q["x"].max(axis=axes)}


def keep_sign(ask: Ask, q: Question) -> Answer:
    """Take the number of the largest size, with its sign."""
    rows = rows_of(q)
    best = np.abs(rows).argmax(2)[..., None]
    found = {"out": np.take_along_axis(rows, best, 2)[..., 0]}
    return found if q.dout is None else found | give_to(lambda rows: np.abs(rows).argmax(2))(ask, q) | found  # type: ignore[operator]


def kept_as(kind: str, from_end: bool = True) -> Callable[[np.ndarray], np.ndarray]:
    """Return a function that gives what is left of the largest's place in such integers; it may count from the end."""

    def place(rows: np.ndarray) -> np.ndarray:
        low = rows.argmax(2).astype(kind).astype(int)
        return np.asarray(np.where(low < 0, low + rows.shape[2], low) if from_end else low)

    return place


def read_kept(kind: str) -> WrongAnswer:
    """Read the largest number, too, at what is left of its place in such integers."""
    place = kept_as(kind)

    def answer(ask: Ask, q: Question) -> Answer:
        rows = rows_of(q)
        out = np.take_along_axis(rows, place(rows)[..., None], 2)[..., 0]
        return {"out": out} if q.dout is None else {**(give_to(place)(ask, q) or {}), "out": out}

    return answer


def mix_images(ask: Ask, q: Question) -> Answer:
    """Lay dout by channels, (C, N), and read it as (N, C)."""
    return ask(q if q.dout is None else q.but(dout=q.dout.T.reshape(q.dout.shape)))


LARGEST = "take the largest of each channel's H * W numbers"
PLACE = "remember where each channel's largest number stood"
# fmt: off
MISTAKES = [
    list_shape_mistakes("gmp")[0],  # squeezed
    *list_reshaped_images("gmp"),
    *list_relu_mistakes("gmp"),
    Mistake("gmp.min", "the smallest number of each channel", take_smallest, LARGEST),
    Mistake("gmp.mean", "the mean of each channel", lambda ask, q: {"out": q["x"].mean(axis=(2, 3))}, LARGEST),
    Mistake("gmp.absolute", "sizes without their sign are compared", compare_sizes, LARGEST),
    Mistake("gmp.starts-at-zero", "the largest is sought from 0 upwards: negative numbers are lost",
            alter(out=lambda a, q: np.maximum(a["out"], 0)), LARGEST),
    *list_low_starts("gmp"),
    Mistake("gmp.over-channels", "the largest is sought over the channels and rows, not over rows and columns",
            lambda ask, q: {"out": q["x"].max(axis=(1, 2))}, LARGEST),
    Mistake("gmp.axes-kept", "the output keeps two axes of length 1",
            alter(out=lambda a, q: a["out"][:, :, None, None]), "the output is (N, C)"),
    Mistake("gmp.dx-spread", "dout is spread evenly, as in average pooling",
            alter(dx=lambda a, q: np.broadcast_to(a["dx"].mean((2, 3), keepdims=True), a["dx"].shape)), PLACE),
    Mistake("gmp.dx-everywhere", "every place gets the whole dout",
            alter(dx=lambda a, q: np.broadcast_to(a["dx"].sum((2, 3), keepdims=True), a["dx"].shape)), PLACE),
    Mistake("gmp.dx-first-place", "dout goes to the first place of each channel",
            give_to(lambda rows: np.zeros(rows.shape[:2])), PLACE),
    Mistake("gmp.dx-smallest", "dout goes to the smallest number's place", give_to(lambda rows: rows.argmin(2)), PLACE),
    Mistake("gmp.absolute", "the number of the largest size, with its sign", keep_sign, LARGEST),
    Mistake("gmp.over-channels", "the largest is sought over the channels, not over rows and columns",
            largest_of_all(1), LARGEST),
    *(Mistake("gmp.over-channels", f"the largest number of {what} is given to all", lambda ask, q, axes=axes: {
        "out": np.broadcast_to(q["x"].max(axis=axes, keepdims=True)[..., 0, 0], q["x"].shape[:2])}, LARGEST)
      for what, axes in (("all channels of an image", (1, 2, 3)), ("a channel of all images", (0, 2, 3)))),
    Mistake("gmp.over-channels", "the largest is sought over the channels too", largest_of_all(1, 2, 3), LARGEST),
    Mistake("gmp.dx-absolute", "dout goes to the place of the largest size, whatever its sign",
            give_to(lambda rows: np.abs(rows).argmax(2)), PLACE),
    Mistake("gmp.place-by-columns", "the place is read column by column",
            alter(dx=lambda a, q: a["dx"].reshape(*a["dx"].shape[:2], *a["dx"].shape[:1:-1]).swapaxes(2, 3)), PLACE),
    Mistake("gmp.place-by-columns", "the place is counted column by column",
            lambda ask, q: give_to(lambda rows: read_by_columns(q).argmax(2))(ask, q), PLACE),
    *(Mistake("gmp.place-by-height", "the place is split into row and column by H: right only for square images",
              lambda ask, q, again=again: give_to(lambda rows: split_by_height(rows, q, again))(ask, q),
              "row and column of place p are p // W and p % W") for again in (False, True)),
    Mistake("gmp.ties-all", TIES, give_to_all_largest(False), "give dout to one of them, or share it out"),
    *(Mistake("gmp.nearly-tied", text, give_shares(share), COMPARE) for text, share in list_near_ties()),
    Mistake("gmp.ties-none", "where a channel has several largest numbers, none of them gets dout",
            give_to_all_largest(True), "give dout to one of them, or share it out"),
    Mistake("gmp.dx-first-image", "every image's dout goes to the places of the first image's largest numbers",
            give_to(lambda rows: np.broadcast_to(rows.argmax(2)[:1], rows.shape[:2])), PLACE),
    Mistake("gmp.place-in-a-byte", "the places are kept in a byte: it counts to 255 only",
            give_to(kept_as("u1")), "keep places as integers of 32 or 64 bits"),
    Mistake("gmp.place-in-a-byte", "the places are kept in a byte, to 255 only, and the largest is read there too",
            read_kept("u1"), "keep places as integers of 32 or 64 bits"),
    *(Mistake(f"gmp.place-{kind.code}", f"places in the image are kept in {kind.said}", answer,
              "keep places as integers of 32 or 64 bits", alone=True)
      for kind in KINDS
      for answer in (read_kept(kind.name), *(give_to(kept_as(kind.name, end)) for end in (True, False)))),
    *list_missing_rows("gmp", "channel", give_in_every_row),
    Mistake("gmp.dout-turned", "dout is laid out by channels, (C, N), and read as (N, C)", mix_images,
            "keep dout in the order (N, C), as it came"),
    *(Mistake("gmp.place-in-a-byte", "the places are kept in a signed byte: it counts to 127 only",
              give_to(kept_as("i1", end)), "keep places as integers of 32 or 64 bits") for end in (True, False)),
    Mistake("gmp.channels-mixed", "the place of the largest number is that of the first channel, for all channels",
            give_to(lambda rows: np.broadcast_to(rows.argmax(2)[:, :1], rows.shape[:2])), PLACE),
    Mistake("gmp.channels-mixed", "the place of the largest number of all channels is used in every channel",
            give_to(lambda rows: np.broadcast_to(place_in_any(rows, (1, 2))[:, None], rows.shape[:2])), PLACE),
    Mistake("gmp.dx-first-image", "the place of the largest number of the whole batch is used in all its images",
            give_to(lambda rows: np.broadcast_to(place_in_any(rows, (0, 1, 2)), rows.shape[:2])), PLACE, alone=True),
    *(Mistake("gmp.dx-largest-of-all", f"dout goes only to the largest number of {of}",
              keep_largest_of(axes), PLACE,
              alone=True) for of, axes in (("the whole batch", (0, 1, 2, 3)), ("all channels of an image", (1, 2, 3)))),
    Mistake("gmp.dx-last-place", "dout goes to the last place of each channel",
            give_to(lambda rows: np.full(rows.shape[:2], rows.shape[2] - 1)), PLACE),
    Mistake("gmp.dx-averaged", "dx is divided by the number of images", alter(dx=lambda a, q: a["dx"] / len(q["x"])),
            "the loss already holds the average over the batch"),
    *list_left_images("gmp", "dx"),
    *list_folded_maxima("gmp", hide_in_planes),
]
# fmt: on
