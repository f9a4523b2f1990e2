"""What earns how many points: a rubric.toml, read with every mistake in it named."""

import hashlib
import json
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any

from ..conformance.contract import COMPONENTS
from ..conformance.language import LANGUAGES
from ..wrong_use import WrongUse

DEFAULT = Path(__file__).with_name("rubric.toml")


class RubricError(WrongUse):
    """mistakes: one sentence each."""

    def __init__(self, path: str, mistakes: list[str]) -> None:
        self.mistakes = mistakes
        super().__init__("\n  ".join([f"{path} cannot be used:", *mistakes]))


@dataclass(frozen=True)
class Component:
    name: str
    points: float
    hidden_share: float
    drawn: int
    again: tuple[str, ...] = ()  # ids of checks or cases, asked again with secret numbers
    all_or_nothing: bool = False
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Single:
    """Points of one check, or of all parts of one case."""

    id: str
    points: float
    hidden: bool = False
    all_or_nothing: bool = False


@dataclass(frozen=True)
class Late:
    deadline: datetime
    grace_minutes: float = 0
    percent_per_day: float = 0
    at_most_percent: float = 100
    file_times: bool = False


@dataclass(frozen=True)
class Rubric:
    title: str
    language: str
    prerequisites: str
    components: tuple[Component, ...]
    checks: tuple[Single, ...] = ()
    late: Late | None = None

    @property
    def max_score(self) -> float:
        return round(sum(part.points for part in self.components) + sum(one.points for one in self.checks), 4)

    @cached_property
    def hash(self) -> str:
        """Equal where points would be: of what it says, not of how it is written."""
        said = json.dumps(asdict(self), sort_keys=True, default=lambda when: when.isoformat())
        return hashlib.sha256(said.encode()).hexdigest()[:16]


def load(path: str | Path | None = None) -> Rubric:
    """Raises RubricError."""
    path = Path(path or DEFAULT)
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RubricError(str(path), [f"it cannot be read: {error.strerror}"]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RubricError(str(path), [f"it is not TOML: {error}"]) from None
    return of(said, str(path))


def of(said: Mapping[str, Any], path: str = "rubric") -> Rubric:
    """Raises RubricError with all mistakes."""
    mistakes: list[str] = []
    top = checked(said, TOP, "", mistakes)
    share, drawn = top.get("hidden_share", 0.5), top.get("drawn", 3)
    components = []
    for name, about in top.get("components", {}).items():
        place = f"components.{name}"
        if name not in COMPONENTS:
            mistakes.append(f"{place}: no component is called {name!r}{near(name, COMPONENTS)}")
        elif not isinstance(about, dict):
            mistakes.append(f"{place} should be a table, [components.{name}]")
        else:
            kept = {"points": 0.0, "hidden_share": share, "drawn": drawn, **checked(about, COMPONENT, place, mistakes)}
            missing("points", about, place, mistakes)
            components.append(Component(name, **kept))
    components.sort(key=lambda part: COMPONENTS.index(part.name))
    singles = [one for i, about in enumerate(top.get("checks", [])) if (one := single(about, i, mistakes))]
    late = lateness(top["late"], mistakes) if "late" in top else None
    words = (top.get("title", "A CNN in NumPy"), top.get("language", "en"), top.get("prerequisites", "replace"))
    rubric = Rubric(*words, tuple(components), tuple(singles), late)
    from .rubric_sense import makes_sense

    mistakes += makes_sense(rubric, top.get("total"))
    if mistakes:
        raise RubricError(path, mistakes)
    return rubric


def single(about: Any, number: int, mistakes: list[str]) -> Single | None:
    place = f"checks[{number}]"
    if not isinstance(about, dict):
        mistakes.append(f"{place} should be a table, [[checks]]")
        return None
    kept = checked(about, CHECK, place, mistakes)
    missing("id", about, place, mistakes)
    missing("points", about, place, mistakes)
    return Single(**kept) if {"id", "points"} <= kept.keys() else None


def lateness(about: dict[str, Any], mistakes: list[str]) -> Late | None:
    kept = checked(about, LATE, "late", mistakes)
    missing("deadline", about, "late", mistakes)
    return Late(**kept) if "deadline" in kept else None


# --- one value each: what it becomes, or a ValueError that says what it should be
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
