"""The result of grading one submission, and the part of it that a student may see."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from . import messages

GRADED, UNLOADABLE, FAULT, UNREAD = "graded", "cannot be loaded", "grader error", "not read"


@dataclass
class CheckResult:
    """One check's status, message and points. The fields are those of verify's JSON, and the points."""

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
    name: str = ""  # of a hidden check: what a student reads in place of its id
    helped: str = ""  # the prerequisites that were replaced by correct ones before it passed
    xfail: str = ""  # why it is expected to fail, as the rubric says; then it has no points


@dataclass
class ComponentResult:
    """One component's status, points and checks. passed and total count its checks, levels each level of them."""

    status: str
    passed: int
    total: int
    points: float
    max_points: float
    levels: dict[str, dict[str, int]]
    checks: list[CheckResult]
    why: list[str] = field(default_factory=list)  # why public checks are absent or were not run
    shown: list[dict[str, Any]] = field(default_factory=list)  # its failed public checks by cause, as a page shows them


@dataclass
class Lateness:
    """How late a submission came, and what that costs. points: those taken away."""

    submitted: str
    deadline: str
    days: int
    percent: float
    points: float


@dataclass
class Result:
    """The result of one submission.

    outcome: "graded" or "cannot be loaded"; without a score "grader error" or "not read".
    """

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
    marked_late: bool = False  # by the learning platform, which does not say when it came
    notes: list[str] = field(default_factory=list)  # files left out, which of two is graded, what was lent
    code: list[str] = field(default_factory=list)  # a fingerprint of the code, see submissions/similarity.py
    skipped: list[str] = field(default_factory=list)  # statements that were not run
    restarts: int = 0
    killed: bool = False  # its process was killed from outside, as by a system without memory
    timed_out: bool = False  # something of it was, and not because its processor time was over

    @property
    def again(self) -> bool:
        """Whether the submission is to be graded once more, alone: it may be the machine's fault."""
        return self.killed or self.timed_out

    @property
    def key(self) -> tuple[str, ...]:
        """The key of this result: a resumed run keeps a result only if its key is still the same."""
        return key(self.submission, self.content_hash, self.suite_version, self.rubric_hash, self.seed)

    def as_line(self) -> dict[str, Any]:
        """Return everything, hidden checks too, for results.jsonl: the grader's own record."""
        components = {
            name: {**vars(component), "checks": [dict(vars(check)) for check in component.checks]}
            for name, component in self.components.items()
        }
        return {**vars(self), "components": components, "late": vars(self.late) if self.late else None}

    @classmethod
    def from_line(cls, line: Mapping[str, Any]) -> "Result":
        """Rebuild a result from a line of results.jsonl. Raises KeyError or TypeError if it is no such line."""
        names = {f.name for f in fields(cls)}
        result = cls(**{name: value for name, value in line.items() if name in names})
        result.components = {
            name: ComponentResult(**{**component, "checks": [CheckResult(**check) for check in component["checks"]]})
            for name, component in line["components"].items()
        }
        result.late = Lateness(**line["late"]) if line.get("late") else None
        return result

    def for_student(self) -> dict[str, Any]:
        """Return what the student may see: no seed, and of hidden checks how many pass and what they earn together.

        Which of them pass, and how long they take, would tell a submission's author what they ask, bit by bit.
        """
        public = self.as_line()
        for name in ("seed", "seed_policy", "students", "restarts", "killed", "timed_out", "code"):
            del public[name]
        if self.outcome == FAULT:
            public["reason"] = messages.outcome(FAULT)
        for component in public["components"].values():
            hidden = [check for check in component["checks"] if check["hidden"]]
            component["checks"] = [without_name(check) for check in component["checks"] if not check["hidden"]]
            component["hidden"] = count_hidden(hidden)
        public["seconds"] = self.public_seconds()
        return public

    def public_seconds(self) -> float:
        """Return how long the public checks took: a submission could tell what it is asked by how long it takes."""
        checks = (check for component in self.components.values() for check in component.checks)
        return round(sum(check.seconds for check in checks if not check.hidden), 3)


def key(submission: str, content_hash: str, suite_version: str, rubric_hash: str, seed: int) -> tuple[str, ...]:
    """Return the key of a result: two results with equal keys have equal points."""
    return submission, content_hash, suite_version, rubric_hash, str(seed)


def without_name(check: dict[str, Any]) -> dict[str, Any]:
    """Return a check without the name that only hidden checks have."""
    return {field: value for field, value in check.items() if field != "name"}


def count_hidden(checks: list[dict[str, Any]]) -> dict[str, float]:
    """Return how many hidden checks there are and pass, and what they earn together."""
    return {
        "passed": sum(check["status"] == "pass" for check in checks),
        "total": len(checks),
        "points": round(sum(check["points"] for check in checks), 4),
        "max_points": round(sum(check["max_points"] for check in checks), 4),
    }
