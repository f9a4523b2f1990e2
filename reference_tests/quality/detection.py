"""Mistakes caught: every mutant fails in its own component and, dependents aside, in no other."""

import ast
from dataclasses import dataclass, field
from functools import cache

from ..conformance import generate
from ..conformance.contract import COMPONENTS, layer
from ..corpus import mutants
from .subjects import InProcessSubject, has_component, judge_component

FRESH = 5  # drawn cases, as many as verify asks


@dataclass(frozen=True)
class Detection:
    """own: the checks of its own component that fail. elsewhere: those of components that do not depend on it."""

    mutant: str
    own: list[str] = field(default_factory=list)
    advised: list[str] = field(default_factory=list)  # as own, of the checks that are only advice
    elsewhere: list[str] = field(default_factory=list)

    @property
    def fairly(self) -> bool:
        """Bad scenarios are no mistake: they are told as advice, and nothing fails."""
        scenarios = "-advice-" in self.mutant
        return bool(self.advised if scenarios else self.own) and not (scenarios and self.own) and not self.elsewhere


def detect(mutant: mutants.Mutant, seed: int, everywhere: bool = True) -> Detection:
    """Drawn cases are asked where the public ones do not tell: answers may have been learned by heart."""
    names, own = mutant.names(), mutant.component
    failed: dict[bool, list[str]] = {True: [], False: []}
    for v in judge_component(names, [own], advice=True):
        if v.status == "fail":
            failed[v.check.level == "advice"].append(v.check.id)
    if not failed[False]:
        failed[False] = drawn_failures(names, own, seed)
    apart = [name for name in has_component(names) if name != own and name not in dependents(own)]
    others = judge_component(names, apart if everywhere else ())
    return Detection(mutant.id, failed[False], failed[True], [v.check.id for v in others if v.status != "pass"])


@cache
def dependents(component: str) -> frozenset[str]:
    """The components that the base works out with this one."""
    uses: dict[str, set[str]] = {}
    for part in ast.parse(mutants.base()).body:
        if isinstance(part, ast.ClassDef | ast.FunctionDef):
            uses[part.name] = {node.id for node in ast.walk(part) if isinstance(node, ast.Name)}
    through = {layer(component).OP.name}
    while more := {name for name, used in uses.items() if used & through} - through:
        through |= more
    return frozenset(name for name in COMPONENTS if name != component and layer(name).OP.name in through)


def drawn_failures(names: dict, component: str, seed: int) -> list[str]:
    found = generate.judge_generated(layer(component), seed, FRESH, InProcessSubject(names))
    return [v.check.id for v in found if v.status == "fail" and v.check.level != "advice"]


@cache
def plant() -> dict[str, mutants.Mutant]:
    return {m.id: m for m in mutants.mutants()}


def by_id(mutant: str, seed: int) -> Detection:
    return detect(plant()[mutant], seed)
