"""What becomes of a failure in a process of its own: if it passes there, the subject keeps something between calls."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace

from ..i18n import _
from ..subject.protocol import Fault, Subject
from ..subject.source import LoadError
from .contract import all_checks, layer
from .diagnosis.exceptions import HOPELESS
from .diagnosis.state import name_by_history
from .judge import judge
from .types import Diagnosis, PreparedCheck, Verdict

KEPT = "state.kept"
SHOWN = 3  # failures of one component that a report shows: one of each diagnosis
FEW = 3  # failures of the plain use that a known mistake explains, and are tried all the same
MOST = 12  # processes that are started to tell which failures are of that kind
Start = Callable[[], AbstractContextManager[Subject]]


def find_kept(shown: Sequence[Verdict], failed: Sequence[Verdict], subject: Subject | None) -> list[Verdict]:
    """Find the failures that pass in a process of their own, and name them.

    shown: those that may be reported, of which one of each diagnosis is tried; failed: all of the component. A subject
    in this process cannot be started afresh: then none is found. A failure that a known mistake explains to the last
    number is not tried, unless it shows in few failures of the plain use: what a call does by itself shows in many.
    """
    start: Start | None = getattr(subject, "fresh", None)
    if start is None:
        return []
    open_ones = [v for v in failed if v.reason not in HOPELESS and (not is_explained(v) or is_rare(v, failed))]
    groups = pick_tried(shown, open_ones)
    kept = [v for v in groups[:SHOWN] if passes_alone(v, start)]
    if not kept:
        return []
    tried = groups[SHOWN:] + [v for v in open_ones if v not in groups]
    kept += [v for v in tried[:MOST] if passes_alone(v, start)] + tried[MOST:]
    again = what_reproduces(kept[0], start)
    for v in kept:
        v.diagnosis = named(again)
    return kept + name_calls(kept, open_ones, start)


def name_calls(kept: Sequence[Verdict], open_ones: Sequence[Verdict], start: Start) -> list[Verdict]:
    """Name what fails in a process of its own too, by what several calls give there. -> those that have a name then.

    What other calls left is in the numbers that were seen first. Layers beside it may meet the same.
    """
    rest = [v for v in open_ones if v not in kept]
    found = [v for v in [v for v in rest if v.check.scenario.mistakes][:MOST] if name_alone(v, start)]
    beside = [v for v in rest if found and v.check.scenario.partners]
    for v in beside:
        v.diagnosis = replace(found[0].diagnosis, follows=True) if found[0].diagnosis else None
    return found + beside


def pick_tried(shown: Sequence[Verdict], open_ones: Sequence[Verdict]) -> list[Verdict]:
    """Pick one failure of each diagnosis that is shown: one of the plain use, where one call alone can tell, if any."""
    codes = {code_of(v) for v in open_ones if v in shown}
    groups: dict[str, Verdict] = {}
    for v in sorted(open_ones, key=lambda v: v.check.scenario.id != "plain"):
        if v in shown or (is_explained(v) and code_of(v) in codes):
            groups.setdefault(code_of(v), v)
    return list(groups.values())


def code_of(v: Verdict) -> str:
    """Return the code of the diagnosis; where there is none, the part."""
    return v.diagnosis.code if v.diagnosis else v.check.part


def is_rare(v: Verdict, failed: Sequence[Verdict]) -> bool:
    """Whether few failures of the plain use have the diagnosis of this one: what went before them may be the cause."""
    alike = [w for w in failed if w.check.scenario.id == "plain" and code_of(w) == code_of(v)]
    return 0 < len(alike) <= FEW


def name_alone(v: Verdict, start: Start) -> bool:
    """Name a failure of several calls by what they give in a process of their own. -> whether it has a name."""
    try:
        with start() as other:
            alone = judge_again(v, other)
    except (LoadError, Fault):
        return False
    name_by_history([alone])
    if alone.status != "fail" or not alone.diagnosis:
        return False
    v.diagnosis = alone.diagnosis
    return True


def is_explained(v: Verdict) -> bool:
    """Whether the failure is what a known mistake gives, or has its cause in another component."""
    known = {m.code for m in layer(v.check.case.op.component).MISTAKES}
    code = v.diagnosis.code if v.diagnosis and not v.diagnosis.follows else ""
    return code.startswith("cause.") or (code != "" and all(part in known for part in code.split(" + ")))


def passes_alone(v: Verdict, start: Start) -> bool:
    """Whether the check passes in a process in which nothing was called before. False where it does not start."""
    try:
        with start() as other:
            return judge_again(v, other).status == "pass"
    except (LoadError, Fault):
        return False


def judge_again(v: Verdict, subject: Subject) -> Verdict:
    """Judge a check once more, with its plan and its right answers."""
    ready = PreparedCheck(v.plan, v.expected) if v.plan and v.expected is not None else None
    return judge(v.check, subject, ready=ready)


def what_reproduces(v: Verdict, start: Start) -> str:
    """Return the options with which verify shows the failure again: --only or none, and the seed of a drawn case."""
    component, seed = v.check.case.op.component, v.check.case.seed
    drawn = f" --seed {seed}" if seed else ""
    try:
        with start() as other:
            for check in all_checks([component]):
                if check.id == v.check.id:
                    break
                other.run(check.scenario.plan(check.case, check.part))
            alone = judge_again(v, other).status == "fail"
            return f"--only {component}{drawn}" if alone else drawn.strip()
    except (LoadError, Fault):
        return drawn.strip()


def named(again: str) -> Diagnosis:
    """Say that something is kept between calls. again: what reproduces it."""
    text = _("something is kept between calls: in a process in which nothing was called before, this check passes")
    repair = _("look for globals, class attributes, default arguments and buffers that are written into")
    return Diagnosis(KEPT, text, repair, again=again)
