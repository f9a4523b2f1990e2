"""Subjects in this process, made of names: for mutants, correct variants and tests. Right answers are computed once."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from ..conformance import judge
from ..conformance.contract import COMPONENTS, all_checks, layer
from ..conformance.types import Check, PreparedCheck, Verdict
from ..subject.load import Subject

SECONDS = 10.0  # limit of one program


class InProcessSubject(Subject):
    """A subject in this process, made of names: those of a mutant, of a correct variant or of a test.

    Its components can be replaced by correct ones, as in any loaded subject. files: whose lines a message may show; the
    names' own file by default.
    """

    def __init__(
        self,
        names: dict[str, Any],
        seconds: float = SECONDS,
        target: str = "names",
        files: tuple[str, ...] | None = None,
    ) -> None:
        if files is None:
            files = (str(names["__file__"]),) if "__file__" in names else ()
        super().__init__(target, target, names, [], files, {}, seconds)


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
