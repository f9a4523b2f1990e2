"""Each value of a rubric.toml: what it becomes, or a sentence that says what it should be."""

import tomllib
from collections.abc import Callable, Mapping
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from ..conformance.contract import COMPONENTS
from ..conformance.types import Case, Check
from ..i18n import LANGUAGES
from .checklist import checks_of_component, secret_seed
from .rubric import Component, Late, Rubric, RubricError, Single


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


def makes_sense(rubric: Rubric, total: float | None) -> list[str]:
    found = [sentence for part in rubric.components for sentence in component(part, rubric)]
    ids = [single.id for single in rubric.checks]
    found += [f"checks: {one} is there more than once" for one in dict.fromkeys(ids) if ids.count(one) > 1]
    for single in rubric.checks:
        found += check_id(single.id, "checks", single.hidden)
    if not rubric.max_score:
        found.append("there is nothing that earns points: give a [components.NAME] some")
    elif total is not None and abs(total - rubric.max_score) > 1e-6:
        found.append(f"total = {total:g}, but the points add up to {rubric.max_score:g}")
    return found


def component(part: Component, rubric: Rubric) -> list[str]:
    place = f"components.{part.name}"
    names = [other.name for other in rubric.components]
    found = [
        f"{place}.needs: {need!r} is no component here{near(need, names)}" for need in part.needs if need not in names
    ]
    if part.name in reached(part.name, rubric):
        found.append(f"{place}.needs: it needs itself")
    for one in part.again:
        found += check_id(one, f"{place}.again", True)
        if one.partition("/")[0] != part.name:
            found.append(f"{place}.again: {one} is a check of another component")
    return found


def reached(name: str, rubric: Rubric) -> set[str]:
    """All that it needs, and what that needs."""
    needs = {part.name: part.needs for part in rubric.components}
    seen: set[str] = set()
    todo = list(needs[name])
    while todo:
        one = todo.pop()
        if one not in seen:
            seen.add(one)
            todo += needs.get(one, ())
    return seen


def check_id(one: str, place: str, hidden: bool) -> list[str]:
    try:
        checks = checks_of_component(one)
    except ValueError as error:
        return [f"{place}: {error}"]
    if all(check.level == "advice" for check in checks):
        return [f"{place}: {one} is only advice, which never earns points"]
    if hidden and not all(varies(check) for check in checks):
        return [f"{place}: {one} has given numbers, so that it cannot be hidden"]
    return []


def varies(check: Check) -> bool:
    """Whether its numbers are other ones with another seed: those of golden rows are not."""
    return any(
        a.tobytes() != b.tobytes() for a, b in zip(*(drawn(secret_seed(check, seed)) for seed in (1, 2)), strict=True)
    )


def drawn(check: Check) -> list:
    case: Case = check.case
    given = check.scenario.plan(case, check.part).given or case.question().arrays
    return [given[name] for name in sorted(given)]


DEFAULT = Path(__file__).with_name("rubric.toml")


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
