"""A row's own index left out, once for all layers that take the largest of rows: dcol[:, place] = dout."""

from collections.abc import Callable, Iterator

import numpy as np

from ..types import Mistake
from .changes import WrongAnswer

Spread = Callable[[np.ndarray, np.ndarray, int], np.ndarray]  # (place, dout, length of a row) -> all rows
EACH = "put each row's dout at its own place: [np.arange(rows), place], not [:, place]"


def give_own(place: np.ndarray, dout: np.ndarray, size: int) -> np.ndarray:
    """Put each row's dout at the places of all rows."""
    return np.asarray(np.isin(np.arange(size), place) * dout.ravel()[:, None])


def give_last(place: np.ndarray, dout: np.ndarray, size: int) -> np.ndarray:
    """Put at the places of all rows, in every row, the dout of the last row that has its largest there."""
    line = np.zeros(size)
    line[place.ravel()] = dout.ravel()
    return np.broadcast_to(line, (dout.size, size))


FORMS: tuple[tuple[str, Spread], ...] = (
    ("every {row} puts its dout at the places of all", give_own),
    ("every {row} holds the dout of all, each at its own place", give_last),
)


def list_missing_rows(prefix: str, row: str, give: Callable[[Spread], Iterator[WrongAnswer]]) -> Iterator[Mistake]:
    """Yield the mistakes of a layer. row: what a row is. give(spread): the answers, in several orders of the rows."""
    for said, spread in FORMS:
        text = f"{said.format(row=row)}: [:, place] stands for [np.arange(rows), place]"
        for answer in give(spread):
            yield Mistake(f"{prefix}.dx-in-every-row", text, answer, EACH, alone=True)
