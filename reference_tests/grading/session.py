"""One submission's checks, in the order that keeps what is hidden hidden."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from ..conformance import judge, messages
from ..conformance.diagnosis.assign import PAIRS
from ..conformance.diagnosis.prerequisites import WithSubstitutes
from ..conformance.types import Verdict
from ..subject.protocol import Plan, Subject, Trace
from . import messages as words
from . import score
from .checklist import Answers, Checklist, ChecklistItem
from .rubric import Rubric
from .shared_programs import RecordedSubject, first_of_two, starts_with

CRASHES = 5  # of one part of a layer: then its other checks are not asked, so that there is time for the rest
ENDED = ("memory", "signal", "exit")  # reasons: the process is gone
HOPELESS = ("timeout", "after-timeout", "after-crashes", *ENDED)  # reasons that no right prerequisite would mend


class GradingSession:
    """The public checks first; then the hidden ones; last what failed, on right prerequisites.

    So in this order because the submission remembers: what it is asked in secret it could tell in a public check's
    error message, and a right prerequisite that it is given it could keep as its own."""

    def __init__(
        self,
        subject: Subject,
        target: str,
        rubric: Rubric,
        paper: Checklist,
        answers: Answers,
        await_answers: Callable[[str], None] = lambda component: None,
    ) -> None:
        self.await_answers = await_answers
        self.subject, self.target, self.rubric, self.paper, self.answers = subject, target, rubric, paper, answers
        self.found = score.unasked(paper)
        self.helped: dict[str, str] = {}
        self.given_up: dict[tuple[str, str], str] = {}  # component and part -> why its other checks are not asked
        self.crashes: Counter[tuple[str, str]] = Counter()
        self.needs = {part.name: part.needs for part in rubric.components}

    def examine(self, path: str) -> None:
        for name in self.paper.components:
            self.wait_for(name)
            self.ask_unless_skipped([item for item in self.paper.of(name) if not item.hidden], name)
        self.explain(path)
        for name in self.paper.components:
            self.ask_unless_skipped([item for item in self.paper.of(name) if item.hidden], name)
        self.explain_hidden()
        if self.rubric.prerequisites == "replace":
            self.help()

    def wait_for(self, name: str) -> None:
        """What the first submission of a run waits for is none of its time."""
        start = time.monotonic()
        self.await_answers(name)
        if hasattr(self.subject, "until"):
            self.subject.until += time.monotonic() - start

    def ask_unless_skipped(self, items: list[ChecklistItem], name: str) -> None:
        wrong = self.wrong_needs(name) if self.rubric.prerequisites == "skip" else []
        if wrong:
            for item in items:
                message = words.not_run("prerequisite", ", ".join(wrong))
                self.found[item.id] = Verdict(item.check, "not_run", "prerequisite", message=message)
        else:
            self.found |= self.ask(items, self.subject)

    def wrong_needs(self, name: str) -> list[str]:
        return [need for need in needed_components(name, self.needs) if self.status(need) == "fail"]

    def status(self, name: str) -> str:
        return judge.component_status([self.found[item.id] for item in self.paper.of(name)])

    def ask(self, items: Iterable[ChecklistItem], subject: Subject) -> dict[str, Verdict]:
        found = {}
        played: dict[str, Trace] = {}  # id of a backward -> what it did, seen while its forward was asked
        for item in items:
            ready = self.answers.get(item.id, "there is no right answer to it")
            kind = (item.component, item.check.part)
            if isinstance(ready, str):
                verdict = Verdict(item.check, "error", ready)
            elif kind in self.given_up:
                verdict = Verdict(item.check, "not_run", self.given_up[kind])
            elif item.id in played:
                verdict = judge.judge(item.check, RecordedSubject(subject, played[item.id]), ready=ready)
            elif longer := self.longer(item, subject):
                verdict, played[self.paper.backward_of[item.id]] = first_of_two(item.check, subject, ready, longer)
            else:
                verdict = judge.judge(item.check, subject, ready=ready)
            self.watch(kind, verdict.reason)
            found[item.id] = verdict
        return found

    def longer(self, item: ChecklistItem, subject: Subject) -> Plan | None:
        """The program of the same case's backward, where it begins with this forward's."""
        ready, after = self.answers.get(item.id), self.answers.get(self.paper.backward_of.get(item.id, ""))
        if not isinstance(ready, tuple) or not isinstance(after, tuple):
            return None
        if item.id not in self.paper.shared:
            self.paper.shared[item.id] = starts_with(ready[0], after[0])
        wanted = (item.component, "backward") not in self.given_up and subject.has(item.check.case.op.name)
        return after[0] if wanted and self.paper.shared[item.id] else None

    def watch(self, kind: tuple[str, str], reason: str) -> None:
        """A timeout costs its part of the layer the other checks; a crash only itself, but not for ever."""
        self.crashes[kind] += reason in ENDED
        if reason == "timeout":
            self.given_up[kind] = "after-timeout"
        elif self.crashes[kind] >= CRASHES:
            self.given_up[kind] = "after-crashes"

    def explain(self, path: str) -> None:
        """Messages of the public checks, and a known mistake's name where one fits; before anything hidden is asked."""
        for name in self.paper.components:
            verdicts = [self.found[item.id] for item in self.paper.of(name) if not item.hidden]
            bad = [v for v in verdicts if v.status in judge.DECIDING and not v.message]
            if any(v.status == "fail" for v in bad) and not self.wrong_needs(name):
                diagnosis_text(verdicts)
            for verdict in bad:
                verdict.message = said_text(verdict, self.target).replace(path, self.target)

    def explain_hidden(self) -> None:
        """For who grades; a student sees none of it."""
        for item in self.paper.items:
            verdict = self.found[item.id]
            if item.hidden and verdict.status in judge.DECIDING and not verdict.message:
                verdict.message = said_text(verdict, self.target)

    def help(self) -> None:
        """What fails, again with right ones in place of its wrong prerequisites; what passes then is no second mistake.

        A component comes after all that it needs: by then those have been asked for the last time."""
        wrong = {name: self.wrong_needs(name) for name in self.paper.components}
        for name in sorted((n for n in wrong if wrong[n]), key=lambda n: len(needed_components(n, self.needs))):
            failing = [i for i in self.paper.of(name) if can_use_substitutes(self.found[i.id])]
            for id, verdict in self.ask(failing, WithSubstitutes(self.subject, tuple(wrong[name]))).items():
                if verdict.status == "pass":
                    names = ", ".join(wrong[name])
                    self.helped[id], verdict.message = names, words.with_substitutes(names)
                    self.found[id] = verdict


def can_use_substitutes(verdict: Verdict) -> bool:
    return verdict.status == "fail" and verdict.reason not in HOPELESS


def diagnosis_text(verdicts: list[Verdict]) -> None:
    """A known mistake's name is a help, not a verdict: where finding it fails, there is none.

    From the numbers alone: the submission is not run for it, nor lent a right prerequisite; and one mistake at a time,
    since two together take longer to find than all checks take to run."""
    before = PAIRS.set(0)
    try:
        judge.explain(verdicts)
    except Exception:
        for verdict in verdicts:
            verdict.diagnosis = None
    finally:
        PAIRS.reset(before)


def said_text(verdict: Verdict, target: str) -> str:
    try:
        return words.not_run(verdict.reason) if verdict.status == "not_run" else messages.failure(verdict, target)
    except Exception:  # of numbers that no sentence was thought of for
        return f"{verdict.status}: {verdict.reason}"


def needed_components(name: str, needs: Mapping[str, Iterable[str]]) -> list[str]:
    """All that a component needs, directly or not."""
    found: list[str] = []
    todo = list(needs.get(name, ()))
    while todo:
        one = todo.pop(0)
        if one not in found:
            found.append(one)
            todo += needs.get(one, ())
    return found
