"""Whole parts of an answer in another order: images, channels or filters that are reversed, moved on or interleaved."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from ...i18n import N_, _
from ..types import Diagnosis
from .match import WrongNumber, limit
from .shape_algebra import letters_of

Order = Callable[[int, int], np.ndarray]  # (length of the axis, how many parts it has) -> where each one comes from
LEAST = 4  # different parts that must be out of place, in all answers together: fewer may be so by chance
PARTS = {"N": N_("images"), "C": N_("channels"), "C/groups": N_("channels"), "FN": N_("filters")}  # by an axis' letter


def interleaved(n: int, parts: int) -> np.ndarray:
    """Take (parts, rest) for (rest, parts)."""
    return np.arange(n).reshape(parts, -1).T.ravel()


ORDERS: tuple[tuple[str, str, Order], ...] = (
    ("reversed", N_("the {parts} stand in the reverse order"), lambda n, parts: np.arange(n)[::-1]),
    ("moved-on", N_("the {parts} are moved on by one, the last one stands first"),
     lambda n, parts: np.roll(np.arange(n), 1)),
    ("moved-on", N_("the {parts} are moved on by one, the first one stands last"),
     lambda n, parts: np.roll(np.arange(n), -1)),
    ("interleaved", N_("the {parts} are interleaved, as if two axes were swapped before they are joined"),
     interleaved),
)  # fmt: skip


def name_reordered(wrong: Sequence[WrongNumber]) -> Diagnosis | None:
    """Recognize whole images, channels or filters in another order, by the same law in every wrong answer."""
    if any(np.shape(p.got) != np.shape(p.want) or np.ndim(p.want) < 1 for *_q, p in wrong):
        return None
    for axis in range(2):
        if any(np.ndim(p.want) <= axis or (axis == 1 and np.ndim(p.want) < 3) for *_q, p in wrong):
            continue
        for code, text, order in ORDERS:
            if all(is_ordered(n, axis, order) for n in wrong) and count_moved(wrong, axis) >= LEAST:
                said = _(text).format(parts=_(word_of(wrong[0], axis)))
                return Diagnosis(f"order.{code}", said, _("keep every part at its own place"))
    return None


def word_of(one: WrongNumber, axis: int) -> str:
    """Return what the parts along the first or the second axis of an answer are."""
    q, what, p = one
    letter = letters_of(q, what, np.ndim(p.want))[axis]
    if letter == "FN" and what not in ("dW", "db"):
        letter = "C"  # of the next layer
    return PARTS.get(letter, (N_("rows"), N_("columns"))[axis])


def is_ordered(one: WrongNumber, axis: int, order: Order) -> bool:
    """Whether an answer has its parts along an axis in this order, for some way of dividing the axis."""
    _q, _what, p = one
    got, want = np.asarray(p.got, "f8"), np.asarray(p.want, "f8")
    n, off = want.shape[axis], limit(p)
    return any(np.all(np.abs(got - want.take(order(n, parts), axis)) <= off) for parts in ways_to_divide(n, order))


def ways_to_divide(n: int, order: Order) -> Iterator[int]:
    """Yield into how many parts an axis may be divided."""
    if order is not interleaved:
        yield 1
        return
    yield from (parts for parts in range(2, n // 2 + 1) if n % parts == 0)


def count_moved(wrong: Sequence[WrongNumber], axis: int) -> int:
    """Count the parts that differ from what stands at their place, all alike ones once."""
    moved = 0
    for *_q, p in wrong:
        got, want = np.asarray(p.got, "f8"), np.asarray(p.want, "f8")
        others = tuple(i for i in range(want.ndim) if i != axis)
        moved += int(np.sum(np.abs(got - want).max(others) > limit(p)))
    return moved
