"""What is a component's mistake? Named for all its verdicts together, by what they know; never a guess.

Known mistakes first (alone, then two together), then what the wrong numbers look like, then where they stand.
"""

from collections.abc import Callable, Collection
from dataclasses import replace

from ...subject.protocol import Subject
from ..contract import layer
from ..types import Verdict
from . import network
from .assign import STAGES, assign, explain_stage, in_scenario, mistake_from_rules
from .evidence import add_evidence
from .exceptions import exception_names
from .match import forget
from .prerequisites import Unexplained, blame_prerequisites
from .state import name_by_history, name_of_scenario, name_overwriting


def diagnose(
    verdicts: list[Verdict],
    subject: Subject | None = None,
    wrong: Collection[str] = (),
    judge: Callable[..., Verdict] | None = None,
) -> None:
    """Verdicts of one component. subject: None where nothing may be run. wrong: other components that fail."""
    failed = [v for v in verdicts if v.status == "fail"]
    if not failed:
        return
    forget()
    op = failed[0].check.case.op
    there = subject if subject is not None and subject.has(op.name) else None
    bad = [v for v in failed if v.check.level != "advice"]
    rest = (
        blame_prerequisites(op.component, bad, wrong, there, judge)
        if there and judge
        else Unexplained(bad, bad, subject=there)
    )
    if rest.own:
        told = [v for v in verdicts if v.status == "pass"] + rest.then if rest.names else verdicts
        assign_names(rest.then, told, rest.subject)
        if rest.subject:
            add_evidence(rest.then, told, rest.subject)
        for v, then in zip(rest.own, rest.then):
            v.diagnosis = replace(then.diagnosis, cause=", ".join(rest.names)) if then.diagnosis else None
    diagnose_advice([v for v in failed if v.check.level == "advice"], bad)
    for v in failed:
        if v.diagnosis:
            v.diagnosis = replace(v.diagnosis, section=op.section)


def assign_names(bad: list[Verdict], verdicts: list[Verdict], subject: Subject | None) -> None:
    """Each of them gets its diagnosis, or None."""
    component = bad[0].check.case.op.component
    known = layer(component).MISTAKES
    told = mistake_from_rules(known, bad)
    if component == "simple_conv_net":
        network.assign_names(bad, verdicts, subject)
    elif told:
        assign(told, bad, bad)
    else:
        plain = [v for v in verdicts if v.check.scenario.id == "plain"]
        for parts in STAGES:
            mine = [v for v in plain if v.check.part in parts and v in bad]
            if mine:
                found = explain_stage(known, mine, plain)
                if not found:  # what is known of how it is used stands there
                    name_by_history([v for v in bad if v.check.scenario.id != "plain"], alone=False)
                assign(found, mine, bad, known)
                return
        name_by_history(bad)
        assign(None, [], bad)


def diagnose_advice(advice: list[Verdict], bad: list[Verdict]) -> None:
    """What is only impolite, where it does not follow from what is wrong."""
    for v in advice:
        known = layer(v.check.case.op.component).MISTAKES
        found = mistake_from_rules(known, [v]) or name_overwriting(v)
        if not bad:
            v.diagnosis = name_of_scenario(v)
            found = found or in_scenario(v, exception_names([v]).get(id(v)))
            found = found or (explain_stage(known, [v], [v]) if v.check.scenario.id != "float64-kept" else None)
        v.diagnosis = found or exception_names([v]).get(id(v)) or v.diagnosis
