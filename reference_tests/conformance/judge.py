"""Judging one check: draw the question, ask the references, run the subject, compare. No diagnosis, no printing."""

import time
from collections.abc import Container, Generator, Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from itertools import islice

import numpy as np

from ..subject.protocol import Answer, Fault, Interface, Plan, Stop, Subject, Trace, run_all
from . import references
from .compare import NO_ARRAY, NUMBERS, changed_inputs, compare, stopped
from .contract import layer
from .floats import fits_floats, holds, in_floats
from .reach import interface_of, is_unread, left_out, say_limit
from .scenarios import WRITTEN_INTO
from .tolerance import by_place
from .types import LEVELS, Check, PreparedCheck, Problem, RightAnswer, Verdict

DECIDING = ("fail", "error", "not_run")
LITTLE = 1 << 14  # bytes
TOGETHER = 16  # programs that a subject is sent at once
Devices = tuple[str, ...]  # torch's devices on which the references answer
Outcome = tuple[str, str, list[Problem]]  # status, reason, problems


def judge_all(
    checks: Iterable[Check],
    subject: Subject,
    devices: Devices = references.CPU,
    too_slow: set[tuple[str, str]] | None = None,
) -> Iterator[Verdict]:
    """Yield each check's verdict. After a timeout the component's other checks of that part are not run.

    A subject in a process of its own gets several programs at once: it runs one while its last answer is compared.
    too_slow: the (component, part) that have timed out so far; it grows.
    """
    too_slow, left = set() if too_slow is None else too_slow, iter(checks)
    while group := list(islice(left, TOGETHER)):
        asked = ask_together([c for c in group if kind_of(c) not in too_slow], subject, devices)
        with closing(run_together([one.plan for one in asked.values()], subject)) as traces:
            for check in group:
                ready, verdict = asked.get(check.id), Verdict(check, "not_run", "after-timeout")
                trace = next(traces, None) if ready else None
                if trace or kind_of(check) not in too_slow:
                    verdict = judge(check, subject, devices, ready, trace)
                if verdict.reason == "timeout":
                    too_slow.add(kind_of(check))
                yield verdict


def kind_of(check: Check) -> tuple[str, str]:
    """Return the component and the part of a check."""
    return check.case.op.component, check.part


def ask_together(checks: list[Check], subject: Subject, devices: Devices) -> dict[str, PreparedCheck]:
    """Prepare what a subject that takes several programs at once is asked. -> id -> prepared check."""
    found = {}
    for check in checks if hasattr(subject, "run_all") else ():
        with suppress(Fault):  # it is met again, and told, when the check is judged
            if isinstance(asked := question_to(check, subject, devices), PreparedCheck):
                found[check.id] = asked
    return found


def run_together(plans: list[Plan], subject: Subject) -> Generator[Trace, None, None]:
    """Yield the traces of programs. The last one is of the first that ended the subject or ran out of time."""
    if plans:
        yield from run_all(subject, plans)


def judge(
    check: Check, subject: Subject, devices: Devices = references.CPU, ready: PreparedCheck | None = None,
    trace: Trace | None = None,
) -> Verdict:  # fmt: skip
    """Judge one check, without diagnosis.

    ready: the check as `prepare` gives it, where many subjects are asked the same. trace: what this subject did, where
    it was asked before; ready is then what question_to returned. A Fault of ours becomes the status "error".
    """
    start = time.perf_counter()
    verdict = Verdict(check, "error")
    try:
        verdict.status, verdict.reason, verdict.problems = run_and_compare(verdict, subject, devices, ready, trace)
    except Fault as fault:
        verdict.reason = str(fault)
    if verdict.status == "pass":  # its numbers are not needed again; there are a thousand such verdicts in a run
        verdict.trace = verdict.expected = None
    verdict.seconds = time.perf_counter() - start
    return verdict


VIEW = "view size is not compatible"  # what torch says where code wants numbers that lie in one piece


def prepare(check: Check, devices: Devices = references.CPU) -> PreparedCheck:
    """Draw the check's program and ask the references for the right answers."""
    plan = check.scenario.plan(check.case, check.part)
    expected = right_answers(check, plan, devices)
    return PreparedCheck(replace(plan, most=most_bytes(plan, expected), seconds=check.budget), expected)


def most_bytes(plan: Plan, expected: dict[str, RightAnswer]) -> int:
    """Return how many bytes an answer may have: many times the right one's, so that a wrong stride still shows.

    0, if nothing is given or expected whose size is known.
    """
    sizes = [8 * a.size for a in (*plan.given.values(), *(right.want for right in expected.values()))]
    return 16 * max(sizes) + 4 * sum(sizes) + LITTLE if sizes else 0


def arrays_of(subject: Subject) -> dict[str, str]:
    """Return the kind, device and type of floats of the subject's arrays where they are not NumPy's; else {}."""
    found: dict[str, str] = getattr(subject, "arrays", {})
    return found


def prepare_for(check: Check, floats: str, devices: Devices, ready: PreparedCheck | None) -> PreparedCheck | None:
    """Prepare a check in the type of floats that a subject's arrays have, with its bound; None if it does not fit."""
    if floats in ("", "float64"):
        fits = not floats or fits_floats(check, floats)
        return (ready or prepare(check, devices)) if fits else None
    plan = ready.plan if ready else check.scenario.plan(check.case, check.part)
    if not (fits_floats(check, floats) and holds(plan, floats)):
        return None
    plan = in_floats(plan, floats)
    return PreparedCheck(plan, right_answers(check, plan, devices))


def question_to(
    check: Check, subject: Subject, devices: Devices = references.CPU, ready: PreparedCheck | None = None
) -> PreparedCheck | Outcome:
    """Return what a subject is asked by a check, or the outcome where it need not be asked."""
    if is_unread(subject, check.case.op.name, check.part):
        return "unread", check.case.op.name, []
    if not subject.has(check.case.op.name):
        return "absent", check.case.op.name, []
    interface = interface_of(subject, check.case.op.name)
    if interface and (limit := limit_of(check, interface)):
        return "beyond", limit, []
    floats = arrays_of(subject).get("floats", "")
    prepared = prepare_for(check, floats, devices, ready)
    if prepared and interface and has_other_axes(prepared.plan, interface):
        return "beyond", say_limit("axes", interface.reach["axes"]), []
    return prepared or ("beyond", floats, [])


def run_and_compare(
    verdict: Verdict, subject: Subject, devices: Devices, ready: PreparedCheck | None, trace: Trace | None
) -> Outcome:
    """Run the subject, and keep with the verdict what it was asked, what it did and what is right.

    Its check becomes advice where an exception is only told.
    """
    check = verdict.check
    interface = verdict.interface = interface_of(subject, check.case.op.name)
    asked = ready if ready and trace else question_to(check, subject, devices, ready)
    if not isinstance(asked, PreparedCheck):
        return asked
    plan, expected = asked
    trace = trace or subject.run(plan)
    verdict.plan, verdict.trace, verdict.expected = plan, trace, expected
    if trace.stop and (outcome := judge_stop(trace.stop, interface)):
        return outcome
    if trace.stop and plan.layout != "C" and VIEW in trace.stop.text:
        return "beyond", check.scenario.title, []
    if trace.stop is None:
        mark_missing_results(plan, trace)
    if check.scenario.id == "refused":
        return judge_refusal(trace, check.case.op.name)
    if trace.stop:
        if is_excused(check, trace.stop):
            return "pass", "refused", []
        if check.refuse == "told" and trace.stop.reason == "exception":  # nobody gets a wrong number
            verdict.check = check.as_advice()
        return "fail", trace.stop.reason, [stopped(trace.stop, check.case.op.name)]
    if interface and interface.lacks:
        expected = {name: right for name, right in expected.items() if plan.expect[name][1] not in interface.lacks}
        if not expected and plan.expect:
            return "beyond", check.part, []
    if check.scenario.id == WRITTEN_INTO and (interface or arrays_of(subject)):
        return "pass", "", []  # what an adapter hands on may be a view of its own
    problems = list_problems(check, plan, trace, expected, interface.lacks if interface else ())
    return ("fail", problems[0].kind, problems) if problems else ("pass", "", [])


def limit_of(check: Check, interface: Interface) -> str:
    """Say which limit of an interface a check is beyond, "" if it is within all."""
    for case in (check.case, *check.scenario.partners):
        if limit := left_out(case, interface.reach):
            return say_limit(limit, interface.reach[limit])
    return check.scenario.title if check.scenario.id in interface.lacks else ""


def has_other_axes(plan: Plan, interface: Interface) -> bool:
    """Return whether a program gives inputs of another number of axes than the interface takes: rows after images."""
    inputs = [a for name, a in plan.given.items() if name.partition("_")[0] == "x"]
    return "axes" in interface.reach and any(a.ndim not in interface.reach["axes"] for a in inputs)


def judge_stop(stop: Stop, interface: Interface | None) -> Outcome | None:
    """Return the outcome of a stop at what is not there, or not to be had; None for all other stops."""
    at = [Problem("stopped", stop.step, stop)]
    if interface and is_beyond(stop, interface):
        return "beyond", stop.step, []
    if stop.reason == "absent":
        return "absent", stop.step, at if stop.text else []
    if stop.reason == "stub":
        return "absent", "stub", at
    return ("not_run", "import", at) if stop.reason == "import" else None


def is_beyond(stop: Stop, interface: Interface) -> bool:
    """Return whether a program asked for what the interface cannot express: an adapter refuses it, in a sentence."""
    return stop.reason == "absent" and (
        f'"{stop.step}"' in interface.source or stop.step.rpartition(".")[2] in interface.lacks
    )


def is_excused(check: Check, stop: Stop) -> bool:
    """Whether this exception is as right as an answer: nobody has to answer for a batch of no images, say."""
    return {"no": False, "any": stop.reason == "exception"}.get(check.refuse, stop.refused)


def mark_missing_results(plan: Plan, trace: Trace) -> None:
    """Put NO_ARRAY where a call gave no array (a dict, say, whose arrays have other names)."""
    for verb, result, *_ in plan.program:
        for name in [result] if isinstance(result, str) else result:
            if verb in ("call", "get", "spread"):
                trace.results.setdefault(name, NO_ARRAY)
                trace.left.setdefault(name, NO_ARRAY)


def right_answers(check: Check, plan: Plan, devices: Devices) -> dict[str, RightAnswer]:
    """Ask the references each question of the plan once. -> result -> what is right. Raises Fault if they disagree."""
    allowed, slack = layer(check.case.op.component).allowed, check.slack
    answers: dict[int, tuple[Answer, Answer]] = {}  # one question stands behind several results
    for q, _ in plan.expect.values():
        if id(q) not in answers:
            right = references.right_answer(q, allowed, devices)
            bound = allowed(q, right, plan.eps)
            answers[id(q)] = right, by_place(q, bound) if check.case.by_place else bound
    return {
        result: RightAnswer(answers[id(q)][0][what], answers[id(q)][1][what] * slack)
        for result, (q, what) in plan.expect.items()
    }


def list_problems(
    check: Check, plan: Plan, trace: Trace, expected: dict[str, RightAnswer], lacks: Container[str] = ()
) -> list[Problem]:
    """List what is wrong, by the scenario's rule, by the case's where several answers are right, or by comparison.

    lacks: the gradients that the interface does not give.
    """
    if check.scenario.rule:
        back = [name for _verb, name, target, *_args in plan.program if str(target).endswith(".backward")]
        asked = [*check.case.op.grads, *(name for name in back if isinstance(name, str))]
        given = [name for name in asked if name.partition("_")[0] not in lacks]
        lost = next((name for name in given if not is_array(trace.results.get(name))), "")
        problem = Problem("type", lost, trace.results[lost], returned=trace.returned.get(lost)) if lost else None
        problem = problem or check.scenario.rule(plan, trace)
    elif check.case.rule and check.part != "forward" and check.scenario.id == "plain":
        problem = check.case.rule(next(iter(plan.expect.values()))[0], trace)
    else:
        return drop_allowed_writes(check, compare(plan, trace, expected))
    return drop_allowed_writes(check, ([problem] if problem else []) + changed_inputs(plan, trace))


def is_array(result: np.ndarray | None) -> bool:
    """Whether a result is an array of numbers, or was not asked for: None and the like are objects in the trace."""
    return result is None or result.dtype.kind in NUMBERS


def drop_allowed_writes(check: Check, problems: list[Problem]) -> list[Problem]:
    """Leave out writes into inputs that are only advice; a scenario of the layer's own (with a rule) reports them."""
    free = check.case.op.may_write
    return [p for p in problems if p.kind != "changed-input" or p.what.split("_")[0] not in free or p.code]


def judge_refusal(trace: Trace, name: str) -> Outcome:
    """Judge a question without a right answer: any exception counts as a refusal, including NumPy's own.

    So does an array of no numbers: it says that no window fits, and claims nothing.
    """
    if trace.stop is None:
        got, returned = next(iter(trace.results.values())), next(iter(trace.returned.values()), None)
        if returned and returned.kind != "number":  # what is no answer at all is the plainer mistake
            return "fail", "type", [Problem("type", "out", got, returned=returned)]
        if got.ndim and not got.size:
            return "pass", "refused", []
        return "fail", "not-refused", [Problem("not-refused", "out", got)]
    if trace.stop.reason == "exception":
        return "pass", "refused", []
    return "fail", trace.stop.reason, [stopped(trace.stop, name)]


def component_status(verdicts: Iterable[Verdict], strict: bool = False) -> str:
    """Sum up one component: see status_of. strict: advice counts as corner cases do."""
    return status_of(((v.check.level, v.status) for v in verdicts), strict)


def status_of(outcomes: Iterable[tuple[str, str]], strict: bool = False) -> str:
    """Sum up checks, each a (level, status): pass, partial, edge, fail, absent, unread or error.

    fail: the core is wrong. edge: the core is right, a corner case is wrong; it is said before partial (what is there
    agrees, the rest is absent), since a wrong answer comes before a missing one. Corner cases alone prove no core.
    """
    core, corners = set[str](), set[str]()
    for level, status in outcomes:
        if level == "core":
            core.add(status)
        elif level == "edge" or strict:
            corners.add(status)
    statuses = core | corners
    if "fail" in core or ("fail" in corners and core and "pass" not in core):
        return "fail"
    if "error" in statuses:
        return "error"
    if "fail" in corners:
        return "edge"
    if "unread" in statuses:
        return "unread"
    if statuses & {"absent", "not_run", "beyond"}:
        return "partial" if "pass" in statuses else "absent"
    return "pass"


def count_by_level(outcomes: Iterable[tuple[str, str]]) -> dict[str, dict[str, int]]:
    """Count checks, each a (level, status). -> level -> passed and total; only levels that are there.

    What the interface cannot express does not count.
    """
    pairs = [(level, status) for level, status in outcomes if status != "beyond"]
    found = {level: [status == "pass" for own, status in pairs if own == level] for level in LEVELS}
    return {level: {"passed": sum(passed), "total": len(passed)} for level, passed in found.items() if passed}
