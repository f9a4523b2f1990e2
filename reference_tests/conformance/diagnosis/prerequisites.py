"""One root is reported once: is a failure only a consequence of a wrong component that this one uses?"""

import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources

from ...i18n import _
from ...subject.protocol import Fault, Plan, Subject, Trace
from ..contract import layer
from ..types import Verdict
from .result import Diagnosis

SECONDS = 0.8
ENDS = ("timeout", "memory", "signal", "exit")
NEEDS = {
    "im2col": ("shapes",),
    "col2im": ("shapes",),
    "convolution": ("shapes", "im2col", "col2im"),
    "pooling": ("shapes", "im2col", "col2im"),
    "average_pooling": ("shapes", "im2col", "col2im"),
    "simple_conv_net": ("shapes", "im2col", "col2im", "convolution", "pooling", "relu", "affine", "softmax_with_loss"),
}


@cache
def substitute_text(component: str) -> str:
    """The text of a right one, to put in place of a wrong one."""
    try:
        return resources.files(__package__).joinpath("substitutes", f"{component}.py").read_text(encoding="utf-8")
    except OSError:
        raise Fault(f"there is no right {component} to put in place of a wrong one") from None


@dataclass(frozen=True)
class WithSubstitutes:
    """The subject, with right components in place of its own."""

    subject: Subject
    components: tuple[str, ...]

    def has(self, name: str) -> bool:
        return self.subject.has(name)

    def run(self, plan: Plan) -> Trace:
        names = [(layer(c).OP.name, c) for c in self.components]
        steps = [["replace", "", name, [substitute_text(c)]] for name, c in names if self.subject.has(name)]
        return self.subject.run(replace(plan, program=steps + plan.program))


@dataclass(frozen=True)
class Unexplained:
    """What still fails once the wrong components that it uses are right: those failures, and how they fail then."""

    own: list[Verdict]
    then: list[Verdict]  # the same checks with the right ones in place; own itself where none was replaced
    names: tuple[str, ...] = ()
    subject: Subject | None = None


def blame_prerequisites(
    component: str, bad: list[Verdict], wrong: Collection[str], subject: Subject, judge: Callable[..., Verdict]
) -> Unexplained:
    """Names the cause of the failures that are gone once it is right; -> the others."""
    suspects = [n for n in NEEDS.get(component, ()) if n in wrong and subject.has(layer(n).OP.name)]
    tries = [(n,) for n in suspects] + ([tuple(suspects)] if len(suspects) > 1 else [])
    best, then = (), {id(v): v for v in bad}  # type: tuple[str, ...], dict[int, Verdict]
    for names in tries:
        judged = judge_with_substitutes(names, bad, subject, judge)
        if count_passing(judged.values()) > count_passing(then.values()):
            best, then = names, judged
        if count_passing(then.values()) == len(bad):
            break
    for v in bad:
        if then[id(v)].status == "pass":
            v.diagnosis = blame(component, best)
    own = [v for v in bad if then[id(v)].status != "pass"]
    return Unexplained(own, [then[id(v)] for v in own], best, WithSubstitutes(subject, best) if best else subject)


def count_passing(verdicts: Iterable[Verdict]) -> int:
    return sum(v.status == "pass" for v in verdicts)


def judge_with_substitutes(
    names: tuple[str, ...], bad: list[Verdict], subject: Subject, judge: Callable[..., Verdict]
) -> dict[int, Verdict]:
    """The failures judged again, with right ones in place of these; nothing where asking takes too long."""
    helped, until, found = WithSubstitutes(subject, names), time.monotonic() + SECONDS, {}
    for v in bad:
        if time.monotonic() > until or v.reason in ENDS:
            return {}
        found[id(v)] = judge(v.check, helped)
    return found


def blame(component: str, names: tuple[str, ...]) -> Diagnosis:
    own = layer(component).OP.name
    theirs = _(" and ").join(layer(n).OP.name for n in names)
    text = _("{own} fails because of {theirs}: with a right {theirs} in its place it agrees")
    repair = _("mend {theirs} first").format(theirs=theirs)
    return Diagnosis(f"cause.{names[0]}", text.format(own=own, theirs=theirs), repair, cause=", ".join(names))
