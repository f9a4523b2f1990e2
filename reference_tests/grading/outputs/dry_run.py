"""A dry run of a rubric: does a model solution get all points, an empty template none, and can all points be had?"""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ...i18n import _
from .. import messages
from ..checklist import Checklist, make_checklist
from ..executor import Executor
from ..reasons import reasons_of
from ..result import GRADED, ComponentResult, Result
from ..rubric import Rubric
from ..settings import RunSettings
from ..submissions.find import one_submission
from ..submissions.submission import Submission
from .overview import passed_unexpectedly

NEARLY = 0.005  # points that are no difference


@dataclass(frozen=True)
class Tried:
    """What one file gets: its points, and of each component that is not as it should be the points and why."""

    file: str
    outcome: str
    reason: str
    score: float
    components: list[tuple[str, float, float, list[str]]]  # name, points, most points, reasons


@dataclass(frozen=True)
class DryRun:
    """What a dry run has found. warnings: about the rubric itself."""

    title: str
    max_score: float
    model: Tried
    template: Tried | None = None
    warnings: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether the model has all points, the template none, and nothing is to be said of the rubric."""
        full = self.model.outcome == GRADED and self.model.score >= self.max_score - NEARLY
        empty = self.template is None or self.template.score <= NEARLY
        return full and empty and not self.warnings

    def as_json(self) -> dict[str, Any]:
        """Return what was found for --json."""
        return {"schema": 1, **asdict(self), "ok": self.ok}


def try_rubric(settings: RunSettings, model: str, template: str, executor: Executor) -> DryRun:
    """Grade a model solution, and an empty template if there is one; find what the rubric asks for in vain.

    The reasons are in the rubric's language, the warnings in the current one.
    """
    files = [model, template] if template else [model]
    submissions = [one_named(path, f"{number}: {Path(path).name}") for number, path in enumerate(files)]
    results = {result.submission: result for result in executor.run(settings, submissions)}
    found = [results[submission.name] for submission in submissions]
    tried = [tried_as(*one) for one in zip(found, files, (has_lost, has_earned))]
    unearnable = points_of_nothing(make_checklist(settings.rubric, settings.seed))
    warnings = [*absent_in_model(found[0], settings.rubric), *unearnable, *passes_unexpectedly(found[0])]
    of_template = tried[1] if template else None
    return DryRun(settings.rubric.heading, settings.rubric.max_score, tried[0], of_template, warnings)


def one_named(path: str, name: str) -> Submission:
    """Return a file or folder as one submission. The name tells two files of one name apart."""
    made = one_submission(Path(path))
    return Submission(name, made.path)


def has_lost(component: ComponentResult) -> bool:
    """Return whether a component has not all of its points."""
    return component.points < component.max_points - NEARLY


def has_earned(component: ComponentResult) -> bool:
    """Return whether a component has points."""
    return component.points > NEARLY


def tried_as(result: Result, file: str, is_wrong: Callable[[ComponentResult], bool]) -> Tried:
    """Return what a file gets, with the components that are not as they should be."""
    wrong = [
        (name, one.points, one.max_points, reasons_of(one)) for name, one in result.components.items() if is_wrong(one)
    ]
    return Tried(file, result.outcome, result.reason, result.score or 0.0, wrong)


def absent_in_model(result: Result, rubric: Rubric) -> Iterator[str]:
    """Yield a sentence for each component that the model does not define. Bonus, and what need not count, may lack."""
    text = _("{name}: the model does not define it, so {points:g} points are for something that nobody may have")
    free = rubric.bonus
    free |= {name for group in rubric.groups if group.best < len(group.components) for name in group.components}
    for name, one in result.components.items():
        if one.status == "absent" and one.max_points and name not in free:
            yield text.format(name=name, points=one.max_points)


def points_of_nothing(checklist: Checklist) -> Iterator[str]:
    """Yield a sentence for each share of points that no check earns: all are skipped or expected to fail."""
    text = _("{name}: {points:g} points cannot be had, since none of the checks that would earn them is left")
    for id, pool in checklist.pools.items():
        if pool.points and not sum(item.weight for item in checklist.by_pool.get(id, ())):
            yield text.format(name=id, points=pool.points)


def passes_unexpectedly(result: Result) -> Iterator[str]:
    """Yield a sentence for each check that the model passes though the rubric expects it to fail."""
    for id, why in passed_unexpectedly(result):
        yield f"{id} {messages.expected(why, 'pass')}"
