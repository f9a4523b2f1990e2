"""Numbers that are folded in halves until one is left, without the last one wherever their number is odd."""

from collections.abc import Callable, Iterator
from functools import cache

import numpy as np

from ...subject.protocol import Question
from ..types import Mistake
from .changes import Ask, WrongAnswer, alter

Mask = Callable[[int, int], np.ndarray]  # sides of a window -> True at the places that are left (rows, columns)
ODD = "where their number is odd, keep the last one beside the halves: max and sum need no halves at all"
TEXT = "{what} by folding in halves, which loses the last of an odd number{where}"


@cache
def kept_by_folding(n: int) -> np.ndarray:
    """Mark which of n numbers are left where halves are laid on each other, and the last of an odd number is not."""
    places = np.arange(n).reshape(n, 1)
    while len(places) > 1:
        half = len(places) // 2
        places = np.concatenate([places[:half], places[half : 2 * half]], axis=1)
    return np.isin(np.arange(n), places)


MASKS: tuple[tuple[str, Mask], ...] = (
    ("", lambda h, w: kept_by_folding(h * w).reshape(h, w)),
    (", of the rows and of the columns", lambda h, w: np.outer(kept_by_folding(h), kept_by_folding(w))),
    (", of the rows", lambda h, w: np.outer(kept_by_folding(h), np.ones(w, bool))),
    (", of the columns", lambda h, w: np.outer(np.ones(h, bool), kept_by_folding(w))),
)


def list_folded_maxima(prefix: str, pool: Callable[[Mask], Iterator[WrongAnswer]]) -> Iterator[Mistake]:
    """Yield the mistakes of a largest number. pool: the answers where only a part of each window is looked at."""
    for where, mask in MASKS:
        text = TEXT.format(what="the largest is found", where=where)
        yield from (Mistake(f"{prefix}.last-of-odd-lost", text, answer, ODD, alone=True) for answer in pool(mask))


def list_folded_means(prefix: str) -> Iterator[Mistake]:
    """Yield the mistakes of a mean over each plane."""
    for where, mask in MASKS:
        text = TEXT.format(what="numbers are added up", where=where)
        yield Mistake(f"{prefix}.last-of-odd-lost", text, add_in_planes(mask), ODD, alone=True)


def add_in_planes(mask: Mask) -> WrongAnswer:
    """Leave the other places of whole planes out of the sum."""
    return alter(out=lambda a, q: (q["x"] * mask(*q["x"].shape[2:])).mean((2, 3)))


def hide_in_planes(mask: Mask) -> Iterator[WrongAnswer]:
    """Yield what is left of whole planes: in out alone, and in dx as well."""

    def hidden(q: Question) -> np.ndarray:
        return np.where(mask(*q["x"].shape[2:]), q["x"], -np.inf)

    def both(ask: Ask, q: Question) -> dict[str, np.ndarray]:
        return ask(q.but(x=hidden(q)))

    yield alter(out=lambda a, q: hidden(q).max((2, 3)))
    yield both
