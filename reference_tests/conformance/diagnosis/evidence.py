"""What is shown of a failure besides its name: the smallest case that is wrong, the rule when it is, the wiring."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ...i18n import _
from ...subject.protocol import Subject, Trace
from ..contract import layer
from ..scenarios import draw_question
from ..tolerance import largest
from ..types import Verdict
from .index_map import index_map
from .minimize import ENDS, find_rule, first_wrong, outcome_table, sizes
from .network import STAGES as NETWORK
from .result import Diagnosis

LISTED = 3  # cases named
FEW = 3  # checks of a network's stage: all of its checks say more
PARTS = ("result", "forward", "backward")
UNSTEADY = "state.unsteady"


def add_evidence(bad: list[Verdict], verdicts: list[Verdict], subject: Subject) -> None:
    """The rule goes to all of the earliest wrong stage, the smallest case and the wiring to its first."""
    if any(v.reason in ENDS for v in bad):  # asking again takes as long again
        return
    stage, whole = earliest_stage(bad, verdicts)
    if not stage:
        return
    first, component = stage[0], stage[0].check.case.op.component
    if not (component == "simple_conv_net" and first.diagnosis) and is_unsteady(first, subject):
        text = _("the same calls give another answer when they are repeated: something is kept, or is random")
        repair = _("look for globals, class attributes, default arguments and buffers that are written into")
        names = {m.code for m in layer(component).MISTAKES}
        for v in stage:
            if not v.diagnosis or v.diagnosis.code not in names:
                v.diagnosis = Diagnosis(UNSTEADY, text, repair)
        return
    part = first.check.part
    small = first_wrong(component, part, subject) if sizes(component) else None
    told = (find_rule(outcome_table(component, part, subject)) if small else "") or wrong_cases(stage, whole)
    for v in stage:
        v.diagnosis = replace(v.diagnosis, rule=told) if v.diagnosis else rule_only(told)
    if component == "simple_conv_net":
        return
    small = small or smallest_failure(stage)
    wiring = None if small.check.case.rule else index_map(component, part, draw_question(small.check.case), subject)
    if small is not first or wiring:
        found = first.diagnosis or Diagnosis("", "")
        first.diagnosis = replace(found, smallest=small if small is not first else None, wiring=wiring)


def earliest_stage(bad: list[Verdict], verdicts: list[Verdict]) -> tuple[list[Verdict], list[Verdict]]:
    """The wrong verdicts of the earliest wrong stage, and all verdicts of that stage."""
    if bad[0].check.case.op.component == "simple_conv_net":
        groups = [[v for v in verdicts if v.check.scenario.id in scenarios] for scenarios in NETWORK]
        groups = [group if len(group) > FEW else verdicts if any(v in bad for v in group) else [] for group in groups]
    else:
        plain = [v for v in verdicts if v.check.scenario.id == "plain"]
        groups = [[v for v in plain if v.check.part == part] for part in PARTS]
    for group in groups:
        stage = [v for v in group if v in bad]
        if stage:
            return stage, group
    return [], []


def is_unsteady(v: Verdict, subject: Subject) -> bool:
    """Whether the same program gives two answers."""
    plan = v.check.scenario.plan(v.check.case, v.check.part)
    return not alike(subject.run(plan), subject.run(plan))


def alike(a: Trace, b: Trace) -> bool:
    """The same to rounding: a product may be added up in another order the next time."""
    if bool(a.stop) != bool(b.stop) or a.results.keys() != b.results.keys():
        return False
    return all(near(a.results[k], b.results[k]) for k in a.results)


def near(a: np.ndarray, b: np.ndarray) -> bool:
    if a.dtype.kind not in "biuf" or b.dtype.kind not in "biuf":
        return True
    a, b = a.astype("f8"), b.astype("f8")
    return a.shape == b.shape and bool(np.allclose(a, b, 1e-5, 1e-6 * largest(a), equal_nan=True))


def rule_only(told: str) -> Diagnosis | None:
    return Diagnosis("when", told) if told else None


def wrong_cases(stage: Sequence[Verdict], whole: Sequence[Verdict]) -> str:
    """In which cases of the table, where not in all: the wrong ones, or the right ones where they are fewer."""
    judged = [v for v in whole if v.status in ("pass", "fail")]
    if len(stage) == len(judged):
        return _("wrong in all of {n} cases").format(n=len(judged)) if len(judged) > 2 else ""
    right = [v for v in judged if v.status == "pass"]
    fewer, text = stage, _("wrong only in {few} of {n} cases: {cases}")
    if len(right) < len(stage):
        fewer, text = right, _("right only in {few} of {n} cases: {cases}")
    whys = list(dict.fromkeys(_(v.check.case.why) for v in fewer))
    more = _(" and {n} more").format(n=len(whys) - LISTED) if len(whys) > LISTED else ""
    return text.format(few=len(fewer), n=len(judged), cases=", ".join(whys[:LISTED]) + more)


def smallest_failure(stage: Sequence[Verdict]) -> Verdict:
    """The failing case with the fewest numbers."""
    return min(stage, key=lambda v: sum(a.size for a in v.check.case.question().arrays.values()))
