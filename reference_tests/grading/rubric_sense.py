"""Mistakes of a rubric that each value alone does not show: ids, sums, circles."""

from ..conformance.types import Case, Check
from .paper import asked_of, secret
from .rubric import Component, Rubric
from .rubric_values import near


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
        checks = asked_of(one)
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
        a.tobytes() != b.tobytes() for a, b in zip(*(drawn(secret(check, seed)) for seed in (1, 2)), strict=True)
    )


def drawn(check: Check) -> list:
    case: Case = check.case
    given = check.manner.plan(case, check.part).given or case.question().arrays
    return [given[name] for name in sorted(given)]
