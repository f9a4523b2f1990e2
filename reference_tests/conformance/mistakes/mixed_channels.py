"""Sums and means of each channel, of an array (N, C, ...) that is reshaped without bringing C to the front."""

from collections.abc import Callable, Iterator

import numpy as np

from ..types import Mistake
from .changes import alter, dout_of

Reduce = Callable[[np.ndarray, int], np.ndarray]  # (an array of two axes, the axis that is lost)
FRONT = "sum over the other axes, axis=(0, 2, 3), or bring the channels to the front before the reshape"
TEXT = "{what} of an array that is reshaped to {shape} though its channels are axis 1: it mixes them"
SHAPES: tuple[tuple[str, Callable[[np.ndarray, Reduce], np.ndarray]], ...] = (
    ("(C, -1)", lambda a, reduce: reduce(a.reshape(a.shape[1], -1), 1)),
    ("(-1, C)", lambda a, reduce: reduce(a.reshape(-1, a.shape[1]), 0)),
)


def list_mixed_sums(prefix: str, name: str = "db") -> Iterator[Mistake]:
    """Yield the mistakes of a gradient that is the sum of dout over all but one axis."""
    for shape, reduced in SHAPES:
        change = alter(**{name: lambda a, q, reduced=reduced: reduced(dout_of(q), np.sum)})
        text = TEXT.format(what=f"{name} is the sum", shape=shape.replace("C", "FN" if name == "db" else "C"))
        yield Mistake(f"{prefix}.{name}-mixes-channels", text, change, FRONT, alone=True)
