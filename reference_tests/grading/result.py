"""What grading gives: one Result a submission, and what of it a student may see."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from . import messages

GRADED, UNLOADABLE, FAULT = "graded", "cannot be loaded", "grader error"


@dataclass
class CheckResult:
    """As in verify's JSON, with points."""

    id: str
    title: str
    level: str
    status: str
    reason: str
    message: str
    diagnosis: dict[str, str] | None
    seconds: float
    points: float
    max_points: float
    hidden: bool = False
    name: str = ""  # of a hidden one: what a student is told in place of its id
    helped: str = ""  # it passes only on a right prerequisite: which


@dataclass
class ComponentResult:
    status: str
    passed: int
    total: int
    points: float
    max_points: float
    checks: list[CheckResult]


@dataclass
class Lateness:
    submitted: str
    deadline: str
    days: int
    percent: float
    points: float  # that are taken away


@dataclass
class Result:
    """outcome: "graded" | "cannot be loaded" | "grader error". A grader error has no score."""

    submission: str
    content_hash: str
    outcome: str
    score: float | None
    max_score: float
    isolation: str
    seed: int
    seed_policy: str
    suite_version: str
    rubric_hash: str
    components: dict[str, ComponentResult] = field(default_factory=dict)
    seconds: float = 0.0
    reason: str = ""  # why it could not be loaded or graded
    students: list[dict[str, str]] = field(default_factory=list)
    submitted: str = ""
    late: Lateness | None = None
    notes: list[str] = field(default_factory=list)  # what was left out, or stands in somebody's way
    skipped: list[str] = field(default_factory=list)  # statements that were not run
    restarts: int = 0

    @property
    def key(self) -> tuple[str, ...]:
        """What a run goes on by: equal only where the same would come out."""
        return key(self.submission, self.content_hash, self.suite_version, self.rubric_hash, self.seed)

    def as_line(self) -> dict[str, Any]:
        """Everything, hidden cases too: for who grades."""
        components = {
            name: {**vars(about), "checks": [dict(vars(check)) for check in about.checks]}
            for name, about in self.components.items()
        }
        return {**vars(self), "components": components, "late": vars(self.late) if self.late else None}

    @classmethod
    def from_line(cls, line: Mapping[str, Any]) -> "Result":
        """Raises KeyError or TypeError where it is no such line."""
        known = {f.name for f in fields(cls)}
        result = cls(**{k: v for k, v in line.items() if k in known})
        result.components = {
            name: ComponentResult(**{**about, "checks": [CheckResult(**check) for check in about["checks"]]})
            for name, about in line["components"].items()
        }
        result.late = Lateness(**line["late"]) if line.get("late") else None
        return result

    def as_seen(self) -> dict[str, Any]:
        """What the student may see: no seed, and of hidden checks the name, the points and one fixed sentence."""
        seen = self.as_line()
        for name in ("seed", "seed_policy", "students"):
            del seen[name]
        for about in seen["components"].values():
            about["checks"] = [redact(check) if check["hidden"] else without_name(check) for check in about["checks"]]
        return seen


def key(submission: str, content_hash: str, suite_version: str, rubric_hash: str, seed: int) -> tuple[str, ...]:
    return submission, content_hash, suite_version, rubric_hash, str(seed)


def without_name(check: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in check.items() if k != "name"}


def redact(check: dict[str, Any]) -> dict[str, Any]:
    """A hidden check without anything that its inputs could be told from."""
    passed = check["status"] == "pass"
    return {
        **without_name(check),
        "id": check["name"],
        "title": messages.hidden_title(),
        "status": check["status"] if check["status"] in ("pass", "absent", "not_run") else "fail",
        "reason": "",
        "message": "" if passed else messages.hidden_hint(),
        "diagnosis": None,
        "seconds": 0.0,
    }
