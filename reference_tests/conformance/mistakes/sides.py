"""Mistakes that few images show: one side of the window taken for the other, the type of x for that of the numbers."""

from collections.abc import Callable, Iterator
from itertools import product

import numpy as np

from ...subject.protocol import Answer, Question
from ..types import Mistake
from .changes import Ask, WrongAnswer
from .windows import alter_one

GRADIENTS = (("dx",), ("dW",), ("dx", "dW"))
WHOLE = ("out", "dx", "dW")
EACH_SIDE = "the loops over a window run over its FH rows and its FW columns"
FLOATS = "let the array have a floating-point type, whatever x has"


def take_from(change: Callable[[Question], np.ndarray], *names: str) -> WrongAnswer:
    """Take the named answers from those to another W, change(question); the rest is right."""

    def answer(ask: Ask, q: Question) -> Answer:
        right, other = ask(q), ask(q.but(W=change(q)))
        return {k: other[k] if k in names and k != "dW" else a for k, a in right.items()}

    return answer


def end_at_other_side(rows: bool, *names: str) -> WrongAnswer:
    """End the loop over the window's rows at its width, or that over its columns at its height."""

    def cut(a: np.ndarray) -> np.ndarray:
        kept = is_before_other_side(a.shape[-2:], rows)
        return np.asarray(a * (kept[:, None] if rows else kept))

    def answer(ask: Ask, q: Question) -> Answer:
        found = take_from(lambda q: cut(q["W"]), *names)(ask, q) or {}
        return {k: cut(a) if k == "dW" and k in names else a for k, a in found.items()}

    return answer


def turn_window(*names: str) -> WrongAnswer:
    """Swap rows and columns of W for the named answers; ValueError where the window is neither square nor a line.

    A line and a line across it are broadcast: each number meets the sum of W.
    """

    def turned(q: Question) -> np.ndarray:
        sides = q["W"].shape[-2:]
        if sides[0] != sides[1] and 1 not in sides:
            raise ValueError("the window is not square")
        sums = np.broadcast_to(q["W"].sum((-2, -1), keepdims=True), q["W"].shape)
        return np.asarray(q["W"].swapaxes(-1, -2) if sides[0] == sides[1] else sums)

    return take_from(turned, *names)


def turn_dW(ask: Ask, q: Question) -> Answer:
    """Swap rows and columns of dW; ValueError where the window is not square."""
    found = ask(q)
    if q["W"].shape[-1] != q["W"].shape[-2]:
        raise ValueError("the window is not square")
    return {k: np.asarray(a.swapaxes(-1, -2)) if k == "dW" else a for k, a in found.items()}


def in_type_of(x: np.ndarray, a: np.ndarray) -> np.ndarray | None:
    """Return numbers as an array of x's type keeps them, if x holds whole numbers: cut, and round at 256 in bytes."""
    if not np.array_equal(x, np.rint(x)):
        return None
    cut: np.ndarray = np.trunc(a)
    return np.mod(cut, 256) if x.min(initial=0) >= 0 and x.max(initial=0) <= 255 else cut


def keep_in_type_of_x(what: str) -> WrongAnswer:
    """Keep an answer in an array of x's type."""

    def answer(ask: Ask, q: Question) -> Answer | None:
        right = ask(q)
        kept = in_type_of(q["x"], right[what]) if what in right else None
        return None if kept is None else {**right, what: kept}

    return answer


def keep_products_in_type_of_x(ask: Ask, q: Question) -> Answer | None:
    """Keep the products in an array of x's type, and add b to them afterwards."""
    if "b" not in q.arrays or not np.any(q["b"]):
        return None
    right, products = ask(q), ask(q.but(b=np.zeros_like(q["b"])))
    kept = in_type_of(q["x"], products["out"])
    return None if kept is None else {**right, "out": kept + (right["out"] - products["out"])}


def cast_parameters(summed: bool, *names: str) -> WrongAnswer:
    """Cast W to x's type before the product, for the named answers. summed: bytes are added up in bytes, too."""

    def answer(ask: Ask, q: Question) -> Answer | None:
        W = in_type_of(q["x"], q["W"])
        if W is None:
            return None
        right, other = ask(q), ask(q.but(W=W, b=np.zeros_like(q["b"])))
        bias = right["out"] - ask(q.but(b=np.zeros_like(q["b"]), dout=None))["out"]
        products = in_type_of(q["x"], np.rint(other["out"])) if summed else None
        other["out"] = bias + (other["out"] if products is None else products)
        return {k: other[k] if k in names else a for k, a in right.items()}

    return answer


def list_type_mistakes(prefix: str) -> Iterator[Mistake]:
    """Yield the mistakes of a layer with filters or weights that takes the type of x for that of its numbers."""
    kept = "the result is kept in the type of x: whole numbers are cut, and bytes go round at 256"
    yield Mistake(f"{prefix}.truncated", kept, keep_in_type_of_x("out"), FLOATS)
    then = "the products are kept in the type of x before b is added: whole numbers are cut, and bytes go round at 256"
    yield Mistake(f"{prefix}.truncated", then, keep_products_in_type_of_x, FLOATS)
    yield Mistake(f"{prefix}.dx-truncated", "dx is kept in the type of x: whole numbers are cut, and bytes go round",
                  keep_in_type_of_x("dx"), FLOATS)  # fmt: skip
    cast = "W is cast to the type of x: where x holds whole numbers, what stands behind the point is lost"
    for names, summed in product((("out",), ("out", "dx")), (False, True)):
        yield Mistake(f"{prefix}.W-in-type-of-x", cast, cast_parameters(summed, *names),
                      "cast x to the type of W, if at all")  # fmt: skip


SIDES = ((False, "columns", "height"), (True, "rows", "width"))  # rows, the loop, at which side it ends


def is_before_other_side(window: tuple[int, int], rows: bool) -> np.ndarray:
    """Say of each row, or column, of a window whether a loop that ends at the other side reaches it.

    ValueError where that loop goes too far.
    """
    side, other = window if rows else window[::-1]
    if other > side:
        raise ValueError(f"the loop goes {other} steps on a side of {side}")
    return np.asarray(np.arange(side) < other)


def list_side_mistakes(prefix: str) -> Iterator[Mistake]:
    """Yield the mistakes of a layer whose window is not square."""
    for rows, loop, end in SIDES:
        code = f"{prefix}.loop-to-other-side"
        yield Mistake(code, f"the loop over the window's {loop} ends at its {end}", end_at_other_side(rows, "out"),
                      EACH_SIDE)  # fmt: skip
        for names in GRADIENTS:
            yield Mistake(code, f"in backward the loop over the window's {loop} ends at its {end}",
                          end_at_other_side(rows, *names), EACH_SIDE)  # fmt: skip
        yield Mistake(code, f"the loops over the window's {loop} end at its {end}, forward and backward",
                      end_at_other_side(rows, *WHOLE), EACH_SIDE)  # fmt: skip
    as_it_is = "lay W as it is: multiply place by place, then add"
    for code, text, change in (
        ("filter-transposed", "rows and columns of W are swapped", turn_window("out")),
        ("dx-filter-transposed", "dx takes W with rows and columns swapped", turn_window("dx")),
        ("dW-filter-transposed", "rows and columns of dW are swapped", turn_dW),
    ):
        yield Mistake(f"{prefix}.{code}", text, change, as_it_is)


def pool_to_other_side(rows: bool, share: bool) -> WrongAnswer:
    """Pool windows of which the loop over the rows ends at the width, or that over the columns at the height.

    share: it is an average, divided by the whole window's size.
    """

    def answer(ask: Ask, q: Question) -> Answer:
        sides = q["pool_h"], q["pool_w"]
        kept = is_before_other_side(sides, rows)
        oh, ow = ask(q.but(dout=None))["out"].shape[2:]
        smaller = q.but(**{"pool_h" if rows else "pool_w": int(kept.sum())}, dout=None)
        whole = ask(smaller)["out"]
        found = {"out": whole[:, :, :oh, :ow] * (kept.mean() if share else 1)}
        if q.dout is None:
            return found
        dout = np.zeros(whole.shape)
        dout[:, :, :oh, :ow] = q.dout
        return {**ask(smaller.but(dout=dout * (kept.mean() if share else 1))), **found}

    return answer


def list_pooling_side_mistakes(prefix: str, share: bool) -> Iterator[Mistake]:
    """Yield the mistakes of a pooling whose window is not square. share: it is an average."""
    for rows, loop, end in SIDES:
        change = pool_to_other_side(rows, share)
        both = f"the loops over the window's {loop} end at its {end}, forward and backward"
        yield Mistake(f"{prefix}.loop-to-other-side", both, change, EACH_SIDE)
        for what, text in (("out", ""), ("dx", "in backward ")):
            yield Mistake(f"{prefix}.loop-to-other-side", f"{text}the loop over the window's {loop} ends at its {end}",
                          alter_one(what, change), EACH_SIDE)  # fmt: skip
