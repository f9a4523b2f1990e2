"""The data types of the flow: cases, scenarios, checks, verdicts, mistakes, diagnoses. No framework, no layer."""

import math
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np

from ..subject.protocol import Answer, Interface, Op, Plan, Question, Returned, Trace

LEVELS = ("core", "edge", "advice")
MEAN = -0.4  # of numbers that are spread out
NORMAL = NormalDist(MEAN)
NEAR, LEAST = 0.1, 0.02  # what is near 0, and how near it a spread out number comes
MANY = 8  # numbers, of which one may be that small
# no exception is right; one that the subject raises itself; the same, and any other is only told; any, NumPy's too
REFUSALS = ("no", "may", "told", "any")
Shape = tuple[int, ...]
Draw = Callable[[np.random.Generator, str, Shape], np.ndarray]  # (generator, array's name, shape) -> its numbers


def normal(rng: np.random.Generator, name: str, shape: Shape) -> np.ndarray:
    """Draw independent standard normal numbers."""
    return rng.standard_normal(shape)


class SpreadGenerator(np.random.Generator):
    """A generator whose normal numbers are spread out: small and large ones are there under every seed."""

    def standard_normal(self, size: Any = None, *dtype: Any, **more: Any) -> Any:
        """Draw normal numbers around MEAN, one from each of as many equally likely ranges.

        In each channel of an image (in each row of a matrix) as well, so that none is all negative by chance. The mean
        keeps sums from being nearly 0, which would hide a small mistake. None is nearer to 0 than LEAST, and one of
        each sign is as near where there are many: whether a threshold is seen does not hang on the numbers.
        """
        shape = (size,) if isinstance(size, int) else tuple(size or ())
        count = math.prod(shape)
        inner = math.prod(shape[-2:] if len(shape) > 2 else shape[-1:])
        outer = count // max(inner, 1)
        ranks = np.arange(count).reshape(outer, inner)  # of one plane, in which there is nothing to permute
        if outer > 1:
            ranks = np.array([self.permutation(outer) + outer * k for k in range(inner)]).reshape(inner, outer).T
        places = (self.permuted(ranks, axis=1).ravel() + self.uniform(0.4, 0.6, count)) / max(count, 1)
        return kept_from_zero(np.array([NORMAL.inv_cdf(place) for place in places])).reshape(shape)


def kept_from_zero(x: np.ndarray) -> np.ndarray:
    """Move the numbers near 0 away from it in their order, the nearest of each sign to LEAST."""
    x = np.where(np.abs(x) < NEAR, np.sign(x) * (LEAST + (1 - LEAST / NEAR) * np.abs(x)), x)
    for sign in (1, -1):
        own = np.flatnonzero(sign * x > 0)
        if own.size and x.size >= MANY:
            x[own[np.argmin(np.abs(x[own]))]] = sign * LEAST
    return x


@dataclass(frozen=True)
class Case:
    """One line of a layer's table: the sizes and numbers of one question."""

    op: Op
    why: str  # what it requires; its id is made of it
    shapes: dict[str, Shape]
    params: dict[str, Any] = field(default_factory=dict)
    level: str = "core"
    refuse: str = "no"  # which exception is right besides the answer: one of REFUSALS
    draw: Draw = normal
    rule: Callable[[Question, Trace], "Problem | None"] | None = None  # where more than one answer is right
    dout: Any = None  # a given upstream gradient; None: drawn
    seed: int = 0  # 0: public numbers; grading draws others
    spread: bool = False  # its normal numbers are spread out
    by_place: bool = False  # each number is bounded by the size of its own terms, not by that of the largest
    missing: str = (
        ""  # what to say where all such cases stop and the others are right: a part of the layer is not there
    )
    number: int | None = None  # what its random numbers are drawn by; None: worked out from the id
    resize: "Callable[[Callable[[Any], Any]], Case] | None" = field(default=None, compare=False, repr=False)  # strata

    @classmethod
    def of(
        cls, op: Op, why: str, arrays: dict[str, np.ndarray], params: dict[str, Any], dout: Any, **more: Any
    ) -> "Case":
        """Make a case whose numbers are given, not drawn."""
        shapes = {k: np.shape(a) for k, a in arrays.items()}
        return cls(op, why, shapes, params, draw=lambda rng, name, shape: np.array(arrays[name]), dout=dout, **more)

    @property
    def id(self) -> str:
        """The component and the requirement, with hyphens for blanks; the seed unless it is the public one."""
        tail = f"@{self.seed}" if self.seed else ""
        words = re.sub("[,']", "", self.why).replace(" ", "-")
        return f"{self.op.component}/{words}{tail}"

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "resize": None}  # a function of its table's, which cannot be pickled

    def rng(self, purpose: str) -> np.random.Generator:
        """Make a generator of the case's own: the same on every machine, in any order, under any wording."""
        number = zlib.crc32(f"{self.op.component}/{self.why}/".encode()) if self.number is None else self.number
        bits = np.random.PCG64([zlib.crc32(purpose.encode(), number), self.seed])
        return SpreadGenerator(bits) if self.spread else np.random.Generator(bits)

    def upstream(self, turn: str, shape: Shape) -> np.ndarray:
        """Draw the upstream gradient: normal numbers."""
        return normal(self.rng("dout" + turn), "dout", shape)

    def question(self, turn: str = "") -> Question:
        """Draw the arrays. turn: a suffix that gives other numbers, for a second batch."""
        arrays = {k: self.draw(self.rng(k + turn), k, s) for k, s in self.shapes.items()}
        return Question(self.op, arrays, self.params)


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a subject's answer."""

    kind: str  # values shape type changed-input overwritten stopped not-refused
    what: str  # the name of the result
    got: Any = None
    want: Any = None
    allowed: Any = None  # the largest difference that rounding may make, for each number
    note: str = ""
    code: str = ""  # of the mistake that a rule itself has recognized
    returned: Returned | None = None  # what came in place of an array


@dataclass(frozen=True)
class Scenario:
    """How a layer may be used. It turns a case into a program."""

    id: str
    title: str
    plan: Callable[[Case, str], Plan]
    level: str = "core"
    refuse: str = "no"
    parts: tuple[str, ...] = ("forward", "backward", "result")
    mistakes: tuple["Mistake", ...] = ()
    rule: Callable[[Plan, Trace], Problem | None] | None = None  # in place of comparing
    before: Callable[[Question], Question] = lambda q: q  # what the call before was asked, of what it would be
    earlier: tuple[Callable[[Question], Question], ...] = ()  # what the calls before that one were asked
    partners: tuple[Case, ...] = field(default=(), compare=False)  # the other layers that are used beside it


@dataclass(frozen=True)
class Check:
    """A case in a scenario: what one line of the report stands for."""

    case: Case
    scenario: Scenario
    part: str  # forward, backward, result
    budget: float = 0.0  # seconds of processor time that it may take; 0: the limit of all programs
    slack: float = 1.0  # how many times the error that rounding may make is allowed

    @cached_property
    def id(self) -> str:
        """The case's id, then the part, then the scenario unless it is the plain one."""
        return self.id_of(self.case.id)

    def id_of(self, case_id: str) -> str:
        """Return the id of the same check of another case."""
        tail = "" if self.part == "result" else f"/{self.part}"
        return case_id + tail + ("" if self.scenario.id == "plain" else f"/{self.scenario.id}")

    @cached_property
    def level(self) -> str:
        """The mildest of the case's level and the scenario's: core, edge or advice."""
        op, scenario = self.case.op, self.scenario
        own = "advice" if scenario.id in op.advice else "edge" if scenario.id in op.edge else "core"
        return max(self.case.level, scenario.level, own, key=LEVELS.index)

    @cached_property
    def refuse(self) -> str:
        """Which exception is right besides the answer: the mildest of the case's and the scenario's rule."""
        return max(self.case.refuse, self.scenario.refuse, key=REFUSALS.index)

    def as_advice(self) -> "Check":
        """Return the same check as advice: what it counts as where an outcome of it is only told."""
        return replace(self, case=replace(self.case, level="advice"))

    @property
    def is_evidence(self) -> bool:
        """Whether its outcome says anything of other checks. Advice never does."""
        return self.level != "advice"

    @property
    def is_about_nothing(self) -> bool:
        """Whether it asks for what nobody uses, such as a batch of no images: no name is looked for in its answer."""
        return self.refuse == "any" and not self.is_evidence


class RightAnswer(NamedTuple):
    """What is right, and for each number how far from it rounding may lead."""

    want: np.ndarray
    allowed: np.ndarray


class PreparedCheck(NamedTuple):
    """A check worked out before any subject is asked. It can be used for many subjects."""

    plan: Plan
    expected: dict[str, RightAnswer]  # result -> what is right


@dataclass(frozen=True)
class Bound:
    """Where a layer begins to be wrong, as its answers have shown, and where its code names a number there.

    counted: what the numbers are of, as thresholds.sizes has it; "" for the numbers of x and dout. right, wrong: of the
    largest right and the smallest wrong case. place: "" where the code names no such number. kept: a first call is
    right there, and a later one wrong.
    """

    counted: str
    right: float
    wrong: float
    place: str = ""
    number: float = 0.0
    kept: bool = False


@dataclass(eq=False)
class Verdict:
    """A check's outcome, with what it is about.

    plan, trace and expected are what the subject was asked, what it did and what was right. A verdict that passes
    keeps its plan alone. Pickling leaves all three out: what is sent or stored is the outcome.
    """

    check: Check
    status: str  # pass fail absent unread beyond error not_run
    reason: str = ""
    problems: list[Problem] = field(default_factory=list)
    message: str = ""
    diagnosis: "Diagnosis | None" = None
    undiagnosed: str = ""  # the fault of ours at which the diagnosis of its component stopped
    seconds: float = 0.0
    bound: Bound | None = None  # of a case around a number that the code names
    interface: Interface | None = field(default=None, repr=False)  # in which the subject offers the layer, if not ours
    plan: Plan | None = field(default=None, repr=False)  # None: the subject was not asked
    trace: Trace | None = field(default=None, repr=False)
    expected: dict[str, RightAnswer] | None = field(default=None, repr=False)
    asked: Case | None = field(default=None, repr=False)  # the case with the sizes of the wrong call, of several calls

    @property
    def question(self) -> Question | None:
        """The first question of the plan; None where the subject was not asked, or nothing is to be compared."""
        return next((q for q, _ in self.plan.expect.values()), None) if self.plan else None

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "plan": None, "trace": None, "expected": None}


@dataclass(frozen=True)
class Mistake:
    """A known mistake, as a change of what a reference answers."""

    code: str
    text: str
    answer: Callable[..., Answer | None]  # (ask, question); state mistakes: (ask, question before, this one)
    repair: str = ""
    alone: bool = False  # it is never looked for as one of two mistakes together


Cell = tuple[str, ...]  # where one number comes from: names of inputs; () from none, ("?",) from an unknown one


@dataclass(frozen=True)
class IndexMap:
    """A table of which input each output comes from: one row an output, one column a place of its window."""

    title: str
    rows: tuple[str, ...]  # names of the rows
    columns: tuple[str, ...]
    got: tuple[tuple[Cell, ...], ...]
    want: tuple[tuple[Cell, ...], ...]

    def wrong(self, row: int, column: int) -> bool:
        """Whether this cell is not as it should be."""
        return self.got[row][column] != self.want[row][column]


@dataclass(frozen=True)
class Diagnosis:
    """The name of a mistake and the evidence for it; never a guess. A sentence that is empty is not known."""

    code: str
    text: str
    repair: str = ""  # in words, not the solution
    section: str = ""  # the book's
    only: str = ""  # the cases in which the subject is right in spite of the mistake, with commas between
    rule: str = ""  # wrong only when ...
    line: str = ""  # the learner's own, where an exception came from
    sizes: str = ""  # which sizes the numbers in an exception's message are
    cause: str = ""  # the components whose mistake it is; or (the code says so) that were replaced when it was found
    follows: bool = False  # it was found in an earlier step; that this failure comes from it is likely, not proved
    again: str | None = None  # the options of verify that show it again; None: --case and its id
    smallest: Verdict | None = field(default=None, compare=False)  # the smallest case that is wrong
    after: Verdict | None = field(default=None, compare=False)  # a call before it without which it is right
    index_map: IndexMap | None = field(default=None, compare=False)
