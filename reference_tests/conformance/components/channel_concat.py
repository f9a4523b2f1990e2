"""Concatenation over the channels: all that is known of it."""

from collections.abc import Callable

import numpy as np

from ...subject.protocol import Answer, Op, Question
from ..inputs import tiny, whole
from ..mistakes.changes import Ask, after
from ..tolerance import relative
from ..types import Case, Mistake

INPUTS = ("x1", "x2", "x3")
OP = Op(
    "channel_concat",
    "ChannelConcat",
    "GoogLeNet, 4",
    args=INPUTS,
    make=(),
    grads={f"d{x}": "backward()" for x in INPUTS},
)


def concat(why: str, n: int, channels: tuple[int, int, int], h: int, w: int, **more) -> Case:
    return Case(OP, why, {x: (n, c, h, w) for x, c in zip(INPUTS, channels)}, **more)


# fmt: off
CASES = [
    #      the mistake it catches               N  channels    H  W
    concat("inputs in another order",           2, (3, 1, 4),  5, 2),
    concat("joined along the images",           3, (2, 2, 2),  4, 3),
    concat("joined along the rows",             2, (4, 4, 4),  4, 3),
    concat("as many channels as images",        3, (3, 3, 3),  2, 4),
    concat("one pixel",                         4, (2, 3, 1),  1, 1),
    concat("batch worked in pieces of four",    7, (1, 2, 1),  2, 3),
    concat("numbers of a ten thousandth",       2, (2, 1, 3),  3, 2, draw=tiny),
    concat("whole numbers",                     2, (1, 2, 3),  3, 4, draw=whole, refuse="may"),
    concat("one image",                         1, (3, 2, 4),  2, 5, level="edge"),
]
# fmt: on


def allowed(q: Question, want: Answer, eps: float) -> Answer:
    """Nothing is computed: numbers are copied."""
    return relative(want, 1, eps)


def drawn(pick: Callable[[int, int], int]) -> Case:
    return concat("drawn", pick(1, 5), (pick(1, 3), pick(1, 4), pick(1, 3)), pick(1, 4), pick(1, 4))


def joined(order: tuple[str, ...] = INPUTS, axis: int = 1) -> Callable[[Ask, Question], Answer]:
    return lambda ask, q: {"out": np.concatenate([q[x] for x in order], axis)}


def interleaved(ask: Ask, q: Question) -> Answer:
    places = [(c, x) for x in INPUTS for c in range(q[x].shape[1])]
    return {"out": np.stack([q[x][:, c] for c, x in sorted(places)], axis=1)}


def turned(ask: Ask, q: Question) -> Answer:
    """The gradients are cut out of dout from its end."""
    sizes, first, found = [q[x].shape[1] for x in INPUTS], 0, ask(q)
    for x, size in reversed([*zip(INPUTS, sizes)]):
        found["d" + x] = q.dout[:, first : first + size]  # type: ignore[index]
        first += size
    return found


def evenly(ask: Ask, q: Question) -> Answer | None:
    parts = np.array_split(q.dout, 3, axis=1)  # type: ignore[arg-type,call-overload]
    return {**ask(q), **{f"d{x}": p for x, p in zip(INPUTS, parts)}}


ORDER = "the channels of the first input come first, then those of the second ..."
OWN = "each input gets the channels of dout that are its own"
# fmt: off
MISTAKES = [
    Mistake("concat.reversed", "the inputs stand in the reverse order", joined(INPUTS[::-1]), ORDER),
    Mistake("concat.images", "the inputs are joined along the images", joined(axis=0), "join along axis 1"),
    Mistake("concat.rows", "the inputs are joined along the rows", joined(axis=2), "join along axis 1"),
    Mistake("concat.interleaved", "channels of the inputs alternate", interleaved, ORDER),
    Mistake("concat.added", "the inputs are added", lambda ask, q: {"out": q["x1"] + q["x2"] + q["x3"]}, ORDER),
    Mistake("concat.dx-reversed", "the gradients are cut out of dout in the reverse order", turned, OWN),
    Mistake("concat.dx-evenly", "dout is cut into parts of one size", evenly, OWN),
    Mistake("concat.dx-averaged", "the gradients are divided by the number of inputs",
            after(**{f"d{x}": lambda a, q, x=x: a[f"d{x}"] / 3 for x in INPUTS}), OWN),
]
# fmt: on
