"""What becomes of a failure in a process of its own: if it passes there, the subject keeps something between calls."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace

from ..i18n import _
from ..subject.protocol import Fault, Plan, Subject
from ..subject.source import LoadError
from .contract import all_checks
from .diagnosis.exceptions import HOPELESS
from .diagnosis.minimize import geometry_of
from .judge import judge
from .reach import apart, is_cheap
from .scenarios import MANY_CALLS, renamed
from .types import LEVELS, Diagnosis, PreparedCheck, Verdict

KEPT = "state.kept"
FIRST = 40  # failures that are tried, spread over all; if one of them passes alone, the others are tried as well
FEW, MOST = 3, 12  # the same where each needs a process of Python's
THEN = "_then"  # the ending of the names of what is asked after another call
Start = Callable[[], AbstractContextManager[Subject]]


def find_kept(shown: Sequence[Verdict], verdicts: Sequence[Verdict], subject: Subject | None) -> list[Verdict]:
    """Find the failures that pass in a process in which nothing was called before, and name them.

    shown: those that may be reported; verdicts: all of the component. The other failures, once there are some, have
    what they give alone in place of what was seen first: other calls may have left something in it. A subject in this
    process cannot be started afresh: then none is found.
    """
    tried = [v for v in verdicts if v.status == "fail" and v.check.is_evidence and is_open(v)]
    alone = apart(subject) if tried else None
    if alone is None:
        return []
    first, most = (FIRST, len(tried)) if is_cheap(alone) else (FEW, MOST)
    some = pick_some([v for v in tried if v in shown] or tried, first)
    kept = [v for v in some if passes_alone(v, alone)]
    if not kept:
        return []
    rest = [v for v in tried if v not in some]
    kept += [v for v in rest[:most] if passes_alone(v, alone)] + rest[most:]
    earliest = min((v for v in verdicts if v in kept), key=lambda v: LEVELS.index(v.check.level))  # it is shown
    again = what_reproduces(earliest, getattr(subject, "fresh", None))
    for v in kept:
        v.diagnosis = named(v, again)
    earliest.diagnosis = named(earliest, again, find_spoiler(earliest, verdicts, alone) if is_cheap(alone) else None)
    return kept


def is_open(v: Verdict) -> bool:
    """Whether what a failure comes of is open: not where a rule recognized it, maybe in what is drawn by chance."""
    return v.reason not in HOPELESS and not any(p.code for p in v.problems)


def pick_some(failed: Sequence[Verdict], most: int) -> list[Verdict]:
    """Pick at most so many failures, of the plain use and of the scenarios, evenly."""
    in_order = sorted(failed, key=lambda v: (v.check.scenario.id != "plain", v.check.part))
    step = max(1.0, len(in_order) / most)
    return [in_order[int(k * step)] for k in range(min(most, len(in_order)))]


def passes_alone(v: Verdict, alone: Subject) -> bool:
    """Whether the check passes where nothing was called before; if it fails, what it gives there is what counts.

    Of many calls the first wrong one counts: it is asked alone.
    """
    again = judge_again(v, alone)
    if again.status == "fail":
        v.reason, v.problems, v.trace, v.expected = again.reason, again.problems, again.trace, again.expected
    return again.status == "pass" or (v.check.scenario.id == MANY_CALLS and first_wrong_passes(v, alone))


def first_wrong_passes(v: Verdict, alone: Subject) -> bool:
    """Whether the first wrong call of many is right where it is the only one."""
    wrong, ready = next((p.what for p in v.problems if p.kind == "values"), ""), prepared(v)
    if ready is None or wrong not in ready.expected:
        return False
    step = [step for step in ready.plan.program if step[1] == wrong]
    plan = replace(ready.plan, program=step, expect={wrong: ready.plan.expect[wrong]})
    return judge(v.check, alone, ready=PreparedCheck(plan, {wrong: ready.expected[wrong]})).status == "pass"


def judge_again(v: Verdict, subject: Subject) -> Verdict:
    """Judge a check once more, with its plan and its right answers."""
    return judge(v.check, subject, ready=prepared(v))


def prepared(v: Verdict) -> PreparedCheck | None:
    """Return the program of a failure and the right answers to it."""
    return PreparedCheck(v.plan, v.expected) if v.plan and v.expected is not None else None


def what_reproduces(v: Verdict, start: Start | None) -> str | None:
    """Return the options with which verify shows the failure again: --only or none, and the seed of a drawn case.

    None: its id is enough, for many calls of which one spoils another.
    """
    if v.check.scenario.id == MANY_CALLS:
        return None
    component, seed = v.check.case.op.component, v.check.case.seed
    drawn = f" --seed {seed}" if seed else ""
    try:
        with start() as other:  # type: ignore[misc]
            for check in all_checks([component]):
                if check.id == v.check.id:
                    break
                other.run(check.scenario.plan(check.case, check.part))
            alone = judge_again(v, other).status == "fail"
            return f"--only {component}{drawn}" if alone else drawn.strip()
    except (LoadError, Fault, TypeError):
        return drawn.strip()


def find_spoiler(v: Verdict, verdicts: Sequence[Verdict], alone: Subject) -> Verdict | None:
    """Find one earlier call after which the check fails: that of the plain use whose sizes are most like its own."""
    ready, own = prepared(v), sizes_in(v)
    if ready is None or v.check.scenario.rule or v.check.case.rule or v.plan is None or v.plan.layout != "C":
        return None
    if v.check.scenario.id == MANY_CALLS:
        return None
    earlier = [w for w in verdicts[: list(verdicts).index(v)] if w.reason in ("", "values")]
    before = [w for w in earlier if w.check.scenario.id == "plain" and w.check.part == v.check.part]
    before.sort(key=lambda w: (w.status != "pass", -len(own.items() & sizes_in(w).items())))
    for w in before:
        if w.plan and judge(v.check, alone, ready=put_behind(w.plan, ready)).status == "fail":
            return w
    return None


def sizes_in(v: Verdict) -> dict[str, int]:
    """Return the sizes of what a check asks."""
    return geometry_of(v.question) if v.question else {}


def put_behind(before: Plan, ready: PreparedCheck) -> PreparedCheck:
    """Put another program before that of a check."""
    then = renamed(ready.plan, THEN)
    plan = replace(then, program=before.program + then.program, given=before.given | then.given)
    return PreparedCheck(plan, {name + THEN: right for name, right in ready.expected.items()})


def named(v: Verdict, again: str | None, after: Verdict | None = None) -> Diagnosis:
    """Say that something is kept between calls. again: what reproduces it. after: a call that is enough for it."""
    text = _("something is kept between calls: in a process in which nothing was called before, this check passes")
    if v.check.scenario.id == MANY_CALLS:
        text = _("something is kept between calls: the first wrong call is right in a process of its own")
    repair = _("look for globals, class attributes, default arguments and buffers that are written into")
    return Diagnosis(KEPT, text, repair, again=again, after=after)
