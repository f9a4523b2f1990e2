"""The detection rate: every mutant must fail in its own component and, its dependents aside, in no other."""

import ast
from dataclasses import dataclass, field
from functools import cache

from ..conformance import generate
from ..conformance.contract import COMPONENTS, layer
from ..corpus import mutants
from .subjects import InProcessSubject, has_component, judge_component

FRESH = 5  # generated cases, as many as verify uses


@dataclass(frozen=True)
class Detection:
    """The checks that a mutant fails: in its own component, and elsewhere in components that do not depend on it."""

    mutant: str
    own: list[str] = field(default_factory=list)
    advised: list[str] = field(default_factory=list)  # the failing advice checks of its own component
    elsewhere: list[str] = field(default_factory=list)

    @property
    def fairly(self) -> bool:
        """True if it is detected where it is wrong and nowhere else; a mutant of advice must fail advice alone."""
        scenarios = "-advice-" in self.mutant
        return bool(self.advised if scenarios else self.own) and not (scenarios and self.own) and not self.elsewhere


def detect(mutant: mutants.Mutant, seed: int, everywhere: bool = True) -> Detection:
    """Judge a mutant; generated cases are added if no public case fails, for answers that were memorized."""
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
    """Return the components that the plain edition computes with the help of this one."""
    uses: dict[str, set[str]] = {}
    for part in ast.parse(mutants.base()).body:
        if isinstance(part, ast.ClassDef | ast.FunctionDef):
            uses[part.name] = {node.id for node in ast.walk(part) if isinstance(node, ast.Name)}
    through = {layer(component).OP.name}
    while more := {name for name, used in uses.items() if used & through} - through:
        through |= more
    return frozenset(name for name in COMPONENTS if name != component and layer(name).OP.name in through)


def drawn_failures(names: dict, component: str, seed: int) -> list[str]:
    """List the ids of the generated checks that fail, advice left out."""
    found = generate.judge_generated(layer(component), seed, FRESH, InProcessSubject(names))
    return [v.check.id for v in found if v.status == "fail" and v.check.level != "advice"]


@cache
def plant() -> dict[str, mutants.Mutant]:
    """Return every mutant by its id."""
    return {m.id: m for m in mutants.mutants()}


def by_id(mutant: str, seed: int) -> Detection:
    """Judge the mutant of this id."""
    return detect(plant()[mutant], seed)
