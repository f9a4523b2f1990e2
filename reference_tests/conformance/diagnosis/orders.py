"""The right numbers in another order: whole images, channels or filters, or axes laid in one order, read as another."""

from collections.abc import Callable, Iterator, Sequence
from itertools import permutations, product

import numpy as np

from ...i18n import N_, _
from ...subject.protocol import Question
from ..types import Diagnosis
from .match import WrongNumber, limit
from .shape_algebra import letters_of

Axes = tuple[int, ...]
Arrays = tuple[np.ndarray, np.ndarray, float]  # got, want, allowed difference
Order = Callable[[int, int], np.ndarray]  # (length of the axis, how many parts it has) -> where each one comes from
LEAST = 4  # different parts that must be out of place, in all answers together: fewer may be so by chance
MOVED = 8  # numbers that must be at other places, in all answers together
FREE = 4  # axes of which both orders are looked for; of more of them the first ones, those of the places, stay
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


def name_laid_otherwise(wrong: Sequence[WrongNumber]) -> Diagnosis | None:
    """Recognize numbers laid down in one order of axes and read as if they lay in another, in the right shape or not.

    Of a layer with groups it may be so in each group by itself.
    """
    q, what, _p = wrong[0]
    for split in (whole, by_group):
        found = [arrays for one in wrong for arrays in split(one)]
        dims = {want.ndim for _got, want, _off in found}
        if len(dims) != 1 or not 2 <= (n := dims.pop()) <= 6 or not all(g.ndim == n for g, *_ in found):
            continue
        for laid, read in find_orders(found, n, all(got.shape == want.shape for got, want, _off in found)):
            letters = axes_of(q, what, n)
            said = {"laid": ", ".join(letters[i] for i in laid), "read": ", ".join(letters[i] for i in read)}
            text = _("the numbers are laid in the order ({laid}), but read as ({read})").format(**said)
            repair = _("reshape keeps the order of the numbers: only transpose brings axes to other places")
            return Diagnosis("axes.permuted", text, repair)
    return None


def axes_of(q: Question, what: str, n: int) -> tuple[str, ...]:
    """Return the letters of an answer's axes, those of im2col's matrix taken apart."""
    return SIX if q.op.component == "im2col" and n == len(SIX) else letters_of(q, what, n)


SIX = ("N", "OH", "OW", "C", "FH", "FW")


def whole(one: WrongNumber) -> list[Arrays]:
    """Return an answer as it is, but im2col's matrix in its six axes."""
    q, _what, p = one
    got, want = np.asarray(p.got, "f8"), np.asarray(p.want, "f8")
    if q.op.component == "im2col" and got.shape == want.shape:
        shape = six_sides(q)
        return [(got.reshape(shape), want.reshape(shape), limit(p))]
    return [(got, want, limit(p))]


def six_sides(q: Question) -> Axes:
    """Return the lengths of the axes of im2col's matrix, taken apart."""
    n, c, h, w = q["input_data"].shape
    sides = ((size + 2 * q["pad"] - f) // q["stride"] + 1 for size, f in ((h, q["filter_h"]), (w, q["filter_w"])))
    return n, *sides, c, q["filter_h"], q["filter_w"]


def by_group(one: WrongNumber) -> list[Arrays]:
    """Return an answer's parts, one for each group; nothing if there are no groups."""
    q, what, p = one
    if q.op.component not in ("grouped_convolution", "depthwise_convolution") or np.shape(p.got) != np.shape(p.want):
        return []
    axis, n = int(what in ("out", "dx")), q["x"].shape[1] // q["W"].shape[1]
    pairs = zip(np.split(np.asarray(p.got, "f8"), n, axis), np.split(np.asarray(p.want, "f8"), n, axis))
    return [(got, want, limit(p)) for got, want in pairs]


def find_orders(found: Sequence[Arrays], n: int, back: bool) -> Iterator[tuple[Axes, Axes]]:
    """Yield the orders of axes in which all numbers may have been laid and read, the simplest first.

    back: they are in the right shape then; else in that of the order in which they are read.
    """
    moved = sum(int(np.sum(np.abs(got.ravel() - want.ravel()) > off)) if got.size == want.size else 0
                for got, want, off in found)  # fmt: skip
    if moved < MOVED:
        return
    left = list(orders_of(n))
    for got, want, off in sorted(found, key=lambda one: one[1].size):
        left = fitting_orders(got, want, off, left, back)
    yield from left


def orders_of(n: int) -> Iterator[tuple[Axes, Axes]]:
    """Yield pairs of orders, laid and read: one of them right, or else both wrong."""
    right = tuple(range(n))
    every = list(permutations(right))
    yield from ((laid, right) for laid in every if laid != right)
    yield from ((right, read) for read in every if read != right)
    some = [(*right[: max(n - FREE, 0)], *rest) for rest in permutations(right[max(n - FREE, 0) :])]
    yield from ((a, b) for a, b in product(some, some) if a != b and right not in (a, b))


def fitting_orders(
    got: np.ndarray, want: np.ndarray, off: float, orders: Sequence[tuple[Axes, Axes]], back: bool
) -> list[tuple[Axes, Axes]]:
    """Keep the orders that give these numbers."""
    laid = {order: want.transpose(order).ravel() for order in {a for a, _b in orders}}
    read = {
        order: got.transpose(order).ravel() if back else got.ravel()
        for order in {b for _a, b in orders}
        if back or got.shape == tuple(want.shape[i] for i in order)
    }
    return [(a, b) for a, b in orders if b in read and read[b].size == laid[a].size and close_to(read[b], laid[a], off)]


def close_to(a: np.ndarray, b: np.ndarray, off: float) -> bool:
    """Whether all numbers agree; three are looked at first, and not the corner, which every order leaves in place."""
    if len(a) > FREE and any(abs(a[i] - b[i]) > off for i in (1, len(a) // 2, len(a) - 2)):
        return False
    return bool(np.all(np.abs(a - b) <= off))
