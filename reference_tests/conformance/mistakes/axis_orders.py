"""Mistakes of axes in another order, once for all layers whose product is that of two matrices: of W, and of dout."""

from collections.abc import Callable, Iterator

import numpy as np

from ...subject.protocol import Answer, Question
from ..types import Mistake
from .changes import Ask, WrongAnswer, dout_of

Axes = tuple[int, ...]
ROWS = (0, 2, 3, 1)  # dout as a matrix of one place a row
CHANNELS = (1, 0, 2, 3)  # of one channel a row
TRANSPOSED = (  # orders that look right: others have names of their own, or nobody writes them
    *((0, 3, 1, 2), (0, 2, 1, 3), (0, 1, 3, 2), (1, 0, 2, 3)),
    *((2, 3, 0, 1), (1, 2, 3, 0), (2, 3, 1, 0), (3, 2, 1, 0)),
)
GRADIENTS = (("dx", "dW"), ("dW",), ("dx",))  # those that a matrix of dout may be for, where not for all
AS_ROWS = "dout is reshaped to one place a row as it comes: its channels do not stand last"
ORDER = "bring dout into the order (N, OH, OW, channels), and only then reshape it to one place a row"


def reread_W(*order: int, turned: bool = False) -> WrongAnswer:
    """Take W's numbers in another order of its axes, under its right shape; dW comes back in that order.

    turned: W is read as if it lay in that order, the other way round.
    """

    def answer(ask: Ask, q: Question) -> Answer:
        there, back = reorder(order), reorder(order, back=True)
        if turned:
            there, back = back, there
        found = ask(q.but(W=there(q["W"])))
        return {**found, "dW": back(found["dW"])} if "dW" in found else found

    return answer


def reorder(order: Axes, back: bool = False) -> Callable[[np.ndarray], np.ndarray]:
    """Return a function that lays an array's numbers in another order of axes under the same shape, or back."""

    def change(a: np.ndarray) -> np.ndarray:
        if back:
            return a.reshape([a.shape[i] for i in order]).transpose(np.argsort(order))
        return a.transpose(order).reshape(a.shape)

    return change


def lay_and_read(laid: Axes, read: Axes) -> Callable[[np.ndarray], np.ndarray]:
    """Return a function that lays an array's numbers in one order of axes and reads them as if they lay in another."""
    return lambda a: reorder(read, back=True)(a.transpose(laid).reshape(a.shape))


def read_dout(laid: Axes, read: Axes, *names: str) -> WrongAnswer:
    """Take the named gradients, or all, of dout's numbers in one order, read as another."""
    change = lay_and_read(laid, read)

    def answer(ask: Ask, q: Question) -> Answer:
        right, other = ask(q), ask(q.but(dout=change(dout_of(q))))
        return {k: other[k] if k != "out" and k in (names or other) else a for k, a in right.items()}

    return answer


def list_dout_orders(prefix: str, filters: bool = True) -> Iterator[Mistake]:
    """Yield the mistakes of a dout whose axes stand in another order where it becomes a matrix.

    filters: the layer has W and b: each gradient may make a matrix of its own out of dout, or take dout as it comes.
    """
    for names in ((), *(GRADIENTS if filters else ())):
        for text, laid, read in dout_orders():
            text = of_gradients(names, text)
            yield Mistake(f"{prefix}.dout-order", text, read_dout(laid, read, *names), ORDER, alone=True)
    if filters:
        yield from list_rows_as_they_come(prefix)


def list_rows_as_they_come(prefix: str) -> Iterator[Mistake]:
    """Yield the mistakes of a gradient for which dout is reshaped to one place a row without being transposed."""
    for names in GRADIENTS:
        text, answer = of_gradients(names, AS_ROWS), read_dout((0, 1, 2, 3), ROWS, *names)
        yield Mistake(f"{prefix}.dout-no-transpose", text, answer, ORDER, alone=True)


def of_gradients(names: tuple[str, ...], text: str) -> str:
    """Put before a sentence which gradients it is about; nothing where it is about all."""
    return f"{' and '.join(names)}: {text}" if names else text


def dout_orders() -> Iterator[tuple[str, Axes, Axes]]:
    """Yield the orders that dout is laid in and read as: those of none, and of a wrong transpose."""
    yield "dout is reshaped to one channel a row as it comes: its channels do not stand first", (0, 1, 2, 3), CHANNELS
    for laid in TRANSPOSED:
        yield "dout's axes are transposed into another order than (N, OH, OW, channels)", laid, ROWS
