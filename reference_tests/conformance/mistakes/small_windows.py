"""Windows over channels, for LRN, that come of too small numbers: kept in a byte, or half of n - 1 for half of n."""

from collections.abc import Callable, Iterator

import numpy as np

from ...subject.protocol import Question
from ..types import Mistake
from .changes import WrongAnswer
from .channel_windows import Window, window_of
from .small_integers import KINDS, WIDER, go_round


def half_of_rest(q: Question) -> np.ndarray:
    """Let the window reach (n - 1) // 2 channels to each side."""
    return window_of(q.but(n=2 * ((q["n"] - 1) // 2) + 1))


def compare_distances(kind: str, forward: bool) -> Window:
    """Subtract the numbers of the channels in this type, whose size is then taken: i - j, or j - i."""

    def window(q: Question) -> np.ndarray:
        c = np.arange(q["x"].shape[1])
        away = (c - c[:, None] if forward else c[:, None] - c).astype(kind)
        return np.asarray((np.abs(away) <= q["n"] // 2).astype("f8"))

    return window


def keep_distances(kind: str) -> Window:
    """Keep the sizes of the distances in this type."""

    def window(q: Question) -> np.ndarray:
        c = np.arange(q["x"].shape[1])
        return np.asarray((np.abs(c - c[:, None]).astype(kind) <= q["n"] // 2).astype("f8"))

    return window


def ends_of(q: Question, kind: str) -> tuple[np.ndarray, np.ndarray]:
    """Return where each channel's window begins and where it ends, behind its last channel, kept in this type."""
    c, half = np.arange(q["x"].shape[1]), q["n"] // 2
    return np.maximum(c - half, 0).astype(kind).astype(int), np.minimum(c + half + 1, len(c)).astype(kind).astype(int)


def compare_ends(kind: str) -> Window:
    """Take the channels from the first on, up to and with the last, both kept in this type."""

    def window(q: Question) -> np.ndarray:
        c, half = np.arange(q["x"].shape[1]), q["n"] // 2
        low, high = (np.clip(c + far, 0, None).astype(kind) for far in (-half, half))
        return np.asarray(((c >= low[:, None]) & (c <= high[:, None])).astype("f8"))

    return window


def slice_ends(kind: str) -> Window:
    """Slice the channels: a negative end counts from behind."""

    def window(q: Question) -> np.ndarray:
        c = np.arange(q["x"].shape[1])
        return np.array([np.isin(c, c[low:high]) for low, high in zip(*ends_of(q, kind))], "f8")

    return window


def subtract_sums(kind: str) -> Window:
    """Subtract the running sum at the beginning from that at the end; a negative place counts from behind."""

    def window(q: Question) -> np.ndarray:
        size = q["x"].shape[1]
        first, last = (np.where(at < 0, at + size + 1, at)[:, None] for at in ends_of(q, kind))
        c = np.arange(size)
        return np.asarray((c < last).astype("f8") - (c < first))

    return window


def look_up(kind: str) -> Window:
    """Look the channels up in a padded image, by places that are kept in this type."""

    def window(q: Question) -> np.ndarray:
        size, half = q["x"].shape[1], q["n"] // 2
        found, at = np.zeros((size, size + 2 * half)), go_round(size + 2 * half, kind)
        for i in range(size):
            np.add.at(found[i], at[i : i + 2 * half + 1], 1.0)
        return found[:, half : half + size]

    return window


def list_small_windows(normalize: Callable[[Window], WrongAnswer]) -> Iterator[Mistake]:
    """Yield the mistakes of numbers, or distances, of channels in a byte, and that of an even n taken for n - 1."""
    yield Mistake("lrn.even-n-short", "where n is even the window has n - 1 channels: half of it is (n - 1) // 2",
                  normalize(half_of_rest), "it reaches n // 2 channels to each side", alone=True)  # fmt: skip
    for kind in KINDS:
        if kind.code != "in-a-byte":
            continue
        for form in (compare_ends, slice_ends, subtract_sums, look_up):
            yield Mistake("lrn.index-in-a-byte", f"channel numbers are kept in {kind.said}",
                          normalize(form(kind.name)), WIDER, alone=True)  # fmt: skip
        for window in (keep_distances(kind.name), *([compare_distances("i1", True)] if kind.name == "i1" else [])):
            yield Mistake("lrn.distance-in-a-byte", f"distances of channels are kept in {kind.said}",
                          normalize(window), WIDER, alone=True)  # fmt: skip
    for forward, side in ((True, "before"), (False, "behind")):
        yield Mistake("lrn.distance-in-a-byte",
                      f"numbers of channels are subtracted in bytes without a sign: those {side} are never near",
                      normalize(compare_distances("u1", forward)), WIDER, alone=True)  # fmt: skip
