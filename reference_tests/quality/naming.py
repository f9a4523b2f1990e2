"""The naming rate: the diagnosis must give a mutant's own code, and never the code of another mistake."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..conformance import examination, judge
from ..conformance.diagnosis.match import PAIRS
from ..conformance.types import Verdict
from ..subject.protocol import Plan, Trace
from .detection import plant
from .subjects import InProcessSubject, ready

# codes of observations, not of inferred mistakes: they cannot name the wrong one
SEEN = {
    "exception",
    "name",
    "when",
    "place",
    "type",
    "not-refused",
    "state.changed-input",
    "state.overwritten",
    "state.kept",
    "clipped",
}
SEEN |= {"shape", "axes.squeezed", "state.unsteady", "precision", "scaled", "constant-added", "another-order"}


@dataclass(frozen=True)
class Naming:
    """A diagnosis of one mutant: whether it names the mistake, and which other mistakes it names.

    A mutant that raises an exception has no code; the learner's line and the rule of sizes count as its name, and so
    does that something is kept between calls.
    """

    mutant: str
    rightly: bool
    wrongly: list[str] = field(default_factory=list)
    seconds: float = 0.0  # processor time of the diagnosis of all failures


class Forgetful(InProcessSubject):
    """A mutant in this process that is made anew for every program, with nothing kept of its calls."""

    def __init__(self, made: Callable[[], dict[str, Any]]) -> None:
        super().__init__(made())
        self.made = made

    def run(self, plan: Plan, note: Callable[[int], None] = lambda step: None) -> Trace:
        """Run a program on names that nothing has used."""
        return InProcessSubject(self.made()).run(plan, note)


class Renewable(InProcessSubject):
    """A mutant in this process that can also be had apart."""

    def __init__(self, made: Callable[[], dict[str, Any]]) -> None:
        super().__init__(made())
        self.made = made

    def apart(self) -> Forgetful:
        """Return the mutant as it is while nothing was called."""
        return Forgetful(self.made)


def by_id(mutant: str, again: bool = True) -> Naming:
    """Diagnose the mutant of this id; with again, the diagnosis may run the subject on further questions."""
    one = plant()[mutant]
    subject = Renewable(one.names)
    found = [judge.judge(check, subject, ready=answers) for check, answers in ready(one.component)]
    start = time.process_time()
    examination.name_mistakes(found, subject if again else None, (), PAIRS, None)
    seconds = time.process_time() - start
    failed = [v for v in found if v.status == "fail"]
    bad = [v for v in failed if v.check.level != "advice"] or failed
    given = codes(bad)
    by_line = any(v.diagnosis and v.diagnosis.line and v.diagnosis.rule for v in bad) or "state.kept" in given
    seen = {c for c in given if not SEEN.isdisjoint((c, c.partition(".")[0])) or c.startswith("manner.")}
    wrongly = given - seen - {one.code}
    return Naming(mutant, one.code in given if one.code else by_line, sorted(wrongly), round(seconds, 2))


def codes(bad: list[Verdict]) -> set[str]:
    """Collect the codes of diagnoses that do not merely follow from an earlier step."""
    return {v.diagnosis.code for v in bad if v.diagnosis and not v.diagnosis.follows}
