"""A rubric: which components and checks earn how many points. rubric_toml reads one from a file."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import cached_property

from ..errors import UsageError
from ..i18n import N_, _, speaker

# titles of ours: of a rubric without one, and of those that are shipped
TITLES = (N_("A CNN in NumPy"), N_("A CNN in NumPy, layer by layer"), N_("A CNN in NumPy, as in the book"))


class RubricError(UsageError):
    """A rubric that cannot be used. mistakes: one sentence each."""

    def __init__(self, path: str, mistakes: list[str]) -> None:
        self.mistakes = mistakes
        super().__init__("\n  ".join([_("{path} cannot be used:").format(path=path), *mistakes]))


@dataclass(frozen=True)
class Component:
    """The points of one component, and how much of them its hidden cases earn."""

    name: str
    points: float
    hidden_share: float
    drawn: int
    again: tuple[str, ...] = ()  # ids of checks or cases that are repeated with secret numbers
    all_or_nothing: bool = False
    needs: tuple[str, ...] = ()
    bonus: bool = False  # its points come on top of the total


@dataclass(frozen=True)
class Single:
    """The points of one check, or of all parts of one case."""

    id: str
    points: float
    hidden: bool = False
    all_or_nothing: bool = False


@dataclass(frozen=True)
class Late:
    """The deadline, and what each day after it costs."""

    deadline: datetime
    grace_minutes: float = 0
    percent_per_day: float = 0
    at_most_percent: float = 100
    file_times: bool = False


@dataclass(frozen=True)
class Group:
    """Components of which only some count: the `best` ones by their points."""

    name: str
    components: tuple[str, ...]
    best: int


@dataclass(frozen=True)
class Rubric:
    """Everything that a rubric.toml says."""

    title: str
    language: str
    prerequisites: str
    components: tuple[Component, ...]
    checks: tuple[Single, ...] = ()
    late: Late | None = None
    convention: str = ""  # the only interface in which layers are read
    map: tuple[tuple[str, str], ...] = ()  # name of the contract, and what submissions have in its place
    file: str = ""  # name or pattern of the file that is graded where several define the same
    packages: tuple[str, ...] = ()  # that submissions may import besides NumPy and the standard library
    budget: float = 5.0  # seconds of processor time for the large backward of each layer; 0: none is asked
    arrays: str = ""  # what submissions take: NumPy's arrays, or those of another library
    xfail: tuple[tuple[str, str], ...] = ()  # id of a check or case that is expected to fail, and why
    skip: tuple[str, ...] = ()  # ids of checks and cases that are not asked
    groups: tuple[Group, ...] = ()
    names_language: bool = True  # False: the rubric says none, and `language` is the reader's

    @property
    def heading(self) -> str:
        """The title as students read it: one of ours in their language."""
        return speaker(self.language)(self.title) if self.title in TITLES else self.title

    @property
    def max_score(self) -> float:
        """The sum of all points, without bonus, of each group those that count."""
        required = {part.name: part.points for part in self.components if part.name not in self.bonus}
        return round(self.sum_up(required) + sum(one.points for one in self.checks), 4)

    @property
    def bonus(self) -> set[str]:
        """The components whose points come on top of the total."""
        return {part.name for part in self.components if part.bonus}

    def sum_up(self, points: Mapping[str, float]) -> float:
        """Add up components' points: of each group the best."""
        grouped = {name for group in self.groups for name in group.components}
        alone = sum(value for name, value in points.items() if name not in grouped)
        of_groups = (
            sorted((points.get(name, 0.0) for name in g.components), reverse=True)[: g.best] for g in self.groups
        )
        return alone + sum(map(sum, of_groups))

    def cost_of(self, absent: Iterable[str], points: Mapping[str, float]) -> float:
        """Return how many points of the total nobody can have who lacks these components: bonus is none of it.

        points: all components'. Of a group only what its best no longer reach.
        """
        required = {name: value for name, value in points.items() if name not in self.bonus}
        left = {name: value for name, value in required.items() if name not in set(absent)}
        return round(self.sum_up(required) - self.sum_up(left), 4)

    def without(self, ids: Iterable[str]) -> "Rubric":
        """Return the rubric without these components, cases and checks; a component's points go with it."""
        gone = set(ids)
        left = [part for part in self.components if part.name not in gone]
        parts = tuple(replace(part, needs=tuple(need for need in part.needs if need not in gone)) for part in left)
        checks = tuple(one for one in self.checks if not gone & {one.id, one.id.partition("/")[0]})
        return replace(self, components=parts, checks=checks, skip=(*self.skip, *sorted(gone)))

    @cached_property
    def hash(self) -> str:
        """A hash of the rubric's content, not of its spelling: equal for rubrics that give the same points."""
        said = {key: value for key, value in asdict(self).items() if key != "names_language"}
        content = json.dumps(said, sort_keys=True, default=lambda moment: moment.isoformat())
        return hashlib.sha256(content.encode()).hexdigest()[:16]


def all_needs(name: str, needs: Mapping[str, Iterable[str]]) -> list[str]:
    """Return everything that a component needs, directly or not, nearest first. needs: component -> direct needs."""
    reached: list[str] = []
    todo = list(needs.get(name, ()))
    while todo:
        one = todo.pop(0)
        if one not in reached:
            reached.append(one)
            todo += needs.get(one, ())
    return reached
