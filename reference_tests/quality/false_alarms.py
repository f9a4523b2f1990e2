"""The false-alarm rate: correct implementations must pass on any generated numbers.

A thousand seeds of one component: `python -m reference_tests.quality.false_alarms 1 1000 simple_conv_net`.
"""

import random
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from ..conformance import generate, judge, references
from ..conformance.contract import COMPONENTS, all_checks, layer
from ..conformance.network_scenarios import SCENARIOS as NETWORK
from ..conformance.scenarios import SCENARIOS, parts_of
from ..conformance.types import Case, Check
from ..corpus import correct
from ..subject.load import load
from ..subject.protocol import Subject
from .subjects import InProcessSubject, has_component, judge_component

FLOAT32 = next(m for m in SCENARIOS if m.id == "float32")


@dataclass(frozen=True)
class Alarm:
    """A check that a correct implementation did not pass."""

    who: str
    check: str
    status: str
    reason: str


@cache
def correct_subjects() -> dict[str, Subject]:
    """Return the correct variants and impl as subjects, by name."""
    return {"impl": load("impl"), **{way: InProcessSubject(correct.names(way)) for way in correct.WAYS}}


def case_of(component: str, seed: int) -> Case:
    """Generate the component's case of this seed: sizes and numbers."""
    return generate.record_picks(layer(component), random.Random(f"{component}/{seed}").randint, seed)


def drawn_checks(component: str, seed: int) -> list[Check]:
    """List the checks of the generated case of this seed."""
    of = layer(component)
    return [Check(case_of(component, seed), generate.generated_scenario(of), part) for part in parts_of(of.OP)]


def in_float32(component: str, seed: int) -> list[Check]:
    """List the same checks on float32 arrays; none for a case without arrays."""
    of, case = layer(component), case_of(component, seed)
    how = NETWORK["float32"] if component == "simple_conv_net" else FLOAT32
    return [Check(case, how, part) for part in parts_of(of.OP)] if case.shapes else []


def with_other_numbers(component: str, seed: int) -> list[Check]:
    """Return one public check with other random numbers; successive seeds go through all of them."""
    some = [c for c in all_checks([component]) if c.level != "advice"]
    check = some[seed % len(some)]
    return [replace(check, case=replace(check.case, seed=seed))]


def alarms_in(checks: Iterable[Check], who: Iterable[str]) -> Iterator[Alarm]:
    """Judge each check with all the named subjects, its right answers computed once; yield what did not pass."""
    np.random.seed(1)  # noqa: NPY002 (dropout's masks: reproducible verdicts)
    subjects = {name: correct_subjects()[name] for name in who}
    for check in checks:
        asked = {name: s for name, s in subjects.items() if s.has(check.case.op.name)}
        if not asked:
            continue
        answers = judge.prepare(check)
        references.forget()
        for name, subject in asked.items():
            v = judge.judge(check, subject, ready=answers)
            if v.status != "pass":
                yield Alarm(name, check.id, v.status, v.reason)


def of_seed(seed: int) -> list[Alarm]:
    """List the false alarms of impl and all correct variants on one generated and one renumbered case per component."""
    checks = [c for name in COMPONENTS for c in (*drawn_checks(name, seed), *with_other_numbers(name, seed))]
    return list(alarms_in(checks, correct_subjects()))


def of_drawn(component: str, seeds: Iterable[int]) -> list[Alarm]:
    """List the false alarms of impl and all correct variants on one component's generated cases, in float32 too."""
    checks = (c for seed in seeds for c in (*drawn_checks(component, seed), *in_float32(component, seed)))
    return list(alarms_in(checks, correct_subjects()))


def of_way(way: str, seeds: Iterable[int]) -> list[Alarm]:
    """List the false alarms of one correct variant: public checks, then a generated case per component and seed."""
    names = correct.names(way)
    found = [
        Alarm(way, v.check.id, v.status, v.reason)
        for v in judge_component(names, has_component(names))
        if v.status != "pass"
    ]
    checks = [
        c
        for seed in seeds
        for name in has_component(names)
        for c in (*drawn_checks(name, seed), *in_float32(name, seed))
    ]
    return found + list(alarms_in(checks, [way]))


def main(arguments: list[str]) -> int:
    """Print the false alarms of FIRST LAST [COMPONENT ...]: generated cases of these seeds. Return the exit status."""
    first, last, *components = arguments
    found = [alarm for name in components or COMPONENTS for alarm in of_drawn(name, range(int(first), int(last) + 1))]
    for alarm in found:
        print(alarm)
    print(f"{len(found)} false alarms")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
