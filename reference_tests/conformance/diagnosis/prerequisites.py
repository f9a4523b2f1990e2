"""One root is reported once: is a failure only the consequence of a wrong component that this one uses?

A trial answers that: the failures are judged again with right components in place of the subject's own.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ...i18n import _
from ...subject.lending import lender
from ...subject.protocol import Fault, Plan, Subject, Trace, run_all
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


def substitute_text(component: str) -> str:
    """Read the source of a right component, to be put in place of a wrong one."""
    try:
        return lender.read_file(component)
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

    def __getattr__(self, name: str) -> Any:
        """Return what else is asked of the subject: its interfaces, its arrays, what could not be read."""
        if name.startswith("__"):  # of Python's own, which it asks of the class
            raise AttributeError(name)
        return getattr(self.subject, name)

    def apart(self) -> "WithSubstitutes":
        """Return the subject of which every program is the first, as `reach.apart` has it. Raises as the subject's."""
        return WithSubstitutes(self.subject.apart(), self.components)  # type: ignore[attr-defined]

    def run(self, plan: Plan) -> Trace:
        """Run the program with the replacements put before it."""
        return self.subject.run(self.with_replacements(plan))

    def run_all(self, plans: Sequence[Plan]) -> Iterator[Trace]:
        """Run programs, each with the replacements put before it."""
        return run_all(self.subject, [self.with_replacements(plan) for plan in plans])

    def with_replacements(self, plan: Plan) -> Plan:
        """Return a plan whose program begins with the replacements."""
        names = [(layer(c).OP.name, c) for c in self.components]
        steps = [["replace", "", name, [substitute_text(c)]] for name, c in names if self.subject.has(name)]
        return replace(plan, program=steps + plan.program)


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
        return len(self.passed())

    def passed(self) -> list[int]:
        """List which of the failures pass now."""
        return [i for i, v in enumerate(self.judged) if v.status == "pass"]


@dataclass(frozen=True)
class Unexplained:
    """The failures that remain once the wrong prerequisites are right."""

    own: list[Verdict]
    then: list[Verdict]  # the same checks with the right ones in place; own itself where none was replaced
    names: tuple[str, ...] = ()  # the components that were replaced
    subject: Subject | None = None  # with the right ones in place; None: nothing may be run


def suspects(component: str, wrong: Collection[str], subject: Subject) -> tuple[str, ...]:
    """List the wrong components that this one uses, and that can be replaced."""
    return tuple(n for n in NEEDS.get(component, ()) if n in wrong and subject.has(layer(n).OP.name))


def trials(names: tuple[str, ...], bad: list[Verdict], subject: Subject) -> Iterator[Trial]:
    """Yield trials: each suspect alone, then all of them together if some failure still lacks its cause."""
    alone = []
    for name in names:
        alone.append(Trial((name,), bad, WithSubstitutes(subject, (name,))))
        yield alone[-1]
        if alone[-1].passing == len(bad):
            return
    passing = {i for trial in alone for i in trial.passed()}
    if len(names) > 1 and len(passing) < len(bad):
        yield Trial(names, bad, WithSubstitutes(subject, names))


def blame(tried: list[Trial]) -> Unexplained | None:
    """Name, for each failure that passes in a trial, the cause: one component alone where that suffices.

    -> the failures that pass in none, judged with all those causes replaced; None if nothing passes in any trial.
    """
    ranked = sorted(tried, key=lambda t: (len(t.names), -t.passing))
    chosen: dict[int, Trial] = {}
    for trial in ranked:
        for i in trial.passed():
            chosen.setdefault(i, trial)
    for i, trial in chosen.items():
        v = trial.failures[i]
        v.diagnosis = cause(v.check.case.op.component, trial.names)
    if not chosen:
        return None
    names = {name for trial in chosen.values() for name in trial.names}
    last = next((t for t in ranked if t.judged and names <= {*t.names}), max(tried, key=lambda t: t.passing))
    own = [i for i in range(len(last.failures)) if i not in chosen]
    return Unexplained([last.failures[i] for i in own], [last.judged[i] for i in own], last.names, last.subject)


def cause(component: str, names: tuple[str, ...]) -> Diagnosis:
    """Say that a component fails because of others."""
    own = layer(component).OP.name
    theirs = _(" and ").join(layer(n).OP.name for n in names)
    text = _("{own} fails because of {theirs}: with a right {theirs} in its place it agrees")
    repair = _("fix {theirs} first").format(theirs=theirs)
    return Diagnosis(f"cause.{names[0]}", text.format(own=own, theirs=theirs), repair, cause=", ".join(names))
