"""Mistakes named: the diagnosis gives a mutant's own code, and never a code of something else."""

import time
from dataclasses import dataclass, field

from ..conformance import judge
from ..conformance.types import Verdict
from .detection import plant
from .subjects import Replacing, ready

# what is said is seen, not inferred: it is no name of a mistake that could be the wrong one
SEEN = {"exception", "name", "when", "place", "type", "not-refused", "state.changed-input", "state.overwritten"}
SEEN |= {"axes.squeezed", "state.unsteady", "precision", "scaled", "constant-added", "another-order"}


@dataclass(frozen=True)
class Naming:
    """rightly: with the mutant's code, or by the learner's line and when it comes. wrongly: codes of other mistakes."""

    mutant: str
    rightly: bool
    wrongly: list[str] = field(default_factory=list)
    seconds: float = 0.0  # of the processor, for the diagnosis of all failures


def by_id(mutant: str, again: bool = True) -> Naming:
    """again: the subject may be asked once more, for what is shown besides."""
    one = plant()[mutant]
    subject = Replacing(one.names())
    found = [judge.judge(check, subject, ready=answers) for check, answers in ready(one.component)]
    start = time.process_time()
    judge.explain(found, subject if again else None)
    seconds = time.process_time() - start
    failed = [v for v in found if v.status == "fail"]
    bad = [v for v in failed if v.check.level != "advice"] or failed
    given = codes(bad)
    by_line = any(v.diagnosis and v.diagnosis.line and v.diagnosis.rule for v in bad)
    wrongly = {c for c in given if c != one.code and c not in SEEN and not c.startswith("manner.")}
    return Naming(mutant, one.code in given if one.code else by_line, sorted(wrongly), round(seconds, 2))


def codes(bad: list[Verdict]) -> set[str]:
    """Of what is not only said to follow from an earlier step."""
    return {v.diagnosis.code for v in bad if v.diagnosis and not v.diagnosis.follows}
