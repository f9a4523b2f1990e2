"""What a question is, and short ways to write its arrays."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from ..interpret import Interpretation

FAMILIES = {
    "S": "sizes",
    "C": "convolution",
    "P": "pooling",
    "A": "activations",
    "L": "loss",
    "R": "local response normalization",
    "D": "dropout",
    "B": "batch normalization",
    "W": "initial weights",
    "K": "locally connected",
}


@dataclass(frozen=True)
class Question:
    """A question to every framework: one row of the matrix.

    id: the letter of its family and a number. question: the row's text. why: the harm done by not knowing the answer.
    interpretation: how an answer is put into words. inputs: the arrays given to every probe, (N, C, H, W) and
    (FN, C, FH, FW). sources: keys of sources.DOCUMENTS. varies: the answer depends on the processor, so it is not
    recorded. call: the helper of an adapter that answers it, called with the inputs, unless the adapter's PROBES has a
    row of its own.
    """

    id: str
    question: str
    why: str
    interpretation: Interpretation
    inputs: dict[str, np.ndarray] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    varies: bool = False
    call: str = ""

    @property
    def family(self) -> str:
        """The name of its family."""
        return FAMILIES[self.id[0]]


def row_maker(*sources: str) -> Callable[..., Question]:
    """Return a function that makes the rows of a table, all of which cite these sources; `more` names further ones."""

    def make_row(
        id: str, question: str, why: str, interpretation: Interpretation, more: str = "", varies: bool = False,
        call: str = "", **inputs: np.ndarray,
    ) -> Question:  # fmt: skip
        return Question(id, question, why, interpretation, inputs, sources + tuple(more.split()), varies, call)

    return make_row


def full(value: float, *shape: int, dtype: str = "float32") -> np.ndarray:
    """Return an array of one value, by default float32."""
    return np.full(shape, value, dtype)


ones = partial(full, 1)


def count(*shape: int) -> np.ndarray:
    """Return 1, 2, 3, ... in this shape, float32."""
    return np.arange(1, 1 + np.prod(shape, dtype=int), dtype="float32").reshape(shape)


def row(*values: float, dtype: str = "float32") -> np.ndarray:
    """Return an image of one channel and one line, (1, 1, 1, W)."""
    return np.array(values, dtype).reshape(1, 1, 1, -1)


def channels(*values: float) -> np.ndarray:
    """Return an image of one pixel with these channels, (1, C, 1, 1)."""
    return np.array(values, "float32").reshape(1, -1, 1, 1)


def noise(*shape: int) -> np.ndarray:
    """Return numbers between -1 and 1 without a pattern, the same on every machine."""
    k = np.arange(1, 1 + np.prod(shape, dtype=int), dtype="float64")
    return (2 * ((k * 0.6180339887498949 + k * k * 0.0137) % 1) - 1).astype("float32").reshape(shape)
