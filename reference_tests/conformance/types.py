"""The words of the flow. Data only: no framework, no layer, no pytest."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..subject.protocol import Answer, Op, Plan, Question, Trace

LEVELS = ("core", "edge", "advice")


def normal(rng: np.random.Generator, name: str, shape: tuple[int, ...]) -> np.ndarray:
    return rng.standard_normal(shape)


@dataclass(frozen=True)
class Case:
    """One line of a layer's table."""

    op: Op
    why: str  # the mistake it catches; also its id
    shapes: dict[str, tuple[int, ...]]
    params: dict[str, Any] = field(default_factory=dict)
    level: str = "core"
    refuse: str = "no"  # "may": the right answer, or a refusal
    draw: Callable[[np.random.Generator, str, tuple[int, ...]], np.ndarray] = normal
    rule: Callable[[Question, "Trace"], "Problem | None"] | None = None  # where more than one answer is right
    dout: Any = None  # a given upstream gradient; None: drawn
    seed: int = 0  # 0: public numbers; grading draws others

    @classmethod
    def of(cls, op: Op, why: str, arrays: dict[str, np.ndarray], params: dict[str, Any], dout: Any, **more) -> "Case":
        """A case whose numbers are given, not drawn."""
        shapes = {k: np.shape(a) for k, a in arrays.items()}
        return cls(op, why, shapes, params, draw=lambda rng, name, shape: np.array(arrays[name]), dout=dout, **more)

    @property
    def id(self) -> str:
        tail = f"@{self.seed}" if self.seed else ""
        return f"{self.op.component}/{self.why.replace(' ', '-')}{tail}"

    def rng(self, what: str) -> np.random.Generator:
        """The same numbers on every machine and in any order: seeded by the case's own id."""
        return np.random.default_rng([zlib.crc32(f"{self.op.component}/{self.why}/{what}".encode()), self.seed])

    def question(self, turn: str = "") -> Question:
        arrays = {k: self.draw(self.rng(k + turn), k, s) for k, s in self.shapes.items()}
        return Question(self.op, arrays, self.params)


@dataclass(frozen=True)
class Problem:
    kind: str  # values shape type changed-input overwritten stopped not-refused
    what: str
    got: Any = None
    want: Any = None
    allowed: Any = None
    note: str = ""
    code: str = ""  # of the mistake that a rule itself has seen


@dataclass(frozen=True)
class Scenario:
    """How a layer may be used: turns a case into a program."""

    id: str
    title: str
    plan: Callable[[Case, str], Plan]
    level: str = "core"
    refuse: str = "no"
    parts: tuple[str, ...] = ("forward", "backward", "result")
    mistakes: tuple["Mistake", ...] = ()
    rule: Callable[[Plan, Trace], Problem | None] | None = None  # in place of comparing


@dataclass(frozen=True)
class Check:
    """A case in a scenario: what one line of the report stands for."""

    case: Case
    scenario: Scenario
    part: str  # forward, backward, result

    @property
    def id(self) -> str:
        tail = "" if self.part == "result" else f"/{self.part}"
        return self.case.id + tail + ("" if self.scenario.id == "plain" else f"/{self.scenario.id}")

    @property
    def level(self) -> str:
        own = "advice" if self.scenario.id in self.case.op.advice else self.scenario.level
        return max(self.case.level, own, key=LEVELS.index)

    @property
    def may_refuse(self) -> bool:
        return "may" in (self.case.refuse, self.scenario.refuse)


@dataclass
class Verdict:
    check: Check
    status: str  # pass fail absent error not_run
    reason: str = ""
    problems: list[Problem] = field(default_factory=list)
    message: str = ""
    diagnosis: Any = None
    seconds: float = 0.0


@dataclass(frozen=True)
class Mistake:
    """A known mistake, as a change of what a reference answers."""

    code: str
    text: str
    answer: Callable[..., Answer | None]  # (ask, question); history mistakes: (ask, question before, this one)
    repair: str = ""
