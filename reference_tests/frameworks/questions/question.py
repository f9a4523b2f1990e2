"""What a question is, and short ways to write its arrays."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from ...i18n import Say
from ..interpret import Interpretation

FAMILIES = {
    "S": "sizes",
    "C": "convolution",
    "T": "transposed convolution",
    "P": "pooling",
    "G": "padding and resizing",
    "A": "activations",
    "L": "loss",
    "R": "local response normalization",
    "D": "dropout",
    "B": "batch normalization",
    "N": "other normalizations",
    "H": "half precision",
    "F": "fully connected",
    "E": "layers called bare",
    "W": "initial weights",
    "O": "optimizers",
    "K": "locally connected",
}


# what an exception says of a call that is wrong, an operator set that is not known, or a package that is not there
WRONG_CALL = (
    r"unexpected keyword|required positional|positional arguments? but|has no attribute|is not defined"
    r"|No module named|onnx opset version|opset \d+ is under|multiple values for"
)


NUMBER = re.compile(r"(?<![A-Za-z0-9])-?\d+(?:\.\d+)?(?:e-?\d+)?(?:x\d+)*")

# how a framework says that it has no such operation for this type or in this form, whatever is asked
NO_OPERATION = {
    "litert": r"not supported by the native TFLite|failed to legalize|ConverterError",
    "torch@onnx": r"UnsupportedOperatorError|SymbolicValueError|NOT_IMPLEMENTED|INVALID_GRAPH|Type Error",
    # its runtime gives numbers only: 0x12 is an invalid argument, 0x14 an operator that is missing
    "executorch": r"Missing out variant|not.*Core ATen|SpecViolationError|failed with error 0x12|error: 0x:14",
    "mxnet": r"could not (create|construct) a",
    "openvino": r"no translator|not implemented|Not Implemented",
}


@dataclass(frozen=True)
class Sample:
    """An input of a question: its name, what is given to a probe by keywords, and how the answer to it is read.

    Arrays are (N, C, H, W) and (FN, C, FH, FW) in float32 unless the question is about something else.
    """

    name: str
    inputs: dict[str, Any]
    interpretation: Interpretation


def split_name(name: str) -> list[tuple[str, list[str]]]:
    """Split an input's name at its commas; return each part with {} for its numbers, and the numbers."""
    return [(NUMBER.sub("{}", part), NUMBER.findall(part)) for part in name.split(", ")]


def say_name(name: str, say: Say) -> str:
    """Return an input's name in a language, part by part."""
    return ", ".join(say(words).format(*found) for words, found in split_name(name))


@dataclass(frozen=True)
class Question:
    """A question to every framework: one row of the matrix.

    id: the letter of its family and a number. question: the row's text. why: the harm done by not knowing the answer.
    samples: the inputs, as many as the claim needs. sources: keys of sources.DOCUMENTS. varies: the answer depends on
    the processor, so it is not recorded. call: the helper of an adapter that answers it, called with the inputs, unless
    the adapter's PROBES has a row of its own. refusal: a pattern; an exception whose name and message it matches is the
    framework's refusal of this very input, any other is a fault.
    """

    id: str
    question: str
    why: str
    samples: tuple[Sample, ...]
    sources: tuple[str, ...] = ()
    varies: bool = False
    call: str = ""
    refusal: str = ""

    @property
    def family(self) -> str:
        """The name of its family."""
        return FAMILIES[self.id[0]]

    @property
    def interpretation(self) -> Interpretation:
        """How the answer to its first input is read."""
        return self.samples[0].interpretation

    @property
    def inputs(self) -> dict[str, Any]:
        """Its first input."""
        return self.samples[0].inputs

    def is_refusal(self, framework: str, name: str, message: str) -> bool:
        """Tell whether an exception of a framework, its name and message, says no to what was asked.

        A learner's code says no in any words.
        """
        said = f"{name}: {message}"
        patterns = [pattern for pattern in (self.refusal, NO_OPERATION.get(framework, "")) if pattern]
        if framework == "target":
            return True
        return any(re.search(p, said, re.IGNORECASE) for p in patterns) and not re.search(WRONG_CALL, said)


@dataclass(frozen=True)
class Further:
    """A further input in a table: its name, its own interpretation if it has one, and what it changes."""

    name: str
    interpretation: Interpretation | None
    changes: dict[str, Any]


def at(name: str, interpretation: Interpretation | None = None, **changes: Any) -> Further:
    """Describe a further input of a question; what is not given is as in the first."""
    return Further(name, interpretation, changes)


def row_maker(*sources: str, refusal: str = "") -> Callable[..., Question]:
    """Return a function that makes the rows of a table, all of which cite these sources; `more` names further ones.

    The first input is given by keywords and named by `name`, the others by at(). `refusal` may be given for each row.
    """

    def make_row(
        id: str, question: str, why: str, interpretation: Interpretation, more: str = "", *further: Further,
        name: str = "", varies: bool = False, call: str = "", refusal: str = refusal, **inputs: Any,
    ) -> Question:  # fmt: skip
        samples = [Sample(name, inputs, interpretation)]
        samples += [Sample(f.name, {**inputs, **f.changes}, f.interpretation or interpretation) for f in further]
        cited = sources + tuple(more.split())
        return Question(id, question, why, tuple(samples), cited, varies, call, refusal)

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


def slide(
    x: Sequence[float], w: Sequence[float], before: int = 0, after: int = 0, stride: int = 1, dilation: int = 1
) -> list[float]:
    """Return the correlation of a line with a filter, after that many zeros on both sides: what a rule predicts."""
    line = [0.0] * before + list(x) + [0.0] * after
    reach = dilation * (len(w) - 1) + 1
    return [
        sum(weight * line[i + dilation * j] for j, weight in enumerate(w))
        for i in range(0, len(line) - reach + 1, stride)
    ]


def fewest(n: int, k: int, stride: int, dilation: int = 1) -> int:
    """Return how many zeros 'same' padding needs at least: the last window starts at a multiple of the stride."""
    return max(0, (-(-n // stride) - 1) * stride + dilation * (k - 1) + 1 - n)
