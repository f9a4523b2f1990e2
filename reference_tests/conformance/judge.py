"""The whole flow: case -> references -> subject -> comparison -> verdict. No pytest, no printing."""

import time
from collections.abc import Collection, Iterable, Iterator

import numpy as np

from ..subject.protocol import Fault, Plan, Subject, Trace
from . import messages, references
from .compare import NO_ARRAY, changed_inputs, compare
from .contract import layer
from .diagnosis import diagnose
from .types import Check, Problem, Verdict

DECIDING = ("fail", "error", "not_run")
# the program, and result -> (right answer, allowed error)
PreparedCheck = tuple[Plan, dict[str, tuple[np.ndarray, np.ndarray]]]


def judge_all(
    checks: Iterable[Check], subject: Subject, devices=references.CPU, too_slow: set[tuple[str, str]] | None = None
) -> Iterator[Verdict]:
    """Each check's verdict as it comes. After a timeout the component's other checks of that part are not run."""
    too_slow = set() if too_slow is None else too_slow
    for check in checks:
        kind = (check.case.op.component, check.part)
        verdict = Verdict(check, "not_run", "after-timeout") if kind in too_slow else judge(check, subject, devices)
        if verdict.reason == "timeout":
            too_slow.add(kind)
        yield verdict


def judge(check: Check, subject: Subject, devices=references.CPU, ready: PreparedCheck | None = None) -> Verdict:
    """One check -> Verdict, without diagnosis. ready: what prepared() gave, where many subjects are asked the same."""
    start = time.perf_counter()
    verdict = Verdict(check, "error")
    try:
        verdict.status, verdict.reason, verdict.problems = run_and_compare(check, subject, devices, ready)
    except Fault as fault:
        verdict.reason = str(fault)
    verdict.seconds = time.perf_counter() - start
    return verdict


def prepare(check: Check, devices=references.CPU) -> PreparedCheck:
    """What the subject is asked, and what is right."""
    plan = check.scenario.plan(check.case, check.part)
    return plan, right_answers(check, plan, devices)


def run_and_compare(
    check: Check, subject: Subject, devices=references.CPU, ready: PreparedCheck | None = None
) -> tuple[str, str, list[Problem]]:
    """-> status, reason, problems."""
    case = check.case
    if not subject.has(case.op.name):
        return "absent", case.op.name, []
    plan, wanted = ready or prepare(check, devices)
    trace = subject.run(plan)
    if trace.stop and trace.stop.reason == "absent":
        return "absent", trace.stop.step, [Problem("stopped", trace.stop.step, trace.stop)] if trace.stop.text else []
    if trace.stop and trace.stop.reason == "import":
        return "not_run", "import", [Problem("stopped", trace.stop.step, trace.stop)]
    if trace.stop is None:
        mark_missing_results(plan, trace)
    if check.scenario.id == "refused":
        return refusal(trace)
    if trace.stop:
        if trace.stop.refused and check.may_refuse:
            return "pass", "refused", []
        return "fail", trace.stop.reason, [Problem("stopped", trace.stop.step, trace.stop)]
    problems = list_problems(check, plan, trace, wanted)
    return ("fail", problems[0].kind, problems) if problems else ("pass", "", [])


def mark_missing_results(plan: Plan, trace: Trace) -> None:
    """Where a call gave something else than an array (a dict, whose arrays are named otherwise), say so."""
    for verb, result, *_ in plan.program:
        for name in [result] if isinstance(result, str) else result:
            if verb in ("call", "get", "spread"):
                trace.results.setdefault(name, NO_ARRAY)


def right_answers(check: Check, plan: Plan, devices) -> dict:
    """result -> (right answer, allowed error), agreed by the references."""
    allowed, answers = layer(check.case.op.component).allowed, {}
    for q in {id(q): q for q, _ in plan.expect.values()}.values():
        right = references.right_answer(q, allowed, devices)
        answers[id(q)] = right, allowed(q, right, plan.eps)
    return {result: tuple(a[what] for a in answers[id(q)]) for result, (q, what) in plan.expect.items()}


def list_problems(check: Check, plan: Plan, trace: Trace, wanted: dict) -> list[Problem]:
    """What is wrong: by the scenario's rule, by the case's where more than one answer is right, or by comparison."""
    if check.scenario.rule:
        problem = check.scenario.rule(plan, trace)
    elif check.case.rule and check.part != "forward" and check.scenario.id == "plain":
        problem = check.case.rule(next(iter(plan.expect.values()))[0], trace)
    else:
        return drop_allowed_writes(check, compare(plan, trace, wanted))
    return drop_allowed_writes(check, ([problem] if problem else []) + changed_inputs(plan, trace))


def drop_allowed_writes(check: Check, problems: list[Problem]) -> list[Problem]:
    """Without the writing into inputs that is only advice: a scenario of the layer's own (with a rule) looks at it."""
    free = check.case.op.may_write
    return [p for p in problems if p.kind != "changed-input" or p.what.split("_")[0] not in free or p.code]


def refusal(trace: Trace) -> tuple[str, str, list[Problem]]:
    """Any exception refuses; what numpy's reshape says is a refusal too, if not a kind one."""
    if trace.stop is None:
        return "fail", "not-refused", [Problem("not-refused", "out", next(iter(trace.results.values())))]
    if trace.stop.reason == "exception":
        return "pass", "refused", []
    return "fail", trace.stop.reason, [Problem("stopped", trace.stop.step, trace.stop)]


def explain(of_component: list[Verdict], subject: Subject | None = None, wrong: Collection[str] = ()) -> list[Verdict]:
    """Diagnosis over all verdicts of one component (a mistake must fit every one of them), then the messages.

    subject: asked again, for the smallest case and the like, where it has the component. wrong: other components that
    fail.
    """
    diagnose(of_component, subject, wrong, judge)
    for v in of_component:
        if v.status in DECIDING or v.problems:
            v.message = messages.failure(v, getattr(subject, "target", "impl"))
    return of_component


def component_status(of_component: Iterable[Verdict], strict: bool = False) -> str:
    """pass, partial (what is there agrees), fail, absent or error; advice counts only if strict."""
    seen = {v.status for v in of_component if strict or v.check.level != "advice"}
    for status in ("fail", "error"):
        if status in seen:
            return status
    if "not_run" in seen and "pass" not in seen:
        return "absent"
    if seen & {"absent", "not_run"}:
        return "partial" if "pass" in seen else "absent"
    return "pass"
