"""The words of the flow. Data only: no framework, no layer, no pytest."""

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np

Answer = dict[str, np.ndarray]  # "out", "dx", "dW", "db" -> array; a reference may answer only some
LEVELS = ("core", "edge", "advice")
EPS32, EPS64 = (float(np.finfo(kind).eps) for kind in ("float32", "float64"))


@dataclass(frozen=True)
class Op:
    """The contract of one component: how it is called. Argument names are the keys of a case's arrays and params."""

    component: str
    name: str  # the contract's name
    section: str  # the book's
    args: tuple[str, ...]  # of the function, or of forward
    make: tuple[str, ...] | None = None  # of the constructor; None: a plain function
    grads: Mapping[str, str] = field(default_factory=dict)  # "dx": "backward()", "dW": "dW"
    labels: tuple[str, ...] = ()  # arrays that stay integers
    named: tuple[str, ...] = ()  # arguments passed by keyword
    upstream: float | None = None  # what backward is called with; None: drawn
    advice: tuple[str, ...] = ()  # manners that are only advice for this layer
    without: tuple[str, ...] = ()  # manners that mean nothing for this layer
    may_write: tuple[str, ...] = ()  # inputs whose change is only advice, and looked at by a manner of the layer's own


@dataclass(frozen=True)
class Question:
    """One case with its numbers drawn: what every reference and the subject are asked."""

    op: Op
    arrays: dict[str, np.ndarray]
    params: dict[str, Any]
    dout: np.ndarray | None = None

    def __getitem__(self, name: str) -> Any:
        return self.arrays[name] if name in self.arrays else self.params[name]

    def but(self, **changes: Any) -> "Question":
        """The same question, changed: how a mistake is put on a reference."""
        dout = changes.pop("dout", self.dout)
        arrays = {k: changes.get(k, v) for k, v in self.arrays.items()}
        return replace(self, dout=dout, arrays=arrays, params={k: changes.get(k, v) for k, v in self.params.items()})

    def cast(self, kind: str) -> "Question":
        """Every array (labels excepted) and the upstream gradient in another type."""
        arrays = {k: a if k in self.op.labels else np.asarray(a, kind) for k, a in self.arrays.items()}
        return self.but(**arrays, dout=None if self.dout is None else np.asarray(self.dout, kind))

    def exact(self) -> "Question":
        """In float64, which is how every reference is asked."""
        return self.cast("f8")

    def key(self) -> bytes:
        """Equal for equal questions: what answers are remembered by."""
        arrays = [*self.arrays.items(), *([] if self.dout is None else [("dout", self.dout)])]
        parts = [f"{k}{a.dtype}{a.shape}".encode() + a.tobytes() for k, a in arrays]
        return b"|".join([self.op.component.encode(), repr(self.params).encode(), *parts])


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
class Plan:
    """A small program for the subject, and what must come out.

    A step is [verb, result, target, args] or [verb, result, target, args, keywords]; verbs are make, call, get,
    write, descend, spread (a call that gives a tuple; its result is a list of names) and, at the beginning, replace
    (the subject's target by what the text in args defines). A target is a name of the subject's or of an object made
    before, with dots for attributes and
    dict keys. Program, given and layout can be sent to another process; nothing else of a plan is.
    """

    program: list[list[Any]]
    given: dict[str, np.ndarray]
    expect: dict[str, tuple[Question, str]]  # result -> (question, name in its answer)
    layout: str = "C"
    keep: tuple[str, ...] = ()  # results that later steps may not change
    eps: float = EPS32


@dataclass
class Stop:
    """Why a program did not reach its end."""

    reason: str  # absent import exception timeout signal memory exit
    step: str
    text: str = ""
    line: str = ""
    refused: bool = False  # the submission's own raise


@dataclass
class Trace:
    """What the subject did."""

    results: dict[str, np.ndarray] = field(default_factory=dict)  # as returned
    left: dict[str, np.ndarray] = field(default_factory=dict)  # the same arrays when the program ended
    inputs: dict[str, np.ndarray] = field(default_factory=dict)  # the given arrays when the program ended
    stop: Stop | None = None


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
class Manner:
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
    """A case in a manner: what one line of the report stands for."""

    case: Case
    manner: Manner
    part: str  # forward, backward, result

    @property
    def id(self) -> str:
        tail = "" if self.part == "result" else f"/{self.part}"
        return self.case.id + tail + ("" if self.manner.id == "plain" else f"/{self.manner.id}")

    @property
    def level(self) -> str:
        own = "advice" if self.manner.id in self.case.op.advice else self.manner.level
        return max(self.case.level, own, key=LEVELS.index)

    @property
    def may_refuse(self) -> bool:
        return "may" in (self.case.refuse, self.manner.refuse)


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


class Subject(Protocol):
    """All that judge knows of the implementation under test."""

    def has(self, name: str) -> bool: ...

    def run(self, plan: Plan) -> Trace: ...


class Fault(Exception):
    """Ours, never the learner's: references disagree, a case cannot be drawn."""
