"""Channel concatenation: the known mistakes, each a change of what a reference answers."""

from collections.abc import Callable

import numpy as np

from ...subject.protocol import Answer, Question
from ..types import Mistake
from .changes import Ask, after

INPUTS = ("x1", "x2", "x3")  # the names of what is joined


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
