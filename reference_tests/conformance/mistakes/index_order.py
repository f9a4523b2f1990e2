"""Mistakes of index arrays: np.tile where np.repeat belongs, or the other way round."""

from collections.abc import Callable, Iterator

import numpy as np

from ...subject.protocol import Answer, Question
from .changes import Ask, WrongAnswer

Axes = tuple[int, ...]  # the lengths of N, OH, OW, C, FH, FW
At = tuple[np.ndarray, ...]  # of each window: its row and column; of each of its numbers: channel, row and column
TILED, REPEATED = "is tiled: np.tile where np.repeat belongs", "is repeated: np.repeat where np.tile belongs"


def right_places(axes: Axes) -> list[np.ndarray]:
    """Return where each window stands among the windows, and where each number of one stands in it."""
    _n, oh, ow, c, fh, fw = axes
    return [*np.divmod(np.arange(oh * ow), ow), *np.unravel_index(np.arange(c * fh * fw), (c, fh, fw))]


def changed(which: int, places: Callable[[np.ndarray, Axes], np.ndarray]) -> Callable[[Axes], At]:
    """Return a function that gives the places with one of the five index arrays changed: places(numbers, axes)."""

    def at(axes: Axes) -> At:
        found = right_places(axes)
        found[which] = places(np.arange(len(found[which])), axes)
        return tuple(found)

    return at


SLIPS: tuple[tuple[str, Callable[[Axes], At]], ...] = (
    (f"the channel of each number of a window {TILED}", changed(2, lambda m, axes: m % axes[3])),
    (f"the row of each number of a window {TILED}", changed(3, lambda m, axes: m % axes[4])),
    (f"the column of each number of a window {REPEATED}", changed(4, lambda m, axes: m // axes[4] % axes[5])),
    (f"the first row of each window {TILED}", changed(0, lambda m, axes: m % axes[1])),
    (f"the first column of each window {REPEATED}", changed(1, lambda m, axes: m // axes[1])),
)


def read_places(axes_of: Callable[[Question], Axes], at: Callable[[Axes], At]) -> WrongAnswer:
    """Read other places of the image into the matrix."""

    def answer(ask: Ask, q: Question) -> Answer:
        axes, out = axes_of(q), ask(q)["out"]
        i, j, c, y, z = at(axes)
        return {"out": out.reshape(axes)[:, i[:, None], j[:, None], c, y, z].reshape(out.shape)}

    return answer


def write_places(axes_of: Callable[[Question], Axes], at: Callable[[Axes], At]) -> WrongAnswer:
    """Add the matrix's numbers to other places of the image."""

    def answer(ask: Ask, q: Question) -> Answer:
        axes, col = axes_of(q), np.asarray(q["col"], "f8")
        moved = np.zeros(axes)
        i, j, c, y, z = at(axes)
        rows = col.reshape(axes[0], axes[1] * axes[2], -1)
        np.add.at(moved, (slice(None), i[:, None], j[:, None], c, y, z), rows)  # type: ignore[arg-type]
        return ask(q.but(col=moved.reshape(col.shape)))

    return answer


def list_index_slips(
    change: Callable[[Callable[[Question], Axes], Callable[[Axes], At]], WrongAnswer],
    axes_of: Callable[[Question], Axes],
) -> Iterator[tuple[str, WrongAnswer]]:
    """Yield the sentence and the answer of each slip."""
    for text, at in SLIPS:
        yield text, change(axes_of, at)
