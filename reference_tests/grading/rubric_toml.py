"""Read a rubric.toml: the values first, then the tables, then whether the whole makes sense.

Every mistake becomes a sentence that names its place, and all of them are reported at once.
"""

import tomllib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from ..conformance.contract import COMPONENTS
from ..conformance.types import Check
from ..i18n import LANGUAGES, _, current_language
from ..subject.arrays.kinds import ARRAYS
from ..subject.conventions.known.table import NAMES as CONVENTIONS
from ..subject.names import NAMES
from ..suggest import did_you_mean
from .checklist import checks_named_by, with_seed
from .rubric import TITLES, Component, Group, Late, Rubric, RubricError, Single, all_needs

DEFAULT = Path(__file__).with_name("rubric.toml")
SHIPPED = {"default": DEFAULT, "book": DEFAULT.with_name("rubric_book.toml")}  # by name, where no file is called so
Readers = Mapping[str, Callable[[Any], Any]]  # key -> what checks and converts its value


def load(path: str | Path | None = None) -> Rubric:
    """Read the rubric at path, or the one that is shipped under that name, or the default one. Raises RubricError."""
    path = find_file(path or DEFAULT)
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise RubricError(str(path), [_("it cannot be read: {why}").format(why=error.strerror)]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RubricError(str(path), [_("it is not TOML: {why}").format(why=error)]) from None
    return parse(content, str(path))


def find_file(path: str | Path) -> Path:
    """Return the file of a rubric: the path itself, or the one that is shipped under its name."""
    return Path(path) if Path(path).exists() else SHIPPED.get(str(path), Path(path))


def parse(content: Mapping[str, Any], path: str = "rubric") -> Rubric:
    """Make a rubric of a parsed TOML file. Raises RubricError with all mistakes."""
    mistakes: list[str] = []
    top = read_table(content, TOP, "", mistakes)
    components = read_components(top, mistakes)
    singles = [one for i, table in enumerate(top.get("checks", [])) if (one := read_single(table, i, mistakes))]
    late = read_late(top["late"], mistakes) if "late" in top else None
    language, title = top.get("language") or current_language(), top.get("title", TITLES[0])
    words = (title, language, top.get("prerequisites", "replace"))
    how = {key: top[key] for key in PASSED_ON if key in top} | {"names_language": "language" in top}
    groups = tuple(read_groups(top.get("groups", {}), mistakes))
    rubric = Rubric(*words, tuple(components), tuple(singles), late, **how, groups=groups)
    rubric = rubric.without(top.get("skip", ()))
    mistakes += inconsistencies(rubric, top.get("total"))
    if mistakes:
        raise RubricError(path, mistakes)
    return rubric


def skip_more(rubric: Rubric, ids: Iterable[str]) -> Rubric:
    """Return a rubric without these components, cases and checks. Raises RubricError if one is none, or all are."""
    wanted = tuple(ids)
    mistakes = [sentence for id in wanted for sentence in check_skipped(id)]
    left = rubric.without(wanted) if wanted and not mistakes else rubric
    if mistakes or not left.max_score:
        raise RubricError("--skip", mistakes or [_("nothing is left that earns points")])
    return left


# --- values: each function returns the value, or raises ValueError with what it should be


def require(right: Any, value: Any, expected: str) -> Any:
    """Return the value if it is right. Raises ValueError that names what was expected."""
    if not right:
        given = str(value) if isinstance(value, datetime) else repr(value)
        raise ValueError(_("{value} should be {expected}").format(value=given[:60], expected=expected))
    return value


def text(value: Any) -> Any:
    """Accept a text that is not blank."""
    return require(isinstance(value, str) and value.strip(), value, _("some text"))


def number(low: float, high: float = 1e6) -> Callable[[Any], float]:
    """Return a function that accepts a number from low to high."""

    def read(value: Any) -> float:
        right = isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high
        return float(require(right, value, _("a number from {low:g} to {high:g}").format(low=low, high=high)))

    return read


def whole(low: int, high: int) -> Callable[[Any], Any]:
    """Return a function that accepts a whole number from low to high."""

    def read(value: Any) -> Any:
        expected = _("a whole number from {low} to {high}").format(low=low, high=high)
        return require(type(value) is int and low <= value <= high, value, expected)

    return read


def yes_or_no(value: Any) -> Any:
    """Accept true or false."""
    return require(isinstance(value, bool), value, _("true or false"))


def one_of(*words: str) -> Callable[[Any], Any]:
    """Return a function that accepts one of these words."""
    return lambda value: require(isinstance(value, str) and value in words, value, _(" or ").join(words))


def names(value: Any) -> tuple[str, ...]:
    """Accept a list of texts."""
    right = isinstance(value, list) and all(isinstance(one, str) for one in value)
    return tuple(require(right, value, _('a list of names, ["..."]')))


def maps(value: Any) -> tuple[tuple[str, str], ...]:
    """Accept a table of names of the contract and what submissions have in their place."""
    right = isinstance(value, dict) and all(isinstance(one, str) and one for one in value.values())
    pairs = tuple(
        sorted(require(right, value, _("a table of names, {example}").format(example='{Relu = "ReLULayer"}')).items())
    )
    for name, _theirs in pairs:
        hint = did_you_mean(name, NAMES)
        require(name in NAMES, name, _("a name of the contract; {hint}").format(hint=hint))
    return pairs


def modules(value: Any) -> tuple[str, ...]:
    """Accept a list of packages by the names that are imported."""
    right = isinstance(value, list) and all(isinstance(one, str) and one.isidentifier() for one in value)
    return tuple(require(right, value, _('a list of packages by the names that are imported, ["scipy"]')))


def reasons(value: Any) -> tuple[tuple[str, str], ...]:
    """Accept a table of texts, each a reason."""
    right = isinstance(value, dict) and all(isinstance(why, str) and why.strip() for why in value.values())
    return tuple(
        require(
            right, value, _("a reason for each check, {example}").format(example='{"relu/one-image" = "..."}')
        ).items()
    )


def table(value: Any) -> Any:
    """Accept a table."""
    return require(isinstance(value, dict), value, _("a table"))


def tables(value: Any) -> Any:
    """Accept a list of tables."""
    return require(isinstance(value, list), value, _("tables, each begun with [[checks]]"))


def moment(value: Any) -> Any:
    """Accept a date and time that says its offset from UTC."""
    expected = _("a date and time with its offset from UTC, such as 2027-05-01T23:59:00+09:00")
    return require(isinstance(value, datetime) and value.tzinfo is not None, value, expected)


# --- tables: which keys there are, and what reads each

SHARED: Readers = {"hidden_share": number(0, 1), "drawn": whole(0, 50)}
TOP: Readers = {
    "title": text,
    "language": one_of(*LANGUAGES),
    "total": number(0),
    "prerequisites": one_of("replace", "skip"),
    "convention": one_of(*CONVENTIONS),
    "arrays": one_of(*ARRAYS),
    "map": maps,
    "file": text,
    "packages": modules,
    **SHARED,
    "components": table,
    "checks": tables,
    "late": table,
    "budget": number(0, 600),
    "xfail": reasons,
    "skip": names,
    "groups": table,
}
PASSED_ON = ("convention", "map", "file", "packages", "arrays", "budget", "xfail")
COMPONENT: Readers = {
    "points": number(0),
    **SHARED,
    "again": names,
    "all_or_nothing": yes_or_no,
    "needs": names,
    "bonus": yes_or_no,
}
GROUP: Readers = {"components": names, "best": whole(1, 100)}
CHECK: Readers = {"id": text, "points": number(0), "hidden": yes_or_no, "all_or_nothing": yes_or_no}
LATE: Readers = {
    "deadline": moment,
    "grace_minutes": number(0),
    "percent_per_day": number(0, 100),
    "at_most_percent": number(0, 100),
    "file_times": yes_or_no,
}


def read_table(content: Mapping[str, Any], readers: Readers, place: str, mistakes: list[str]) -> dict[str, Any]:
    """Return the values that are right; add a sentence to mistakes for each of the others."""
    values = {}
    for key, value in content.items():
        where = f"{place}.{key}" if place else key
        if key not in readers:
            mistakes.append(f"{where}: " + _("there is no such key; {hint}").format(hint=did_you_mean(key, readers)))
            continue
        try:
            values[key] = readers[key](value)
        except ValueError as error:
            mistakes.append(f"{where} = {error}")
    return values


def require_keys(content: Mapping[str, Any], keys: Collection[str], place: str, mistakes: list[str]) -> None:
    """Add a sentence to mistakes for each of these keys that the table lacks."""
    mistakes += [_("{key} is missing").format(key=f"{place}.{key}") for key in keys if key not in content]


def should_be_table(place: str, how: str) -> str:
    """Return the sentence about a value that stands where a table should. how: the table's first line."""
    return _("{value} should be {expected}").format(value=place, expected=_("a table, {how}").format(how=how))


def read_components(top: Mapping[str, Any], mistakes: list[str]) -> list[Component]:
    """Read the [components.NAME] tables, in the order of the contract. top: the file's own keys, already read."""
    share, drawn = top.get("hidden_share", 0.5), top.get("drawn", 1)
    components = []
    for name, content in top.get("components", {}).items():
        place = f"components.{name}"
        if name not in COMPONENTS:
            text = _("no component is called {name!r}; {hint}")
            mistakes.append(f"{place}: " + text.format(name=name, hint=did_you_mean(name, COMPONENTS)))
        elif not isinstance(content, dict):
            mistakes.append(should_be_table(place, f"[{place}]"))
        else:
            defaults = {"points": 0.0, "hidden_share": share, "drawn": drawn}
            values = {**defaults, **read_table(content, COMPONENT, place, mistakes)}
            require_keys(content, ["points"], place, mistakes)
            components.append(Component(name, **values))
    return sorted(components, key=lambda component: COMPONENTS.index(component.name))


def read_single(content: Any, number: int, mistakes: list[str]) -> Single | None:
    """Read one [[checks]] table. None: it lacks an id or points, which is added to mistakes."""
    place = f"checks[{number}]"
    if not isinstance(content, dict):
        mistakes.append(should_be_table(place, "[[checks]]"))
        return None
    values = read_table(content, CHECK, place, mistakes)
    require_keys(content, ["id", "points"], place, mistakes)
    return Single(**values) if {"id", "points"} <= values.keys() else None


def read_groups(content: Mapping[str, Any], mistakes: list[str]) -> Iterator[Group]:
    """Yield the [groups.NAME] tables; those that lack a key are added to mistakes."""
    for name, one in content.items():
        if not isinstance(one, dict):
            mistakes.append(should_be_table(f"groups.{name}", f"[groups.{name}]"))
            continue
        values = read_table(one, GROUP, f"groups.{name}", mistakes)
        require_keys(one, ["components", "best"], f"groups.{name}", mistakes)
        if GROUP.keys() <= values.keys():
            yield Group(name, **values)


def read_late(content: dict[str, Any], mistakes: list[str]) -> Late | None:
    """Read the [late] table. None: it lacks a deadline, which is added to mistakes."""
    values = read_table(content, LATE, "late", mistakes)
    require_keys(content, ["deadline"], "late", mistakes)
    return Late(**values) if "deadline" in values else None


# --- the whole: names that exist, points that add up


def inconsistencies(rubric: Rubric, total: float | None) -> list[str]:
    """Return a sentence for each thing that contradicts another. total: what the points should add up to."""
    sentences = [sentence for part in rubric.components for sentence in check_component(part, rubric)]
    ids = [single.id for single in rubric.checks]
    sentences += [
        _("checks: {id} is there more than once").format(id=one) for one in dict.fromkeys(ids) if ids.count(one) > 1
    ]
    for single in rubric.checks:
        sentences += check_id(single.id, "checks", single.hidden)
    sentences += [sentence for id, _why in rubric.xfail for sentence in check_id(id, "xfail", False)]
    sentences += [sentence for id in rubric.skip for sentence in check_skipped(id)]
    sentences += [sentence for group in rubric.groups for sentence in check_group(group, rubric)]
    if not rubric.max_score:
        sentences.append(_("there is nothing that earns points: give a [components.NAME] some"))
    elif total is not None and abs(total - rubric.max_score) > 1e-6:
        text = _("total = {total:g}, but the points add up to {sum:g}")
        sentences.append(text.format(total=total, sum=rubric.max_score))
    return sentences


def check_component(component: Component, rubric: Rubric) -> list[str]:
    """Return a sentence for each wrong prerequisite or repeated check of a component."""
    place = f"components.{component.name}"
    needs = {other.name: other.needs for other in rubric.components}
    sentences = [no_component_here(f"{place}.needs", need, needs) for need in component.needs if need not in needs]
    if component.name in all_needs(component.name, needs):
        sentences.append(f"{place}.needs: " + _("it needs itself"))
    for one in component.again:
        sentences += check_id(one, f"{place}.again", True)
        if one.partition("/")[0] != component.name:
            sentences.append(f"{place}.again: " + _("{id} is a check of another component").format(id=one))
    return sentences


def no_component_here(place: str, name: str, known: Iterable[str]) -> str:
    """Return the sentence about a name that is none of the rubric's components."""
    return f"{place}: " + _("{name!r} is no component here; {hint}").format(name=name, hint=did_you_mean(name, known))


def check_skipped(id: str) -> list[str]:
    """Return a sentence if nothing of that id can be skipped."""
    try:
        if id not in COMPONENTS:
            checks_named_by(id)
        return []
    except ValueError as error:
        return [f"skip: {error}"]


def check_group(group: Group, rubric: Rubric) -> list[str]:
    """Return a sentence for each component of a group that has no points of its own, or is in another group too."""
    names_here = [part.name for part in rubric.components]
    place = f"groups.{group.name}"
    others = {name for other in rubric.groups if other is not group for name in other.components}
    sentences = [
        no_component_here(f"{place}.components", name, names_here)
        for name in group.components
        if name not in names_here and name not in rubric.skip
    ]
    twice = _("{name} is in another group, too")
    sentences += [f"{place}.components: " + twice.format(name=name) for name in group.components if name in others]
    if group.best > (there := len(group.components)):
        sentences.append(f"{place}.best = {group.best}: " + _("the group has only {n}").format(n=there))
    return sentences


def check_id(id: str, place: str, hidden: bool) -> list[str]:
    """Return a sentence if no such check exists, if it cannot earn points, or if it should but cannot be hidden."""
    try:
        checks = checks_named_by(id)
    except ValueError as error:
        return [f"{place}: {error}"]
    if all(check.level == "advice" for check in checks):
        return [f"{place}: " + _("{id} is only advice, which never earns points").format(id=id)]
    if hidden and not all(has_random_inputs(check) for check in checks):
        return [f"{place}: " + _("{id} has given numbers, so that it cannot be hidden").format(id=id)]
    return []


def has_random_inputs(check: Check) -> bool:
    """True if another seed gives the check other numbers. Golden rows have fixed ones."""
    seeded = [with_seed(check, seed) for seed in (1, 2)]
    first, second = (c.scenario.plan(c.case, c.part).given or c.case.question().arrays for c in seeded)
    return any(first[name].tobytes() != second[name].tobytes() for name in first)
