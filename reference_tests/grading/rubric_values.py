"""Each value of a rubric.toml: what it becomes, or a sentence that says what it should be."""

from collections.abc import Callable, Mapping
from datetime import datetime
from difflib import get_close_matches
from typing import Any

from ..conformance.language import LANGUAGES


def text(value: Any) -> str:
    return require(isinstance(value, str) and value.strip(), value, "some text")


def number(low: float, high: float = 1e6) -> Callable[[Any], float]:
    def read(value: Any) -> float:
        right = isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high
        return float(require(right, value, f"a number from {low:g} to {high:g}"))

    return read


def whole(low: int, high: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        return require(type(value) is int and low <= value <= high, value, f"a whole number from {low} to {high}")

    return read


def yes_or_no(value: Any) -> bool:
    return require(isinstance(value, bool), value, "true or false")


def one_of(*words: str) -> Callable[[Any], str]:
    return lambda value: require(value in words if isinstance(value, str) else False, value, " or ".join(words))


def names(value: Any) -> tuple[str, ...]:
    right = isinstance(value, list) and all(isinstance(one, str) for one in value)
    return tuple(require(right, value, 'a list of names, ["..."]'))


def table(value: Any) -> dict:
    return require(isinstance(value, dict), value, "a table")


def tables(value: Any) -> list:
    return require(isinstance(value, list), value, "tables, each begun with [[checks]]")


def moment(value: Any) -> datetime:
    what = "a date and time with its offset from UTC, such as 2027-05-01T23:59:00+09:00"
    return require(isinstance(value, datetime) and value.tzinfo is not None, value, what)


def require(right: Any, value: Any, what: str) -> Any:
    if not right:
        raise ValueError(f"{str(value) if isinstance(value, datetime) else repr(value):.60} should be {what}")
    return value


SHARED = {"hidden_share": number(0, 1), "drawn": whole(0, 50)}
TOP = {
    "title": text,
    "language": one_of(*LANGUAGES),
    "total": number(0),
    "prerequisites": one_of("replace", "skip"),
    **SHARED,
    "components": table,
    "checks": tables,
    "late": table,
}
COMPONENT = {"points": number(0), **SHARED, "again": names, "all_or_nothing": yes_or_no, "needs": names}
CHECK = {"id": text, "points": number(0), "hidden": yes_or_no, "all_or_nothing": yes_or_no}
LATE = {
    "deadline": moment,
    "grace_minutes": number(0),
    "percent_per_day": number(0, 100),
    "at_most_percent": number(0, 100),
    "file_times": yes_or_no,
}


def checked(about: Mapping[str, Any], keys: Mapping[str, Callable], place: str, mistakes: list[str]) -> dict[str, Any]:
    """What is right in it; the rest is added to the mistakes."""
    kept = {}
    for key, value in about.items():
        where = f"{place}.{key}" if place else key
        if key not in keys:
            mistakes.append(f"{where}: there is no such key{near(key, keys)}")
            continue
        try:
            kept[key] = keys[key](value)
        except ValueError as error:
            mistakes.append(f"{where} = {error}")
    return kept


def missing(key: str, about: Mapping[str, Any], place: str, mistakes: list[str]) -> None:
    if key not in about:
        mistakes.append(f"{place}.{key} is missing")


def near(name: str, known: Any) -> str:
    close = get_close_matches(name, list(known), 1)
    return f"; did you mean {close[0]}?" if close else f"; there are {', '.join(known)}"
