"""What is a component's mistake? One name for all its verdicts together, by the evidence in them; never a guess.

Known mistakes come first (alone, then two together), then what the wrong numbers look like, then where they stand.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace

from ...subject.protocol import Subject
from ..contract import layer
from ..types import Verdict
from . import prerequisites
from .assign import explain_stage, joined, limit_to_scenario, mistake_from_rules
from .evidence import add_evidence, name_lost_axes, name_mixed_sides
from .exceptions import explain_exceptions, name_by_hint, name_exception, stop_of
from .match import PAIRS, Predictions
from .prerequisites import Trial, Unexplained
from .state import name_overwriting, name_scenario, name_stops_by_scenario, share_changed_inputs
from .strategies import STRATEGIES


class Diagnoser:
    """The diagnosis of one component's verdicts. It judges nothing itself:

        diagnoser = Diagnoser(verdicts, subject, wrong)
        for trial in diagnoser.trials():
            trial.judged = [...]  # its failures, judged again on trial.subject
        diagnoser.assign()

    subject: None where nothing may be run. wrong: other components that fail. pairs: how many predictions may be made
    to find two mistakes together. keeps: whether it keeps something between calls.
    """

    def __init__(
        self,
        verdicts: list[Verdict],
        subject: Subject | None = None,
        wrong: Collection[str] = (),
        pairs: int = PAIRS,
        keeps: bool = False,
    ) -> None:
        self.keeps = keeps
        self.verdicts, self.wrong = [v for v in verdicts if v.check.is_evidence], wrong
        self.failed = [v for v in verdicts if v.status == "fail" and not v.check.is_about_nothing]
        self.about_nothing = [v for v in verdicts if v.status == "fail" and v.check.is_about_nothing]
        self.bad = [v for v in self.failed if v.check.is_evidence]
        self.predictions = Predictions(pairs)
        there = self.failed and subject is not None and subject.has(self.failed[0].check.case.op.name)
        self.unexplained = Unexplained(self.bad, self.bad, subject=subject if there else None)

    def trials(self) -> Iterator[Trial]:
        """Yield the trials that are to be judged first: is another component the cause?"""
        subject, tried = self.unexplained.subject, []
        if not self.bad or subject is None:
            return
        names = prerequisites.suspects(self.bad[0].check.case.op.component, self.wrong, subject)
        for trial in prerequisites.trials(names, self.bad, subject):
            yield trial
            tried.append(trial)
        self.unexplained = prerequisites.blame(tried) or self.unexplained

    def assign(self) -> None:
        """Give each failure its diagnosis, or none."""
        rest = self.unexplained
        if rest.own:
            self._assign_unexplained(rest)
        if not self.bad:
            self._assign_whole_numbers()
        for v in self.failed:
            if v.check.level == "advice" and not v.diagnosis:
                self._assign_advice(v)
        for v in [] if self.bad else self.about_nothing:
            v.diagnosis = name_scenario(v)
        for v in self.failed:
            if v.diagnosis:
                v.diagnosis = replace(v.diagnosis, section=v.check.case.op.section)

    def _assign_unexplained(self, rest: Unexplained) -> None:
        """Name what no other component is the cause of, and show where it is wrong."""
        strategy = STRATEGIES[rest.own[0].check.case.op.diagnose_with]
        passing = [v for v in self.verdicts if v.status == "pass"]
        verdicts = passing + rest.then if rest.names else self.verdicts
        strategy.assign_names(self.predictions, rest.then, verdicts, rest.subject)
        explain_exceptions(rest.then, rest.subject)
        name_lost_axes(rest.then, verdicts)
        name_mixed_sides(rest.then, verdicts)
        name_stops_by_scenario(rest.then)
        share_changed_inputs(rest.then)
        if rest.subject:
            add_evidence(strategy, rest.then, verdicts, rest.subject, self.predictions, self.keeps)
        for v, then in zip(rest.own, rest.then):
            v.diagnosis = replace(then.diagnosis, cause=", ".join(rest.names)) if then.diagnosis else None

    def _assign_whole_numbers(self) -> None:
        """Name what is wrong for whole numbers alone as any failure is: forward first, all cases together."""
        cut = [v for v in self.failed if v.reason != "exception" and is_called_with_integers(v)]
        if cut:
            strategy, others = STRATEGIES[cut[0].check.case.op.diagnose_with], self.verdicts
            strategy.assign_names(self.predictions, cut, [v for v in others if v.status == "pass"] + cut, None)

    def _assign_advice(self, v: Verdict) -> None:
        """Name what is only impolite, where it does not follow from what is wrong."""
        known = layer(v.check.case.op.component).MISTAKES
        diagnosis = mistake_from_rules(known, [v]) or name_overwriting(v)
        if not self.bad:
            v.diagnosis = name_scenario(v)
            diagnosis = diagnosis or limit_to_scenario(v, name_exception(v))
            if not diagnosis and v.check.scenario.id != "float64-kept":
                diagnosis = joined(explain_stage(self.predictions, known, [v], [v]))
        v.diagnosis = diagnosis or name_exception(v) or v.diagnosis
        if (stop := stop_of(v)) and not stop.refused:
            name_by_hint(v, stop, runs_plainly=True)


def is_called_with_integers(v: Verdict) -> bool:
    """Whether an argument of the call itself, no parameter of the layer, holds integers; labels aside."""
    q, op = v.question, v.check.case.op
    return q is not None and any(a.dtype.kind in "iu" for k, a in q.arrays.items() if k in {*op.args} - {*op.labels})
