"""What is shown of a failure besides its name: the smallest case that is wrong, the rule when it is, the wiring."""

from collections.abc import Iterable
from dataclasses import replace

from .diagnosis import Diagnosis
from .language import _
from .manners import asked
from .smallest import ENDS, drawn_table, first_wrong, rule, sizes
from .types import Subject, Verdict
from .wiring import wired

LISTED = 3  # cases named
PARTS = ("result", "forward", "backward")


def shown(bad: list[Verdict], verdicts: list[Verdict], subject: Subject) -> None:
    """The rule goes to all of the earliest wrong stage, the smallest case and the wiring to its first."""
    if any(v.reason in ENDS for v in bad):  # asking again takes as long again
        return
    plain = [v for v in bad if v.check.manner.id == "plain"]
    part = next((p for p in PARTS if any(v.check.part == p for v in plain)), None)
    if part is None:
        return
    stage = [v for v in plain if v.check.part == part]
    component = stage[0].check.case.op.component
    small = first_wrong(component, part, subject) if sizes(component) else None
    told = rule(drawn_table(component, part, subject)) if small else ""
    told = told or by_cases(stage, [v for v in verdicts if v.check.manner.id == "plain" and v.check.part == part])
    small = small or smallest_of(stage)
    q = asked(small.check.case) if small and small.check.case.rule is None else None
    wiring = wired(component, part, q, subject) if q else None
    for v in stage:
        v.diagnosis = replace(v.diagnosis, rule=told) if v.diagnosis else by_rule(told)
    first = stage[0]
    if small is not first or wiring:
        first.diagnosis = replace(
            first.diagnosis or Diagnosis("", ""), smallest=small if small is not first else None, wiring=wiring
        )


def by_rule(told: str) -> Diagnosis | None:
    return Diagnosis("when", told) if told else None


def by_cases(stage: list[Verdict], all_of_it: list[Verdict]) -> str:
    """In which cases of the table, where not in all."""
    asked = [v for v in all_of_it if v.status in ("pass", "fail")]
    whys = list(dict.fromkeys(_(v.check.case.why) for v in stage))
    if not stage or len(stage) == len(asked):
        return _("wrong in all of {n} cases").format(n=len(asked)) if len(asked) > 2 else ""
    text = _("wrong in {bad} of {n} cases only: {cases}")
    more = _(" and {n} more").format(n=len(whys) - LISTED) if len(whys) > LISTED else ""
    return text.format(bad=len(stage), n=len(asked), cases=", ".join(whys[:LISTED]) + more)


def smallest_of(stage: Iterable[Verdict]) -> Verdict:
    """The failing case with the fewest numbers."""
    return min(stage, key=lambda v: sum(a.size for a in v.check.case.question().arrays.values()))
