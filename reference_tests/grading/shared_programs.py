"""Run forward and backward of one case as one program, because the second begins with the first: far fewer programs.

This is done only if it makes no difference. The longer program's results count for forward only if they make forward
pass; otherwise forward is run by itself. In its forward, a layer cannot know that a backward will follow.
"""

import time
from dataclasses import dataclass
from typing import Any

from ..conformance import judge
from ..conformance.types import Check, PreparedCheck, Verdict
from ..subject.protocol import Plan, Subject, Trace, identical


@dataclass(frozen=True)
class RecordedSubject:
    """A subject that answers every program with a trace recorded before."""

    subject: Subject
    trace: Trace

    def has(self, name: str) -> bool:
        """True if the subject defines the name."""
        return self.subject.has(name)

    def __getattr__(self, name: str) -> Any:
        """Return what else is asked of the subject: its interfaces, its arrays, what could not be read."""
        if name.startswith("__"):  # of Python's own, which it asks of the class
            raise AttributeError(name)
        return getattr(self.subject, name)

    def run(self, plan: Plan) -> Trace:
        """Return the recorded trace."""
        return self.trace


def starts_with(longer: Plan, plan: Plan) -> bool:
    """True if the longer program begins with the same steps on the same arrays."""
    return (
        longer.program[: len(plan.program)] == plan.program
        and longer.layout == plan.layout
        and all(name in longer.given and identical(a, longer.given[name]) for name, a in plan.given.items())
    )


def judge_by_longer(check: Check, subject: Subject, ready: PreparedCheck, longer: Plan) -> tuple[Verdict, Trace]:
    """Judge a check by a program that begins with its own. Return the verdict, and the longer program's trace."""
    start = time.perf_counter()
    trace = subject.run(longer)
    if trace.stop is None:
        verdict = judge.judge(check, RecordedSubject(subject, first_part(trace, ready.plan)), ready=ready)
        if verdict.status == "pass":
            verdict.seconds = time.perf_counter() - start
            return verdict, trace
    return judge.judge(check, subject, ready=ready), trace


def first_part(trace: Trace, plan: Plan) -> Trace:
    """Return the part of a longer program's trace that belongs to the shorter plan."""
    names = [step[1] for step in plan.program if step[1] in trace.results]
    results, left = ({name: arrays[name] for name in names} for arrays in (trace.results, trace.left))
    return Trace(results, left, {name: trace.inputs[name] for name in plan.given})
