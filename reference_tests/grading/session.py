"""Grade one submission's checks, in the order that keeps hidden checks hidden."""

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from ..conformance import examination, judge, references
from ..conformance.diagnosis.prerequisites import WithSubstitutes
from ..conformance.second_batches import find_kept_in_cases
from ..conformance.thresholds.search import Target
from ..conformance.types import Check, Verdict
from ..faults import keep_verdicts
from ..reports.page_data import Data
from ..subject.protocol import Subject, Trace, run_all
from . import messages, reasons, score
from .batch import Asked, first_part, pair_up, question_to
from .checklist import Answers, Checklist, ChecklistItem, answer_named
from .failures import add_smallest, failures_shown
from .rubric import Rubric, all_needs

CRASHES = 5  # of one part of a layer: then its other checks are not run, so that there is time for the rest
WRONG = ("fail",)  # statuses of a prerequisite that is no use at all
WRONG_SOMEWHERE = ("fail", "edge", "partial")  # and of one that may be the cause: wrong at a corner, or there in part
SAID = (*judge.DECIDING, "beyond")  # statuses that earn nothing, and say why
PROCESS_ENDED = ("memory", "signal", "exit")  # reasons: the submission's process is gone
# reasons that no correct prerequisite would change
HOPELESS = ("timeout", "after-timeout", "after-crashes", *PROCESS_ENDED)


class GradingSession:
    """One submission's way through the checklist: public checks, then hidden ones, each time with failures once more.

    The order matters because a submission remembers. Whatever is said of a public check is settled before any hidden
    check is run: else it could tell by messages, or by passing and failing, what it was asked there. Hidden checks are
    run in a new process: else it could keep a correct prerequisite that it was lent as its own.
    """

    def __init__(self, subject: Subject, target: str, rubric: Rubric, checklist: Checklist, answers: Answers) -> None:
        """Prepare a session. target: the submission's name in messages."""
        self.subject, self.target, self.rubric = subject, target, rubric
        self.checklist, self.answers = checklist, answers
        self.named: Answers = {}  # those to checks that stand in no checklist, as around numbers of its code
        self.verdicts = score.not_run_verdicts(checklist)
        self.shown: dict[str, list[Data]] = {}  # component -> its failed public checks by cause, as a page shows them
        self.why: dict[str, list[str]] = {}  # component -> why its public checks are absent or were not run
        self.substituted: dict[str, str] = {}  # check id -> the prerequisites that were replaced before it passed
        self.given_up: dict[tuple[str, str], str] = {}  # component and part -> why its other checks are not run
        self.crashes: Counter[tuple[str, str]] = Counter()
        self.timed_out = False  # some check was
        self.needs = {part.name: part.needs for part in rubric.components}

    def grade(self, path: str) -> None:
        """Give every item a verdict. path: where the submission lies, which messages must not show."""
        self.ask(hidden=False)
        self.ask_further(path)
        self.explain(path, self.rerun_with_substitutes(hidden=False))
        if hasattr(self.subject, "forget"):  # in this process, for trusted code, nothing is forgotten
            self.subject.forget()
        self.ask(hidden=True)
        self.rerun_with_substitutes(hidden=True)

    def ask(self, hidden: bool) -> None:
        """Run the hidden items of every component, or the public ones."""
        for name in self.checklist.by_component:
            self.run_component([item for item in self.checklist.items_of(name) if item.hidden == hidden], name)

    def ask_further(self, path: str) -> None:
        """Ask each component around the numbers that its code names, and for second batches in all kinds of cases.

        What fails is one more public check of it. Of what is right there, nothing is added: it moves no mark by itself.
        path: where the submission lies, outside of which nothing is read.
        """
        for name in self.checklist.by_component:
            pool = f"{name}/public"
            public = [self.verdicts[item.id] for item in self.checklist.by_pool.get(pool, ())]
            if not public or any(one == name for one, _ in self.given_up):
                continue
            before = dict(self.given_up), Counter(self.crashes), self.timed_out
            with references.two_alone():
                target = Target(name, self.subject, self.judge_further, Path(path))
                found = target.judge_cases()
                found += find_kept_in_cases(name, self.judge_further, target.reach, [*public, *found])
            self.given_up, self.crashes, self.timed_out = before
            items = tuple(ChecklistItem(v.check, pool) for v in found)
            self.checklist = replace(self.checklist, items=self.checklist.items + items)
            self.verdicts |= {v.check.id: v for v in found}

    def judge_further(self, checks: Sequence[Check]) -> list[Verdict]:
        """Judge checks that stand in no checklist, such as those around the numbers that the code names."""
        self.named |= {check.id: answer_named(check) for check in checks}
        verdicts = self.run([ChecklistItem(check, "") for check in checks], self.subject)
        return [verdicts[check.id] for check in checks]

    def run_component(self, items: list[ChecklistItem], name: str) -> None:
        """Run a component's items, unless the rubric skips components whose prerequisites are wrong."""
        wrong = self.wrong_needs(name, WRONG) if self.rubric.prerequisites == "skip" else []
        if not wrong:
            self.verdicts |= self.run(items, self.subject)
            return
        message = messages.not_run("prerequisite", ", ".join(wrong))
        self.verdicts |= {i.id: Verdict(i.check, "not_run", "prerequisite", message=message) for i in items}

    def wrong_needs(self, name: str, statuses: tuple[str, ...]) -> list[str]:
        """Return the prerequisites of a component, direct or not, that have one of these statuses."""
        return [need for need in all_needs(name, self.needs) if self.status(need) in statuses]

    def status(self, name: str) -> str:
        """Return a component's status so far."""
        items = [item for item in self.checklist.items_of(name) if not item.expected]
        return judge.component_status([self.verdicts[item.id] for item in items])

    def run(self, items: Iterable[ChecklistItem], subject: Subject) -> score.Verdicts:
        """Run items on a subject, and judge them one by one. Return their verdicts by id.

        The rest of a batch that a program has ended is asked again, and forwards that need a program of their own.
        """
        verdicts: score.Verdicts = {}
        apart: set[str] = set()  # forwards that the longer program has not settled
        todo = {item.id: item for item in items}
        while todo:
            before = time.perf_counter()
            for asked, trace in self.run_batch(todo, subject, apart, verdicts):
                seconds = time.perf_counter() - before
                for item in asked.items:
                    if (item.component, item.check.part) in self.given_up:
                        continue  # the next round says so
                    verdict = self.judge_traced(item, asked, trace, subject)
                    if verdict is None:
                        apart.add(item.id)
                        continue
                    verdict.seconds, seconds = verdict.seconds + seconds, 0.0
                    self.settle(todo.pop(item.id), verdict, verdicts)
                if trace.stop and trace.stop.reason == "timeout":
                    break
                before = time.perf_counter()
        return verdicts

    def run_batch(
        self, todo: dict[str, ChecklistItem], subject: Subject, apart: set[str], verdicts: score.Verdicts
    ) -> Iterator[tuple[Asked, Trace]]:
        """Run programs of what is to do. Settle, and take from there, what is judged without one."""
        asked = {}
        for id, item in list(todo.items()):
            ready = self.named.get(id) or self.answers.get(id, "there is no right answer to it")
            part = (item.component, item.check.part)
            if isinstance(ready, str):
                verdict = Verdict(item.check, "error", ready)
            elif part in self.given_up:
                verdict = Verdict(item.check, "not_run", self.given_up[part])
            elif self.is_settled_in_public(item):
                verdict = Verdict(item.check, "not_run", "public")
            elif question := question_to(item.check, subject, ready):
                asked[id] = question
                continue
            else:
                verdict = judge.judge(item.check, subject, ready=ready)
            self.settle(todo.pop(id), verdict, verdicts)
        batch = pair_up(asked, todo.values(), self.checklist, apart)
        return zip(batch, run_all(subject, [one.plan for one in batch]))

    def is_settled_in_public(self, item: ChecklistItem) -> bool:
        """Whether an item is hidden and the public check of its kind fails: it need not be asked.

        It would fail too, or by the luck of its numbers just not: no mark may hang on that.
        """
        public = self.checklist.public_of.get(item.id, ())
        return any(self.verdicts[id].status == "fail" for id in public)

    def judge_traced(self, item: ChecklistItem, asked: Asked, trace: Trace, subject: Subject) -> Verdict | None:
        """Judge an item by the trace of its program; None if that is a longer one that does not make it pass."""
        if item is asked.items[-1]:
            return judge.judge(item.check, subject, ready=asked.checks[-1], trace=trace)
        if trace.stop:
            return None
        forward = asked.checks[0]
        verdict = judge.judge(item.check, subject, ready=forward, trace=first_part(trace, forward.plan))
        return verdict if verdict.status == "pass" else None

    def settle(self, item: ChecklistItem, verdict: Verdict, verdicts: score.Verdicts) -> None:
        """Add an item's verdict. Of a hidden item nothing is explained, so that its numbers need not be kept."""
        self.count_crashes((item.component, item.check.part), verdict.reason)
        if verdict.check.level != item.check.level:  # it has become advice, which is not graded
            verdict = Verdict(item.check, "pass", "refused", seconds=verdict.seconds)
        if item.hidden:
            if verdict.status in SAID:  # for the grader's record; a student sees none of it
                verdict.message = message_of(verdict, self.target)
            drop_numbers(verdict)
        verdicts[item.id] = verdict

    def count_crashes(self, part: tuple[str, str], reason: str) -> None:
        """Give up a part of a component after one timeout, or after CRASHES ends of the process."""
        self.crashes[part] += reason in PROCESS_ENDED
        if reason == "timeout":
            self.timed_out = True
            self.given_up[part] = "after-timeout"
        elif self.crashes[part] >= CRASHES:
            self.given_up[part] = "after-crashes"

    def explain(self, path: str, lent: score.Verdicts) -> None:
        """Write the messages and diagnoses of the public checks, before any hidden check is run.

        lent: the verdicts of the checks that correct prerequisites do not mend, with these: they show the component's
        own mistake, and nobody else's.
        """
        for name in self.checklist.by_component:
            items = [item for item in self.checklist.items_of(name) if not item.hidden]
            verdicts = [self.verdicts[item.id] for item in items]
            unsaid = [verdict for verdict in verdicts if verdict.status in SAID and not verdict.message]
            if any(v.status == "fail" for v in unsaid):
                # by the recorded numbers alone, one mistake at a time: two together take longer than all checks do
                examination.explain([lent.get(item.id, self.verdicts[item.id]) for item in items], pairs=0)
            for id, verdict in ((item.id, self.verdicts[item.id]) for item in items if item.id in lent):
                verdict.diagnosis, verdict.undiagnosed = lent[id].diagnosis, lent[id].undiagnosed
            with keep_verdicts():
                add_smallest(unsaid, self.lend(name))
            for verdict in unsaid:
                verdict.message = message_of(verdict, self.target).replace(path, self.target)
            with keep_verdicts():
                said = reasons.why_not_judged(name, verdicts, self.subject)
                self.why[name] = [line.replace(path, self.target) for line in said]
                own = [self.verdicts[item.id] for item in items if not item.expected]
                self.shown[name] = failures_shown(own, self.target)
            for verdict in verdicts:
                drop_numbers(verdict)

    def lend(self, name: str) -> Subject:
        """Return the subject, with correct prerequisites for a component whose own are wrong if the rubric wants it."""
        wrong = self.wrong_needs(name, WRONG_SOMEWHERE) if self.rubric.prerequisites == "replace" else []
        return WithSubstitutes(self.subject, tuple(wrong)) if wrong else self.subject

    def rerun_with_substitutes(self, hidden: bool) -> score.Verdicts:
        """Re-run failures with correct prerequisites; those that then pass are consequences, not new mistakes.

        hidden: those of the hidden checks, else of the public ones. Nothing, if the rubric does not want it. A
        component comes after all that it needs, so what it is lent answers nothing that is still to be run.
        Return the verdicts of those that fail again, which are the component's own mistakes.
        """
        again: score.Verdicts = {}
        if self.rubric.prerequisites != "replace":
            return again
        wrong = {name: self.wrong_needs(name, WRONG_SOMEWHERE) for name in self.checklist.by_component}
        for name in sorted((n for n in wrong if wrong[n]), key=lambda n: len(all_needs(n, self.needs))):
            verdicts = [(item, self.verdicts[item.id]) for item in self.checklist.items_of(name)]
            failed = [i for i, v in verdicts if i.hidden == hidden and v.status == "fail" and v.reason not in HOPELESS]
            for id, verdict in self.run(failed, WithSubstitutes(self.subject, tuple(wrong[name]))).items():
                if verdict.status == "pass":
                    names = ", ".join(wrong[name])
                    drop_numbers(verdict)
                    self.substituted[id], verdict.message = names, messages.with_substitutes(names)
                    self.verdicts[id] = verdict
                else:
                    again[id] = verdict
        return again


def drop_numbers(verdict: Verdict) -> None:
    """Drop a verdict's arrays once its message is made: what a run holds must not depend on the answers."""
    verdict.plan = verdict.trace = verdict.expected = None
    verdict.problems = []


def message_of(verdict: Verdict, target: str) -> str:
    """Return the message of a check that did not pass."""
    with keep_verdicts():
        if verdict.status == "not_run" and verdict.reason in messages.NOT_RUN:
            return messages.not_run(verdict.reason)
        if verdict.status == "beyond":
            return messages.beyond(verdict.reason)
    return examination.say_failure(verdict, target)
