"""Forward and backward of one case as one program, since the second begins with the first: far fewer programs.

Only where it makes no difference: what the longer program shows counts for forward alone where forward is right by it;
else forward is run by itself. A layer cannot know in its forward that a backward is going to come."""

import time
from dataclasses import dataclass

from ..conformance import judge
from ..conformance.types import Check, Verdict
from ..subject.protocol import Plan, Subject, Trace


@dataclass(frozen=True)
class RecordedSubject:
    """The subject, of which it is known already what it does."""

    subject: Subject
    trace: Trace

    def has(self, name: str) -> bool:
        return self.subject.has(name)

    def run(self, plan: Plan) -> Trace:
        return self.trace


def starts_with(plan: Plan, longer: Plan) -> bool:
    """Whether the longer program does the same at first, with the same arrays."""
    size = len(plan.program)
    return (
        longer.program[:size] == plan.program
        and longer.layout == plan.layout
        and all(k in longer.given and same(a, longer.given[k]) for k, a in plan.given.items())
    )


def same(a, b) -> bool:
    return a is b or (a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes())


def first_of_two(check: Check, subject: Subject, ready: judge.PreparedCheck, longer: Plan) -> tuple[Verdict, Trace]:
    """-> the verdict of the shorter program, and what the longer one gave."""
    start = time.perf_counter()
    plan, _ = ready
    trace = subject.run(longer)
    if trace.stop is None:
        names = [step[1] for step in plan.program if step[1] in trace.results]
        results, left = ({k: of[k] for k in names} for of in (trace.results, trace.left))
        short = Trace(results, left, {k: trace.inputs[k] for k in plan.given})
        verdict = judge.judge(check, RecordedSubject(subject, short), ready=ready)
        if verdict.status == "pass":
            verdict.seconds = time.perf_counter() - start
            return verdict, trace
    return judge.judge(check, subject, ready=ready), trace
