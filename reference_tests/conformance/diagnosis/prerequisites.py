"""One root is reported once: is a failure only the consequence of a wrong component that this one uses?

A trial answers that: the failures are judged again with right components in place of the subject's own.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources

from ...i18n import _
from ...subject.protocol import Fault, Plan, Subject, Trace
from ..contract import layer
from ..types import Diagnosis, Verdict

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
    """Read the source of a right component, to be put in place of a wrong one."""
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
        """As the subject has."""
        return self.subject.has(name)

    def run(self, plan: Plan) -> Trace:
        """Run the program with the replacements put before it."""
        names = [(layer(c).OP.name, c) for c in self.components]
        steps = [["replace", "", name, [substitute_text(c)]] for name, c in names if self.subject.has(name)]
        return self.subject.run(replace(plan, program=steps + plan.program))


@dataclass
class Trial:
    """Failures to be judged again on a subject whose prerequisites are right.

    judged: filled by who runs the trial, one verdict for each failure; empty where it took too long.
    """

    names: tuple[str, ...]  # the components that are replaced
    failures: list[Verdict]
    subject: WithSubstitutes
    judged: list[Verdict] = field(default_factory=list)

    @property
    def passing(self) -> int:
        """How many of the failures pass now."""
        return sum(v.status == "pass" for v in self.judged)


@dataclass(frozen=True)
class Unexplained:
    """The failures that remain once the wrong prerequisites are right."""

    own: list[Verdict]
    then: list[Verdict]  # the same checks with the right ones in place; own itself where none was replaced
    names: tuple[str, ...] = ()  # the components that were replaced
    subject: Subject | None = None  # with the right ones in place; None: nothing may be run


def trials(component: str, bad: list[Verdict], wrong: Collection[str], subject: Subject) -> Iterator[Trial]:
    """Yield trials: each wrong prerequisite alone, then all of them together."""
    suspects = [n for n in NEEDS.get(component, ()) if n in wrong and subject.has(layer(n).OP.name)]
    for names in [(n,) for n in suspects] + ([tuple(suspects)] if len(suspects) > 1 else []):
        yield Trial(names, bad, WithSubstitutes(subject, names))


def blame(best: Trial) -> Unexplained:
    """Name the replaced components as the cause of the failures that pass now; return the others."""
    own, then = [], []
    for v, again in zip(best.failures, best.judged):
        if again.status == "pass":
            v.diagnosis = cause(v.check.case.op.component, best.names)
        else:
            own.append(v)
            then.append(again)
    return Unexplained(own, then, best.names, best.subject)


def cause(component: str, names: tuple[str, ...]) -> Diagnosis:
    """Say that a component fails because of others."""
    own = layer(component).OP.name
    theirs = _(" and ").join(layer(n).OP.name for n in names)
    text = _("{own} fails because of {theirs}: with a right {theirs} in its place it agrees")
    repair = _("fix {theirs} first").format(theirs=theirs)
    return Diagnosis(f"cause.{names[0]}", text.format(own=own, theirs=theirs), repair, cause=", ".join(names))
