"""Verdicts -> points. Every check begins as not run, which earns nothing; only a pass, found in our process, earns."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from math import ceil

from ..conformance import judge
from ..conformance.types import Verdict
from ..i18n import _
from .checklist import Checklist, ChecklistItem, PointPool
from .result import CheckResult, ComponentResult, Lateness
from .rubric import Late

ScoredCheck = dict[str, Verdict]  # id -> verdict


def unasked(paper: Checklist) -> ScoredCheck:
    return {item.id: Verdict(item.check, "not_run", "not-reached") for item in paper.items}


def components(paper: Checklist, found: ScoredCheck, helped: dict[str, str]) -> dict[str, ComponentResult]:
    """helped: id -> the right prerequisites that it passed on."""
    earning = earned(paper, found)
    points = {item.id: share for pool in paper.pools.values() for item, share in shared(pool, paper, earning)}
    return {name: component(paper.of(name), paper, found, points, helped) for name in paper.components}


def earned(paper: Checklist, found: ScoredCheck) -> set[str]:
    """A pass earns. A refusal, or good manners, only where the layer gives a right answer to some plain case; and what
    is public only where some hidden case passes too: public answers can be learned by heart."""
    passed = [item for item in paper.items if found[item.id].status == "pass" and item.check.level != "advice"]
    answered = [item for item in passed if found[item.id].reason != "refused"]
    right, proven = CheckIndex(filter(plain, answered)), CheckIndex(item for item in answered if item.hidden)
    asked, secret = CheckIndex(filter(plain, paper.items)), CheckIndex(item for item in paper.items if item.hidden)
    return {item.id for item in passed if right.has(item, asked) and (item.hidden or proven.has(item, secret))}


class CheckIndex:
    """Components, and parts of them."""

    def __init__(self, items: Iterable[ChecklistItem]) -> None:
        self.parts = {place_of(item) for item in items}
        self.components = {component for component, _ in self.parts}

    def has(self, item: ChecklistItem, asked: "CheckIndex") -> bool:
        """The item's part is among these; its component, where the part was not asked; true where neither was."""
        if place_of(item) in asked.parts:
            return place_of(item) in self.parts
        return item.component in self.components or item.component not in asked.components


def plain(item: ChecklistItem) -> bool:
    return item.check.scenario.id == "plain" and not item.hidden


def place_of(item: ChecklistItem) -> tuple[str, str]:
    return item.component, item.check.part


def shared(pool: PointPool, paper: Checklist, earning: set[str]) -> Iterable[tuple[ChecklistItem, float]]:
    """What each check of a pool earns: an equal share, or nothing unless all of them do."""
    members = paper.by_pool.get(pool.id, [])
    if pool.all_or_nothing and any(item.id not in earning for item in members):
        return [(item, 0.0) for item in members]
    return [(item, pool.points / len(members) if item.id in earning else 0.0) for item in members]


def component(
    items: list[ChecklistItem], paper: Checklist, found: ScoredCheck, points: dict[str, float], helped: dict[str, str]
) -> ComponentResult:
    checks = [of_check(item, found[item.id], paper, points[item.id], helped.get(item.id, "")) for item in items]
    verdicts = [found[item.id] for item in items]
    most = sum(paper.pools[pool].points for pool in {item.pool for item in items})
    passed = sum(v.status == "pass" for v in verdicts)
    own = round(sum(points[item.id] for item in items), 4)
    return ComponentResult(judge.component_status(verdicts), passed, len(verdicts), own, round(most, 4), checks)


def of_check(item: ChecklistItem, v: Verdict, paper: Checklist, points: float, helped: str) -> CheckResult:
    most = paper.pools[item.pool].points / len(paper.by_pool[item.pool])
    about = {"code": v.diagnosis.code, "text": _(v.diagnosis.text)} if v.diagnosis else None
    title = f"{_(v.check.case.why)}; {_(v.check.scenario.title)}"
    said = (item.id, title, v.check.level, v.status, v.reason, v.message, about, round(v.seconds, 4))
    return CheckResult(*said, round(points, 6), round(most, 6), item.hidden, item.name, helped)


def total(of: dict[str, ComponentResult]) -> float:
    return round(sum(one.points for one in of.values()), 2)


def faults(found: ScoredCheck) -> list[str]:
    """What is ours: no student's zero comes from it."""
    return [f"{id}: {v.reason}" for id, v in found.items() if v.status == "error"]


def lateness(late: Late | None, submitted: str, score: float) -> Lateness | None:
    """None: in time, or nobody knows when it came."""
    if late is None or not submitted:
        return None
    over = datetime.fromisoformat(submitted) - late.deadline
    if over <= timedelta(minutes=late.grace_minutes):
        return None
    days = ceil(over / timedelta(days=1))
    percent = min(days * late.percent_per_day, late.at_most_percent)
    return Lateness(submitted, late.deadline.isoformat(), days, percent, round(score * percent / 100, 2))
