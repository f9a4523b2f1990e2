"""The exam paper of a run: which checks, public and hidden, and what is right. Made once, for all submissions."""

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from itertools import islice

from ..conformance import generate, judge
from ..conformance.contract import all_checks, layer
from ..conformance.references import CPU
from ..conformance.scenarios import parts_of
from ..conformance.types import Case, Check
from ..subject.protocol import Fault
from .rubric import Component, Rubric

Answers = dict[str, judge.PreparedCheck | str]  # id -> program and right answers; a str: why there are none


@dataclass(frozen=True)
class ChecklistItem:
    """One check of the paper. pool: the points that it shares in; name: all that a student is told of a hidden one."""

    check: Check
    pool: str
    hidden: bool = False
    name: str = ""

    @cached_property
    def id(self) -> str:
        return self.check.id

    @cached_property
    def component(self) -> str:
        return self.check.case.op.component


@dataclass(frozen=True)
class PointPool:
    """Points, and who shares in them."""

    id: str
    component: str
    points: float
    all_or_nothing: bool


@dataclass(frozen=True)
class Checklist:
    items: tuple[ChecklistItem, ...]
    pools: dict[str, PointPool]
    shared: dict[str, bool] = field(default_factory=dict)  # a forward's id -> whether its backward begins with it

    def of(self, component: str) -> list[ChecklistItem]:
        return self.by_component[component]

    @property
    def components(self) -> list[str]:
        return list(self.by_component)

    @cached_property
    def by_component(self) -> dict[str, list[ChecklistItem]]:
        return group_by_component(self.items, lambda item: item.component)

    @cached_property
    def backward_of(self) -> dict[str, str]:
        """A forward check's id -> that of the same case's backward."""
        ids = {(item.check.case.id, item.check.scenario.id, item.check.part): item.id for item in self.items}
        pairs = ((i.id, ids.get((i.check.case.id, i.check.scenario.id, "backward"))) for i in self.items)
        return {first: second for first, second in pairs if second and first != second}

    @cached_property
    def by_pool(self) -> dict[str, list[ChecklistItem]]:
        return group_by_component(self.items, lambda item: item.pool)


def group_by_component(
    items: Iterable[ChecklistItem], by: Callable[[ChecklistItem], str]
) -> dict[str, list[ChecklistItem]]:
    found: dict[str, list[ChecklistItem]] = {}
    for item in items:
        found.setdefault(by(item), []).append(item)
    return found


def make_checklist(rubric: Rubric, seed: int) -> Checklist:
    """The same checks in every process, for the same rubric and seed."""
    items: list[ChecklistItem] = []
    pools: dict[str, PointPool] = {}
    singles = list(single_items(rubric, seed, pools))
    taken = {item.id for item in singles}
    for part in rubric.components:
        public = [
            ChecklistItem(check, f"{part.name}/public") for check in is_deciding(part.name) if check.id not in taken
        ]
        hidden = [i for i in hidden_items(part, seed) if i.id not in taken] if part.hidden_share or not public else []
        share = (part.hidden_share if public else 1.0) if hidden else 0.0
        for kind, points in (("public", part.points * (1 - share)), ("hidden", part.points * share)):
            pools[f"{part.name}/{kind}"] = PointPool(f"{part.name}/{kind}", part.name, points, part.all_or_nothing)
        items += [*public, *(i for i in singles if i.component == part.name), *hidden]
    others = [i for i in singles if i.component not in {part.name for part in rubric.components}]
    return Checklist(tuple(items + others), pools)


def is_deciding(component: str) -> list[Check]:
    """Advice never counts, and is not asked."""
    return [check for check in public_checks(component) if check.level != "advice"]


@cache
def public_checks(component: str) -> tuple[Check, ...]:
    return tuple(all_checks([component]))


def hidden_items(part: Component, seed: int) -> Iterator[ChecklistItem]:
    """The table's first case with secret numbers, which whoever has the public one right has right too; cases drawn
    from the secret seed; and what the rubric wants asked again."""
    scenario = generate.generated_scenario(layer(part.name))
    groups = [[secret_seed(check, seed) for check in first_case(part.name)] if part.drawn else []]
    cases = drawn_cases(part, seed)
    groups += [[Check(case, scenario, one) for one in parts_of(case.op) if one in scenario.parts] for case in cases]
    groups += [[secret_seed(check, seed) for check in checks_of_component(one)] for one in part.again]
    seen: set[str] = set()
    for number, checks in enumerate((g for g in groups if g), 1):
        for check in checks:
            if check.id not in seen:
                seen.add(check.id)
                yield hidden(check, f"{part.name}/hidden", number)


def first_case(component: str) -> list[Check]:
    plain = [check for check in is_deciding(component) if check.scenario.id == "plain" and check.case.shapes]
    return [check for check in plain if check.case.id == plain[0].case.id]


def drawn_cases(part: Component, seed: int) -> list[Case]:
    of, chance = layer(part.name), random.Random(f"{seed} {part.name}")
    if not hasattr(of, "drawn"):
        return []
    cases = (generate.record_picks(of, chance.randint, seed) for _ in range(20 * part.drawn))  # some are drawn twice
    return list(islice({case.id: case for case in cases}.values(), part.drawn))


def hidden(check: Check, pool: str, number: int) -> ChecklistItem:
    tail = "" if check.part == "result" else f"/{check.part}"
    return ChecklistItem(check, pool, True, f"{check.case.op.component}/hidden-{number}{tail}")


def single_items(rubric: Rubric, seed: int, pools: dict[str, PointPool]) -> Iterator[ChecklistItem]:
    for number, single in enumerate(rubric.checks, 1):
        checks = [check for check in checks_of_component(single.id) if check.level != "advice"]
        pool = f"check/{single.id}"
        pools[pool] = PointPool(pool, checks[0].case.op.component, single.points, single.all_or_nothing)
        for check in checks:
            if single.hidden:
                yield replace(
                    hidden(secret_seed(check, seed), pool, number),
                    name=f"{check.case.op.component}/hidden-check-{number}",
                )
            else:
                yield ChecklistItem(check, pool)


def checks_of_component(check_id: str) -> list[Check]:
    """The checks that an id stands for: one, or all parts of a case. Raises ValueError where there is none."""
    from ..conformance.examination import checks_named, component_names

    (component,) = component_names([check_id.partition("/")[0]])
    all_of_it = public_checks(component)
    found = [c for c in all_of_it if c.id == check_id] or [c for c in all_of_it if c.case.id == check_id]
    return found or checks_named(check_id)


def secret_seed(check: Check, seed: int) -> Check:
    """The same check with numbers from the seed."""
    return replace(check, case=replace(check.case, seed=seed))


def right_answers(paper: Checklist, component: str) -> Answers:
    """What is right, agreed by the references: torch is needed here, and nowhere else in grading."""
    found: Answers = {}
    for item in paper.of(component):
        try:
            found[item.id] = judge.prepare(item.check, CPU)
        except Fault as fault:
            found[item.id] = str(fault)
    return found
