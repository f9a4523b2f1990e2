"""Mistakes of a reshape where windows lie side by side, once for all: an image cut up, or made, in a wrong order."""

from collections.abc import Callable, Iterator
from itertools import permutations

import numpy as np

from ...subject.protocol import Answer, Question
from ..references.loops import crop, padded
from ..types import Mistake, Shape
from .changes import Ask, WrongAnswer
from .windows import window_size

RIGHT = (0, 1, 2, 3, 4)  # in memory: channels, rows of windows, rows of a window, columns of windows, of a window
AS_IT_LIES = ((0, 1, 3, 2, 4), (1, 3, 0, 2, 4))  # the orders that are read with one reshape alone
PLACES_FIRST = (0, 2, 1, 4, 3)
TURNED = (0, 1, 4, 3, 2), (0, 1, 3, 4, 2)  # read or laid so, windows are transposed: that is a mistake of the filter
OTHERS = tuple(o for o in ((0, *rest) for rest in permutations(RIGHT[1:])) if o not in (RIGHT, PLACES_FIRST))
REPAIR = (
    "in blocks the image is (N, C, OH, rows of a window, OW, columns of a window): reshape it to that first, then "
    "bring the window's rows and columns behind OW"
)
Order = Callable[[Shape], np.ndarray]  # lengths of the axes as in RIGHT -> which number is taken for each, in its order


def read_in(order: tuple[int, ...]) -> Order:
    """Read the image as if its axes lay in another order."""

    def places(lengths: Shape) -> np.ndarray:
        numbers = np.arange(int(np.prod(lengths)))
        return numbers.reshape([lengths[i] for i in order]).transpose(np.argsort(order)).ravel()

    return places


def laid_in(order: tuple[int, ...]) -> Order:
    """Lay the blocks' axes in another order, and read them as (C, OH, OW, rows, columns)."""

    def places(lengths: Shape) -> np.ndarray:
        laid, read = np.arange(int(np.prod(lengths))).reshape(lengths).transpose(order), AS_IT_LIES[0]
        return laid.reshape([lengths[i] for i in read]).transpose(np.argsort(read)).ravel()

    return places


def count_blocks(q: Question, sides: Shape) -> Shape:
    """Return OH, rows, OW and columns of the windows in an image of these sides."""
    h, w = window_size(q)
    return sides[0] // h, h, sides[1] // w, w


def taken(a: np.ndarray, order: Order, blocks: Shape, back: bool = False) -> np.ndarray:
    """Take an image's numbers in an order; back: put them back into the places that they are taken from."""
    places = order((a.shape[1], *blocks))
    found = a.reshape(len(a), -1)[:, np.argsort(places) if back else places]
    return np.asarray(found.reshape(a.shape))


def mix_blocks(order: Order, fill: float = 0.0, image: str = "x") -> WrongAnswer:
    """Take another image's numbers for the windows; the output follows. fill: the padding's value."""

    def answer(ask: Ask, q: Question) -> Answer | None:
        if not is_in_blocks(q):
            return None
        x = padded(np.asarray(q[image], "f8"), q["pad"], fill)
        oh, h, ow, w = blocks = count_blocks(q, x.shape[2:])
        x = taken(x[:, :, : oh * h, : ow * w], order, blocks)
        return {"out": ask(q.but(**{image: x}, pad=0, dout=None))["out"]}

    return answer


def mix_dx(order: Order, fill: float = 0.0) -> WrongAnswer:
    """Make dx out of the windows' gradients in another order; the other answers are right."""

    def answer(ask: Ask, q: Question) -> Answer | None:
        if q.dout is None or not is_in_blocks(q):
            return None
        x = padded(np.asarray(q["x"], "f8"), q["pad"], fill)
        dx, (oh, h, ow, w) = np.zeros(x.shape), count_blocks(q, x.shape[2:])
        part = np.s_[:, :, : oh * h, : ow * w]
        dx[part] = taken(ask(q.but(x=x[part], pad=0))["dx"], order, (oh, h, ow, w), back=True)
        return {**ask(q), "dx": crop(dx, q["pad"])}

    return answer


def mix_output(order: Order) -> WrongAnswer:
    """Make the output, an image of windows side by side, in another order. There is no padding, and nothing is over."""

    def answer(ask: Ask, q: Question) -> Answer | None:
        if not is_in_blocks(q) or q["pad"]:
            return None
        bias = q["b"][:, None, None] if "b" in q.arrays else 0.0
        right = ask(q.but(dout=None))["out"] - bias
        return {"out": taken(right, order, count_blocks(q, right.shape[2:]), back=True) + bias}

    return answer


def is_in_blocks(q: Question) -> bool:
    """Whether windows of more than one place lie side by side."""
    h, w = window_size(q)
    return bool(h == w == q["stride"] > 1)


def orders_of(cut: str) -> Iterator[tuple[str, Order]]:
    """Yield what is said of an order, and the order. cut: how an image and its windows come of each other."""
    said = f"where windows lie side by side, the image is {cut} by a reshape"
    alone = f"{said} alone: numbers that follow each other in memory make a window"
    apart = f"{said} with the window's rows and columns before OH and OW: its places lie OH and OW apart"
    wrong = f"{said} with the axes in a wrong order"
    yield from ((alone, read_in(order)) for order in AS_IT_LIES)
    yield apart, read_in(PLACES_FIRST)
    yield from ((wrong, read_in(order)) for order in OTHERS if order not in (AS_IT_LIES[0], TURNED[0]))
    yield from ((wrong, laid_in(order)) for order in (PLACES_FIRST, *OTHERS) if order not in (AS_IT_LIES[0], TURNED[1]))


def list_block_mistakes(prefix: str, fill: float = 0.0, image: str = "x") -> Iterator[Mistake]:
    """Yield the mistakes of a layer whose windows look at an image. fill: the padding's value. im2col has no dx."""
    for text, order in orders_of("cut up"):
        yield Mistake(f"{prefix}.blocks-mixed", text, mix_blocks(order, fill, image), REPAIR, alone=True)
    if image != "x":
        return
    for text, order in orders_of("put together"):
        yield Mistake(f"{prefix}.dx-blocks-mixed", f"dx: {text}", mix_dx(order, fill), REPAIR, alone=True)


def list_output_blocks(prefix: str) -> Iterator[Mistake]:
    """Yield the mistakes of a layer, or a function, whose output is an image that windows are laid into."""
    for text, order in orders_of("put together"):
        yield Mistake(f"{prefix}.blocks-mixed", text, mix_output(order), REPAIR, alone=True)
