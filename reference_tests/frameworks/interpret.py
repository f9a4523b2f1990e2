"""How an answer is read: a small function per kind, from what the probe returned to a few words for the cell."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Raw = Any  # what the loop sends: a number, a text, a list, or {"shape", "dtype", "data"} for an array
Near = 1e-3


@dataclass(frozen=True)
class Reader:
    """`how` says in words how the answer is read; `read` does it; `labels` are the sentences it may give."""

    how: str
    read: Callable[[Raw], str]
    labels: tuple[str, ...] = ()


def numbers(raw: Raw) -> list[float]:
    """Every number of an answer in order; the loop writes what JSON cannot say as 'nan', 'inf', '-inf'."""
    if isinstance(raw, dict):
        raw = raw["data"]
    if isinstance(raw, list | tuple):
        return [n for item in raw for n in numbers(item)]
    return [float(raw)]


def plain(raw: Raw) -> str:
    """The answer itself, short."""
    if isinstance(raw, str):
        return raw
    shown = [f"{n:.4g}" for n in numbers(raw)]
    return shown[0] if len(shown) == 1 else "[" + ", ".join(shown[:6]) + (", ...]" if len(shown) > 6 else "]")


def same(got: Raw, want: Any, near: float) -> bool:
    a, b = numbers(got), numbers(want)
    return len(a) == len(b) and all(
        x == y or (x != x and y != y) or math.isclose(x, y, rel_tol=near) for x, y in zip(a, b)
    )


def by_shape(raw: Raw, axes: int) -> str:
    return "x".join(map(str, raw["shape"][-axes:] if axes else raw["shape"]))


SIZE = Reader("the last two sizes of the result", lambda raw: by_shape(raw, 2))
SHAPE = Reader("the whole shape of the result", lambda raw: by_shape(raw, 0))
DTYPE = Reader("the type of the result", lambda raw: raw["dtype"])
VALUE = Reader("the number itself", plain)
VALUE_AND_DTYPE = Reader("the number and its type", lambda raw: f"{plain(raw)} {raw['dtype']}")


def choices(meaning: dict[str, Any], near: float = Near) -> Reader:
    """The label whose numbers the answer has; any other answer is shown as it is."""

    def read(raw: Raw) -> str:
        return next((label for label, want in meaning.items() if same(raw, want, near)), plain(raw))

    return Reader("by its numbers", read, tuple(meaning))


def rule(labels: tuple[str, ...], how: str, decide: Callable[[list[float]], str]) -> Reader:
    """A label decided by a function of the numbers."""
    return Reader(how, lambda raw: decide(numbers(raw)), labels)


def yes_or_no(yes: str, no: str) -> Reader:
    return rule((yes, no), "true or false", lambda n: yes if n[0] else no)
