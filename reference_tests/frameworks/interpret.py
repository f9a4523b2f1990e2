"""Interpretations: how a probe's answer becomes the few words in a cell of the matrix."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Raw = Any  # as the child sends it: a number, a text, a list, or {"shape", "dtype", "data"} for an array
TOLERANCE = 1e-3  # relative; the answers of two choices differ by much more


@dataclass(frozen=True)
class Interpretation:
    """A way to put an answer into words.

    how: the way in words. read: the function that does it. labels: the fixed words it may give, for translation.
    """

    how: str
    read: Callable[[Raw], str]
    labels: tuple[str, ...] = ()


def numbers(raw: Raw) -> list[float]:
    """Return every number of an answer in order, 'nan', 'inf' and '-inf' included."""
    if isinstance(raw, dict):
        raw = raw["data"]
    if isinstance(raw, list | tuple):
        return [n for item in raw for n in numbers(item)]
    return [float(raw)]


def as_written(raw: Raw) -> str:
    """Return the answer itself, cut short after six numbers."""
    if isinstance(raw, str):
        return raw
    shown = [f"{n:.4g}" for n in numbers(raw)]
    return shown[0] if len(shown) == 1 else "[" + ", ".join(shown[:6]) + (", ...]" if len(shown) > 6 else "]")


def same_numbers(got: Raw, want: Any, tolerance: float) -> bool:
    """Tell whether two answers hold the same numbers within a relative tolerance; NaN equals NaN."""
    a, b = numbers(got), numbers(want)
    return len(a) == len(b) and all(
        x == y or (x != x and y != y) or math.isclose(x, y, rel_tol=tolerance) for x, y in zip(a, b)
    )


def format_shape(raw: Raw, axes: int) -> str:
    """Return the last axes of an array's shape, all of them for 0, as 2x3."""
    return "x".join(map(str, raw["shape"][-axes:] if axes else raw["shape"]))


SIZE = Interpretation("the last two sizes of the result", lambda raw: format_shape(raw, 2))
SHAPE = Interpretation("the whole shape of the result", lambda raw: format_shape(raw, 0))
DTYPE = Interpretation("the type of the result", lambda raw: raw["dtype"])
VALUE = Interpretation("the number itself", as_written)
VALUE_AND_DTYPE = Interpretation("the number and its type", lambda raw: f"{as_written(raw)} {raw['dtype']}")


def choices(meaning: dict[str, Any], near: float = TOLERANCE) -> Interpretation:
    """Interpret an answer as the label that has its numbers; any other answer is shown as it is."""

    def read(raw: Raw) -> str:
        return next((label for label, want in meaning.items() if same_numbers(raw, want, near)), as_written(raw))

    return Interpretation("by its numbers", read, tuple(meaning))


def rule(labels: tuple[str, ...], how: str, decide: Callable[[list[float]], str]) -> Interpretation:
    """Interpret an answer by a function from its numbers to one of the labels."""
    return Interpretation(how, lambda raw: decide(numbers(raw)), labels)


def yes_or_no(yes: str, no: str) -> Interpretation:
    """Interpret an answer of true or false as one of two labels."""
    return rule((yes, no), "true or false", lambda n: yes if n[0] else no)
