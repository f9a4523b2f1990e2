"""Subjects in this process, made of names: for mutants, correct variants and tests. Right answers are computed once."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from functools import cache
from typing import Any

from ..conformance import judge
from ..conformance.contract import COMPONENTS, all_checks, layer
from ..conformance.types import Check, PreparedCheck, Verdict
from ..subject import execute
from ..subject.load import mark_absent_result
from ..subject.protocol import Plan, Trace

SECONDS = 10.0  # limit of one program


class InProcessSubject:
    """A subject made of names, run in this process."""

    target = "names"

    def __init__(self, names: dict[str, Any]):
        self.names, self.files = names, (str(names["__file__"]),)

    def has(self, name: str) -> bool:
        """Return whether the name is defined."""
        return name in self.names

    def run(self, plan: Plan) -> Trace:
        """Run the program on these names."""
        return mark_absent_result(
            execute.execute(self.names, plan.program, plan.given, plan.layout, SECONDS, self.files), plan
        )


class Replacing(InProcessSubject):
    """A subject whose components can be replaced by correct ones, as the worker does it."""

    def run(self, plan: Plan) -> Trace:
        """Run the program with its replacements in place."""
        with ExitStack() as stack:
            for _verb, _result, name, args, *_ in (s for s in plan.program if s[0] == "replace"):
                stack.enter_context(execute.replace_target(self.names, name, execute.load_substitute(args[0], name)))
            return super().run(plan)


@cache
def ready(component: str) -> list[tuple[Check, PreparedCheck]]:
    """Return a component's checks, each with its program and right answers."""
    return [(check, judge.prepare(check)) for check in all_checks([component])]


def has_component(names: Mapping[str, Any]) -> tuple[str, ...]:
    """List the components whose names are there."""
    return tuple(name for name in COMPONENTS if layer(name).OP.name in names)


def judge_component(names: dict[str, Any], components: Iterable[str], advice: bool = False) -> Iterator[Verdict]:
    """Yield the verdicts of the public checks: core and edge, and advice on request."""
    subject = InProcessSubject(names)
    for name in components:
        for check, answers in ready(name):
            if advice or check.level != "advice":
                yield judge.judge(check, subject, ready=answers)
