"""The words a question is made of, and short ways to write its arrays."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np

from ..interpret import Reader

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
    """id: its family's letter and a number. question: the row's text. why: what goes wrong for who does not know.

    inputs: the arrays every probe is given, (N, C, H, W) and (FN, C, FH, FW). reader: how an answer is read.
    sources: keys of sources.DOCUMENTS. varies: the answer depends on the processor, so it is not kept as measured.
    """

    id: str
    question: str
    why: str
    reader: Reader
    inputs: dict[str, np.ndarray] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    varies: bool = False

    @property
    def family(self) -> str:
        return FAMILIES[self.id[0]]


def asked(*sources: str) -> Callable[..., Question]:
    """A row of a family's table: Question with the family's documents, to which `more` adds."""

    def row(
        id: str, question: str, why: str, reader: Reader, more: str = "", varies: bool = False, **inputs: Any
    ) -> Question:
        return Question(id, question, why, reader, inputs, sources + tuple(more.split()), varies)

    return row


def full(value: float, *shape: int, dtype: str = "float32") -> np.ndarray:
    return np.full(shape, value, dtype)


ones = partial(full, 1)


def count(*shape: int) -> np.ndarray:
    """1, 2, 3, ... in this shape."""
    return np.arange(1, 1 + np.prod(shape, dtype=int), dtype="float32").reshape(shape)


def row(*values: float, dtype: str = "float32") -> np.ndarray:
    """One image, one channel, one line: (1, 1, 1, W)."""
    return np.array(values, dtype).reshape(1, 1, 1, -1)


def channels(*values: float) -> np.ndarray:
    """One pixel with these channels: (1, C, 1, 1)."""
    return np.array(values, "float32").reshape(1, -1, 1, 1)


def noise(*shape: int) -> np.ndarray:
    """Fixed numbers between -1 and 1 without a pattern, on every machine the same."""
    k = np.arange(1, 1 + np.prod(shape, dtype=int), dtype="float64")
    return (2 * ((k * 0.6180339887498949 + k * k * 0.0137) % 1) - 1).astype("float32").reshape(shape)
