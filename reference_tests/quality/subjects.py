"""The mutants, the right ways and impl as subjects in this process, asked what was worked out once."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from functools import cache
from typing import Any

from ..conformance import judge
from ..conformance.contract import COMPONENTS, all_checks, layer
from ..conformance.types import Check, Verdict
from ..subject import execute
from ..subject.load import rebuild_trace
from ..subject.protocol import Plan, Trace

SECONDS = 10.0  # for one program


class InProcessSubject:
    """A subject made of names."""

    target = "names"

    def __init__(self, names: dict[str, Any]):
        self.names, self.files = names, (str(names["__file__"]),)

    def has(self, name: str) -> bool:
        return name in self.names

    def run(self, plan: Plan) -> Trace:
        return rebuild_trace(
            execute.execute(self.names, plan.program, plan.given, plan.layout, SECONDS, self.files), plan
        )


class Replacing(InProcessSubject):
    """One whose parts can be replaced by right ones, as the worker does it."""

    def run(self, plan: Plan) -> Trace:
        with ExitStack() as stack:
            for _verb, _result, name, args, *_ in (s for s in plan.program if s[0] == "replace"):
                stack.enter_context(execute.replace_target(self.names, name, execute.instance_of(args[0], name)))
            return super().run(plan)


@cache
def ready(component: str) -> list[tuple[Check, judge.PreparedCheck]]:
    """A component's checks, each with its program and right answers."""
    return [(check, judge.prepare(check)) for check in all_checks([component])]


def has_component(names: Mapping[str, Any]) -> tuple[str, ...]:
    """The components that the names have."""
    return tuple(name for name in COMPONENTS if layer(name).OP.name in names)


def judge_component(names: dict[str, Any], components: Iterable[str], advice: bool = False) -> Iterator[Verdict]:
    """Verdicts of the public checks: core and edge, advice too where it is asked for."""
    subject = InProcessSubject(names)
    for name in components:
        for check, answers in ready(name):
            if advice or check.level != "advice":
                yield judge.judge(check, subject, ready=answers)
