"""The checklist of a run: its public and hidden checks, the points that they share, and the right answers to them."""

from collections import Counter, OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache, cached_property

from ..conformance import judge, strata
from ..conformance.contract import all_checks, layer
from ..conformance.references import CPU
from ..conformance.types import Check, PreparedCheck
from ..subject.protocol import Fault
from .rubric import Component, Rubric

LARGE_SHARE = 0.25  # of a part's hidden points, for the large case, which finite differences do not finish
NAMED = 160  # right answers to what stands in no checklist that are remembered
Answers = dict[str, PreparedCheck | str]  # check id -> program and right answers, or why there are none


@dataclass(frozen=True)
class ChecklistItem:
    """One check to be graded. pool: the points that it shares in; name: what a student reads of a hidden one.

    weight: how many equal shares of its pool it has. expected: why it is expected to fail; then it has no points.
    """

    check: Check
    pool: str
    hidden: bool = False
    name: str = ""
    weight: float = 1.0
    expected: str = ""

    @cached_property
    def id(self) -> str:
        """The id of the check."""
        return self.check.id

    @cached_property
    def component(self) -> str:
        """The component that the check belongs to."""
        return self.check.case.op.component


@dataclass(frozen=True)
class PointPool:
    """Points that several checks share by their weights. all_or_nothing: only if all of them pass."""

    id: str
    component: str
    points: float
    all_or_nothing: bool


@dataclass(frozen=True)
class Checklist:
    """All checks of a run, and the points they earn. The same for every submission.

    prescribed: the rubric names the interface of the layers, so that what it cannot express is nobody's fault.
    can_share remembers, by a forward check's id, whether the backward program of the same case begins with its own.
    """

    items: tuple[ChecklistItem, ...]
    pools: dict[str, PointPool]
    can_share: dict[str, bool] = field(default_factory=dict)
    prescribed: bool = False

    def items_of(self, component: str) -> list[ChecklistItem]:
        """Return the items of one component, public ones first."""
        return self.by_component[component]

    @cached_property
    def by_component(self) -> dict[str, list[ChecklistItem]]:
        """The items, grouped by component."""
        return group_items(self.items, lambda item: item.component)

    @cached_property
    def by_pool(self) -> dict[str, list[ChecklistItem]]:
        """The items, grouped by the id of their pool of points."""
        return group_items(self.items, lambda item: item.pool)

    def most_points(self, left_out: Collection[str] = ()) -> dict[str, float]:
        """Return for the id of each check the points that it may earn. left_out: they leave theirs to the others."""
        points: dict[str, float] = {}
        for pool, items in self.by_pool.items():
            weights = {item.id: 0.0 if item.id in left_out else item.weight for item in items}
            whole = sum(weights.values()) or 1.0
            points |= {id: self.pools[pool].points * weight / whole for id, weight in weights.items()}
        return points

    @cached_property
    def public_of(self) -> dict[str, tuple[str, ...]]:
        """The id of a hidden check -> the ids of the public checks of the same kind: its own, or else its case's.

        For the large one, that of the first stratum, which is the plainest.
        """
        of_case = group_items([item for item in self.items if not item.hidden], lambda item: item.check.case.id)
        found = {}
        for item in (item for item in self.items if item.hidden):
            large = item.check.budget > 0
            case = strata.strata_of(layer(item.component))[0].id if large else strata.written_id(item.check.case.id)
            ids = tuple(one.id for one in of_case.get(case, ()))
            own = item.check.id_of(case)
            found[item.id] = (own,) if own in ids else ids
        return found

    @cached_property
    def backward_of(self) -> dict[str, str]:
        """The id of a forward check -> the id of the backward check of the same case and scenario."""
        ids = {(item.check.case.id, item.check.scenario.id, item.check.part): item.id for item in self.items}
        pairs = ((i.id, ids.get((i.check.case.id, i.check.scenario.id, "backward"))) for i in self.items)
        return {first: second for first, second in pairs if second and first != second}


def group_items(items: Iterable[ChecklistItem], key: Callable[[ChecklistItem], str]) -> dict[str, list[ChecklistItem]]:
    """Group items by a key, in their order."""
    groups: dict[str, list[ChecklistItem]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups


def make_checklist(rubric: Rubric, seed: int) -> Checklist:
    """Make the checklist of a rubric. The same rubric and seed give the same checks in every process."""
    items: list[ChecklistItem] = []
    pools: dict[str, PointPool] = {}
    singles = list(make_single_items(rubric, seed, pools))
    taken = {item.id for item in singles}
    for part in rubric.components:
        checks = [c for c in deciding_checks(part.name) if c.id not in taken and is_asked(c, rubric)]
        public = [ChecklistItem(check, f"{part.name}/public") for check in checks]
        wanted = part.hidden_share or not public
        drawn = make_hidden_items(part, rubric.budget, seed) if wanted else ()
        hidden = [i for i in drawn if i.id not in taken and is_asked(i.check, rubric)]
        share = (part.hidden_share if public else 1.0) if hidden else 0.0
        for kind, points in (("public", part.points * (1 - share)), ("hidden", part.points * share)):
            pools[f"{part.name}/{kind}"] = PointPool(f"{part.name}/{kind}", part.name, points, part.all_or_nothing)
        items += [*public, *(i for i in singles if i.component == part.name), *hidden]
    items += [i for i in singles if i.component not in {part.name for part in rubric.components}]
    return Checklist(tuple(expect(item, rubric, pools) for item in items), pools, prescribed=bool(rubric.convention))


def is_asked(check: Check, rubric: Rubric) -> bool:
    """True unless the rubric skips a check."""
    return not rubric.skip or not names_of(check) & set(rubric.skip)


def names_of(check: Check) -> set[str]:
    """Return the ids by which a rubric may mean a check: its own, its case's, and those of its stratum."""
    ids = {check.id, check.case.id}
    return ids | {strata.written_id(id) for id in ids}


def expect(item: ChecklistItem, rubric: Rubric, pools: dict[str, PointPool]) -> ChecklistItem:
    """Return an item without points if the rubric expects it to fail, and add its pool to pools; else the item."""
    names = names_of(item.check) if rubric.xfail else set()
    why = next((why for id, why in rubric.xfail if id in names), "")
    if not why:
        return item
    pool = f"{item.component}/expected"
    pools[pool] = PointPool(pool, item.component, 0.0, False)
    return replace(item, pool=pool, weight=0.0, expected=why)


def deciding_checks(component: str) -> list[Check]:
    """Return the public checks that decide. Advice never earns points, so it is not graded."""
    return [check for check in public_checks(component) if check.level != "advice"]


@cache
def public_checks(component: str) -> tuple[Check, ...]:
    """Return every check of a component with its published numbers."""
    return tuple(all_checks([component]))


def make_hidden_items(part: Component, budget: float, seed: int) -> Iterator[ChecklistItem]:
    """Make the hidden items of one component.

    These are cases drawn in each of its strata, what the rubric wants repeated, and last its large case, because a part
    that runs out of time is asked no more. budget: seconds of processor time of the last.
    """
    groups = [
        checks for number in range(1, part.drawn + 1) for checks in strata.drawn_checks(layer(part.name), seed, number)
    ]
    groups += [[repeat(check, seed) for check in checks_named_by(one)] for one in part.again]
    of_part: Counter[str] = Counter()
    ids: set[str] = set()
    for number, checks in enumerate(groups, 1):
        for check in checks:
            if check.id not in ids:
                ids.add(check.id)
                of_part[check.part] += 1
                yield make_hidden_item(check, f"{part.name}/hidden", number)
    for large in strata.large_checks(layer(part.name), seed, budget) if part.drawn and budget else ():
        weight = max(1.0, of_part[large.part] * LARGE_SHARE / (1 - LARGE_SHARE))
        yield replace(make_hidden_item(large, f"{part.name}/hidden", len(groups) + 1), weight=weight)


def make_hidden_item(check: Check, pool: str, number: int) -> ChecklistItem:
    """Make a hidden item, with a name that gives nothing of the check away."""
    tail = "" if check.part == "result" else f"/{check.part}"
    return ChecklistItem(check, pool, True, f"{check.case.op.component}/hidden-{number}{tail}")


def make_single_items(rubric: Rubric, seed: int, pools: dict[str, PointPool]) -> Iterator[ChecklistItem]:
    """Make the items of the rubric's [[checks]], and add the pool of each to pools."""
    for number, single in enumerate(rubric.checks, 1):
        checks = [check for check in checks_named_by(single.id) if check.level != "advice"]
        pool = f"check/{single.id}"
        pools[pool] = PointPool(pool, checks[0].case.op.component, single.points, single.all_or_nothing)
        for check in checks:
            if single.hidden:
                name = f"{check.case.op.component}/hidden-check-{number}"
                yield replace(make_hidden_item(with_seed(check, seed), pool, number), name=name)
            else:
                yield ChecklistItem(check, pool)


def checks_named_by(check_id: str) -> list[Check]:
    """Return the checks that an id stands for: one check, or all parts of a case. Raises ValueError if none does."""
    from ..conformance.examination import checks_named, component_names

    (component,) = component_names([check_id.partition("/")[0]])
    public = public_checks(component)
    named = [check for check in public if check.id == check_id] or [c for c in public if c.case.id == check_id]
    return named or checks_named(check_id)


def with_seed(check: Check, seed: int) -> Check:
    """Return the same check with numbers drawn from the seed."""
    return replace(check, case=replace(check.case, seed=seed))


def repeat(check: Check, seed: int) -> Check:
    """Return the same check with numbers drawn from the seed, held to what a drawn case is: the public one is asked."""
    return replace(with_seed(check, seed), slack=strata.SLACK)


def right_answers(checklist: Checklist) -> Answers:
    """Compute the right answers to every item, as the references agree on them. Only this part of grading needs torch.

    This takes some seconds; the answers are then the same for all submissions. A str in place of an answer says why
    there is none.
    """
    answers: Answers = {}
    for item in checklist.items:
        try:
            answers[item.id] = judge.prepare(item.check, CPU)
        except Fault as fault:
            answers[item.id] = str(fault)
    return answers


_named: OrderedDict[str, PreparedCheck | str] = OrderedDict()  # right answers that the latest submissions needed


def answer_named(check: Check) -> PreparedCheck | str:
    """Return the right answers to a check that stands in no checklist, or why there are none.

    Some of them are remembered: the code of a class names much the same numbers, and is asked the same small cases.
    """
    if check.id not in _named:
        try:
            _named[check.id] = judge.prepare(check, CPU)
        except Fault as fault:
            _named[check.id] = str(fault)
    _named.move_to_end(check.id)
    while len(_named) > NAMED:
        _named.popitem(last=False)
    return _named[check.id]
