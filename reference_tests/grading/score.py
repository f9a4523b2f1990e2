"""Turn verdicts into points. Every check begins as not run, which earns nothing; only a pass judged here earns."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from math import ceil

from ..conformance import judge
from ..conformance.messages import sentence
from ..conformance.types import Verdict
from ..i18n import _
from . import messages
from .checklist import Checklist, ChecklistItem
from .result import CheckResult, ComponentResult, Lateness
from .rubric import Late, Rubric

Verdicts = dict[str, Verdict]  # check id -> verdict


def not_run_verdicts(checklist: Checklist) -> Verdicts:
    """Return the verdicts before anything has been run."""
    return {item.id: Verdict(item.check, "not_run", "not-reached") for item in checklist.items}


def score_components(
    checklist: Checklist, verdicts: Verdicts, substituted: Mapping[str, str]
) -> dict[str, ComponentResult]:
    """Return each component's points and checks. substituted: check id -> prerequisites replaced before it passed."""
    earning = earning_ids(checklist, verdicts)
    beyond = {id for id, verdict in verdicts.items() if verdict.status == "beyond"}
    most = checklist.most_points(beyond if checklist.prescribed else ())
    proven = proven_shares(checklist, earning, beyond)
    earned = {id: most[id] * proven.get(id, 1.0) for id in earning - lost_together(checklist, earning, beyond)}
    return {
        name: score_component(items, checklist, verdicts, earned, most, substituted)
        for name, items in checklist.by_component.items()
    }


def earning_ids(checklist: Checklist, verdicts: Verdicts) -> set[str]:
    """Return the ids of the checks that earn points.

    Only a pass earns. A refusal or a check of side effects earns only if the layer answers some plain case correctly;
    a hidden check of how answers go together, such as dropout's mask in both directions, only if some hidden numbers
    are right.
    """
    passed = [i for i in checklist.items if verdicts[i.id].status == "pass" and i.check.level != "advice"]
    answered = [item for item in passed if verdicts[item.id].reason != "refused"]
    plain, plain_right = CheckIndex(filter(is_plain, checklist.items)), CheckIndex(filter(is_plain, answered))
    compared = {i.component for i in checklist.items if i.hidden and i.check.scenario.rule is None}
    right = {i.component for i in answered if i.hidden and i.check.scenario.rule is None}
    unproven = {i.id for i in passed if i.hidden and i.check.scenario.rule and i.component in compared - right}
    return {item.id for item in passed if plain_right.covers(item, plain)} - unproven


class CheckIndex:
    """The components, and the parts of components, that some items belong to."""

    def __init__(self, items: Iterable[ChecklistItem]) -> None:
        self.parts = {part_of(item) for item in items}
        self.components = {component for component, _ in self.parts}

    def covers(self, item: ChecklistItem, graded: "CheckIndex") -> bool:
        """True if this index has the item's part; or its component, if the part is not graded; or if neither is."""
        if part_of(item) in graded.parts:
            return part_of(item) in self.parts
        return item.component in self.components or item.component not in graded.components


def is_plain(item: ChecklistItem) -> bool:
    """True for a public check of a single plain call."""
    return item.check.scenario.id == "plain" and not item.hidden


def part_of(item: ChecklistItem) -> tuple[str, str]:
    """Return the item's component and the part of it, such as forward."""
    return item.component, item.check.part


def lost_together(checklist: Checklist, earning: set[str], beyond: set[str]) -> set[str]:
    """Return the ids of the checks of pools of which all have to be right, and one is not."""
    free = beyond if checklist.prescribed else set()
    pools = [id for id, pool in checklist.pools.items() if pool.all_or_nothing]
    ids = [{item.id for item in checklist.by_pool.get(id, [])} for id in pools]
    return {id for all_of_it in ids if all_of_it - earning - free for id in all_of_it}


def proven_shares(checklist: Checklist, earning: set[str], beyond: set[str]) -> dict[str, float]:
    """Return for each public check by how much its points are scaled: by what of its part the hidden cases prove.

    Answers to public questions can be learned by heart. So a part of a layer earns no larger share of its public
    points than of its hidden ones; a mistake that costs both alike costs once. A part that has no hidden checks goes
    by those of the component, and a component without any by itself. beyond: those that could not be asked.
    """
    of_part, of_component = Shares(part_of), Shares(lambda item: (item.component, ""))
    for item in (item for item in checklist.items if item.id not in beyond):
        of_part.count(item, item.id in earning)
        of_component.count(item, item.id in earning)
    return {
        item.id: of_part.proven(item) if of_part.has_hidden(item) else of_component.proven(item)
        for item in checklist.items
        if not item.hidden
    }


class Shares:
    """Sums of the weights of the checks that earn, of groups of checks: public and hidden ones apart."""

    def __init__(self, key: Callable[[ChecklistItem], tuple[str, str]]) -> None:
        """Prepare sums. key: the group of a check."""
        self.key = key
        self.all: dict[tuple[bool, tuple[str, str]], float] = defaultdict(float)
        self.earning: dict[tuple[bool, tuple[str, str]], float] = defaultdict(float)

    def count(self, item: ChecklistItem, earns: bool) -> None:
        """Add a check."""
        self.all[item.hidden, self.key(item)] += item.weight
        self.earning[item.hidden, self.key(item)] += item.weight * earns

    def has_hidden(self, item: ChecklistItem) -> bool:
        """True if a check's group has hidden checks."""
        return self.all[True, self.key(item)] > 0

    def proven(self, item: ChecklistItem) -> float:
        """Return the share of the hidden checks that earn over that of the public ones: at most 1."""
        public, hidden = (self.share(kind, self.key(item)) for kind in (False, True))
        return min(1.0, hidden / public) if self.has_hidden(item) and public else 1.0

    def share(self, hidden: bool, group: tuple[str, str]) -> float:
        """Return the share of a group's checks that earn; 1 of none."""
        return self.earning[hidden, group] / self.all[hidden, group] if self.all[hidden, group] else 1.0


def score_component(
    items: list[ChecklistItem], checklist: Checklist, verdicts: Verdicts, earned: Mapping[str, float],
    most: Mapping[str, float], substituted: Mapping[str, str],
) -> ComponentResult:  # fmt: skip
    """Return one component's points and checks. earned, most: check id -> points."""
    checks = [
        check_result(item, verdicts[item.id], (earned.get(item.id, 0.0), most[item.id]), substituted.get(item.id, ""))
        for item in items
    ]
    own = [verdicts[item.id] for item in items if not item.expected]
    whole = sum(checklist.pools[pool].points for pool in {item.pool for item in items})
    passed = sum(verdict.status == "pass" for verdict in own)
    points = round(sum(earned.get(item.id, 0.0) for item in items), 4)
    outcomes = [(verdict.check.level, verdict.status) for verdict in own]
    status, levels = judge.status_of(outcomes), judge.count_by_level(outcomes)
    return ComponentResult(status, passed, len(own), points, round(whole, 4), levels, checks)


def check_result(item: ChecklistItem, verdict: Verdict, points: tuple[float, float], substituted: str) -> CheckResult:
    """Return one check's result, its sentences in the language of the rubric. points: earned, and at most."""
    diagnosis = verdict.diagnosis
    return CheckResult(
        id=item.id,
        title=f"{_(verdict.check.case.why)}; {_(verdict.check.scenario.title)}",
        level=verdict.check.level,
        status=verdict.status,
        reason=verdict.reason,
        message=explain_expected(item.expected, verdict) + verdict.message,
        diagnosis={"code": diagnosis.code, "text": sentence(diagnosis.text)} if diagnosis and diagnosis.text else None,
        seconds=round(verdict.seconds, 4),
        points=round(points[0], 6),
        max_points=round(points[1], 6),
        hidden=item.hidden,
        name=item.name,
        helped=substituted,
        xfail=item.expected,
    )


def explain_expected(why: str, verdict: Verdict) -> str:
    """Return what stands before the message of a check that is expected to fail; "" of all others."""
    return f"{messages.expected(why, verdict.status)}\n\n" if why and verdict.status in ("pass", "fail") else ""


def total_points(components: Mapping[str, ComponentResult], rubric: Rubric) -> float:
    """Return the sum of all components' points: of each of the rubric's groups the best."""
    return round(rubric.sum_up({name: component.points for name, component in components.items()}), 2)


def marked_late(late: Late | None, score: float) -> Lateness | None:
    """Return what a submission loses that the platform marks as late, without a time: a day, the least it can be."""
    if late is None:
        return None
    percent = min(late.percent_per_day, late.at_most_percent)
    return Lateness("", late.deadline.isoformat(), 1, percent, round(score * percent / 100, 2))


def lateness(late: Late | None, submitted: str, score: float) -> Lateness | None:
    """Return what a late submission loses; None if it came in time, or if its time is not known."""
    if late is None or not submitted:
        return None
    over = datetime.fromisoformat(submitted) - late.deadline
    if over <= timedelta(minutes=late.grace_minutes):
        return None
    days = ceil(over / timedelta(days=1))
    percent = min(days * late.percent_per_day, late.at_most_percent)
    return Lateness(submitted, late.deadline.isoformat(), days, percent, round(score * percent / 100, 2))
