"""A rubric: which components and checks earn how many points. rubric_toml reads one from a file."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cached_property

from ..errors import UsageError


class RubricError(UsageError):
    """A rubric that cannot be used. mistakes: one sentence each."""

    def __init__(self, path: str, mistakes: list[str]) -> None:
        self.mistakes = mistakes
        super().__init__("\n  ".join([f"{path} cannot be used:", *mistakes]))


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
    arrays: str = ""  # what submissions take: NumPy's arrays, or those of another library

    @property
    def max_score(self) -> float:
        """The sum of all points."""
        return round(sum(part.points for part in self.components) + sum(one.points for one in self.checks), 4)

    @cached_property
    def hash(self) -> str:
        """A hash of the rubric's content, not of its spelling: equal for rubrics that give the same points."""
        content = json.dumps(asdict(self), sort_keys=True, default=lambda moment: moment.isoformat())
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
