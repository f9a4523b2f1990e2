"""Interpretations: how a probe's answer becomes the few words in a cell of the matrix."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Raw = Any  # as the child sends it: a number, a text, a list, or {"shape", "dtype", "data"} for an array
TOLERANCE = 1e-3  # relative; the answers of two choices differ by much more


def no_detail(raw: Raw) -> str:
    """Add nothing to a label."""
    return ""


@dataclass(frozen=True)
class Interpretation:
    """A way to put an answer into words.

    how: the way in words. fits: every label that the answer fits, the likeliest first; the answer itself as a text if
    it fits none. labels: the fixed words it may give, for translation. detail: a number that is shown behind the
    label and not compared.
    """

    how: str
    fits: Callable[[Raw], tuple[str, ...]]
    labels: tuple[str, ...] = ()
    detail: Callable[[Raw], str] = no_detail

    def read(self, raw: Raw) -> str:
        """Return the first label that the answer fits."""
        return self.fits(raw)[0]


def plain(how: str, write: Callable[[Raw], str]) -> Interpretation:
    """Interpret an answer as the one text that a function makes of it."""
    return Interpretation(how, lambda raw: (write(raw),))


def numbers(raw: Raw) -> list[float]:
    """Return every number of an answer in order, 'nan', 'inf' and '-inf' included."""
    if isinstance(raw, dict):
        raw = raw["data"]
    if isinstance(raw, list | tuple):
        return [n for item in raw for n in numbers(item)]
    return [float(raw)]


def as_written(raw: Raw) -> str:
    """Return the answer itself; after six numbers it is cut short, and their count and sum tell it from others."""
    if isinstance(raw, str):
        return raw
    found = numbers(raw)
    shown = [f"{n + 0.0:.6g}" for n in found]  # no -0
    if len(shown) == 1:
        return shown[0]
    more = f", ...] {len(shown)} numbers, sum {math.fsum(found):.6g}" if len(shown) > 6 else "]"
    return "[" + ", ".join(shown[:6]) + more


def same_numbers(got: Raw, want: Any, tolerance: float) -> bool:
    """Tell whether two answers hold the same numbers within a relative tolerance; NaN equals NaN."""
    a, b = numbers(got), numbers(want)
    return len(a) == len(b) and all(
        x == y or (x != x and y != y) or math.isclose(x, y, rel_tol=tolerance) for x, y in zip(a, b)
    )


def format_shape(raw: Raw, axes: int) -> str:
    """Return the last axes of an array's shape, all of them for 0, as 2x3."""
    return "x".join(map(str, raw["shape"][-axes:] if axes else raw["shape"]))


SIZE = plain("the last two sizes of the result", lambda raw: format_shape(raw, 2))
SHAPE = plain("the whole shape of the result", lambda raw: format_shape(raw, 0))
DTYPE = plain("the type of the result", lambda raw: raw["dtype"])
VALUE = plain("the number itself", as_written)
ABOUT_SHAPES = (SIZE.how, SHAPE.how, "by the shape of the result")
VALUE_AND_DTYPE = plain("the number and its type", lambda raw: f"{as_written(raw)} {raw['dtype']}")


def choices(meaning: dict[str, Any], near: float = TOLERANCE) -> Interpretation:
    """Interpret an answer as the labels that have its numbers; any other answer is shown as it is."""

    def fits(raw: Raw) -> tuple[str, ...]:
        if isinstance(raw, str) and raw not in ("nan", "inf", "-inf"):
            return (raw,)
        found = tuple(label for label, want in meaning.items() if same_numbers(raw, want, near))
        return found or (as_written(raw),)

    return Interpretation("by its numbers", fits, tuple(meaning))


def shaped(meaning: dict[str, str], axes: int = 0) -> Interpretation:
    """Interpret an answer as the labels that have its shape, written as 2x3; another shape is shown as it is."""

    def fits(raw: Raw) -> tuple[str, ...]:
        shape = "x".join(map(str, numbers_of_shape(raw)[-axes:] if axes else numbers_of_shape(raw)))
        return tuple(label for label, want in meaning.items() if want == shape) or (shape,)

    return Interpretation("by the shape of the result", fits, tuple(meaning))


def numbers_of_shape(raw: Raw) -> list[int]:
    """Return an array's shape; a list or a line of integers is a shape itself."""
    if isinstance(raw, dict):
        is_shape = len(raw["shape"]) == 1 and raw["dtype"].startswith("int")
        return raw["data"] if is_shape else raw["shape"]
    return list(raw)


def sizes(meaning: dict[str, str]) -> Interpretation:
    """Interpret an answer as the labels that have its last two sizes."""
    return shaped(meaning, 2)


def typed(same: str, name: str) -> Interpretation:
    """Interpret an answer as one label if its type has that name; another type is shown."""
    return Interpretation(
        "the type of the result", lambda raw: (same if raw["dtype"] == name else raw["dtype"],), (same,)
    )


def rule(labels: tuple[str, ...], how: str, decide: Callable[[list[float]], str]) -> Interpretation:
    """Interpret an answer by a function from its numbers to one of the labels."""
    return Interpretation(how, lambda raw: (decide(numbers(raw)),), labels)


def graded(labels: tuple[str, str], how: str, limit: float) -> Interpretation:
    """Interpret a number as the first label below a limit and as the second from there on; the number is shown too."""
    return Interpretation(
        how,
        lambda raw: (labels[not numbers(raw)[0] < limit],),
        labels,
        lambda raw: f"{numbers(raw)[0]:.1e}" if numbers(raw)[0] else "",
    )


def yes_or_no(yes: str, no: str) -> Interpretation:
    """Interpret an answer of true or false as one of two labels."""
    return rule((yes, no), "true or false", lambda n: yes if n[0] else no)
