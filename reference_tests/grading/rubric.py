"""What earns how many points. Read from a rubric.toml by rubric_file."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cached_property

from ..errors import UsageError


class RubricError(UsageError):
    """mistakes: one sentence each."""

    def __init__(self, path: str, mistakes: list[str]) -> None:
        self.mistakes = mistakes
        super().__init__("\n  ".join([f"{path} cannot be used:", *mistakes]))


@dataclass(frozen=True)
class Component:
    name: str
    points: float
    hidden_share: float
    drawn: int
    again: tuple[str, ...] = ()  # ids of checks or cases, asked again with secret numbers
    all_or_nothing: bool = False
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Single:
    """Points of one check, or of all parts of one case."""

    id: str
    points: float
    hidden: bool = False
    all_or_nothing: bool = False


@dataclass(frozen=True)
class Late:
    deadline: datetime
    grace_minutes: float = 0
    percent_per_day: float = 0
    at_most_percent: float = 100
    file_times: bool = False


@dataclass(frozen=True)
class Rubric:
    title: str
    language: str
    prerequisites: str
    components: tuple[Component, ...]
    checks: tuple[Single, ...] = ()
    late: Late | None = None

    @property
    def max_score(self) -> float:
        return round(sum(part.points for part in self.components) + sum(one.points for one in self.checks), 4)

    @cached_property
    def hash(self) -> str:
        """Equal where points would be: of what it says, not of how it is written."""
        said = json.dumps(asdict(self), sort_keys=True, default=lambda when: when.isoformat())
        return hashlib.sha256(said.encode()).hexdigest()[:16]
