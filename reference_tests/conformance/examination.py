"""A whole examination: every check of every component asked for, on one subject."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches

from ..subject.protocol import Subject
from . import generate, references
from .contract import BEYOND, COMPONENTS, all_checks, layer
from .diagnosis.minimize import ENDS
from .diagnosis.prerequisites import NEEDS
from .judge import component_status, explain, judge_all
from .scenarios import parts_of
from .types import Check, Verdict

OTHERS = 3.0  # seconds for the other checks of a component of which one is asked
GENERATED = 5  # fresh cases a layer and run, where nobody asks for more


@dataclass(frozen=True)
class Request:
    """What is asked of an examination."""

    only: tuple[str, ...] = ()
    case: str = ""
    devices: tuple[str, ...] = references.CPU
    fresh: int = GENERATED
    seed: int = generate.PUBLIC
    strict: bool = False
    require: tuple[str, ...] = ()


@dataclass
class Examination:
    """component -> its verdicts, explained."""

    components: dict[str, list[Verdict]] = field(default_factory=dict)
    strict: bool = False
    require: tuple[str, ...] = ()

    def status(self, component: str) -> str:
        return component_status(self.components[component], self.strict)

    @property
    def exit_status(self) -> int:
        """0 all that is there agrees; 1 something disagrees or is missing though required; 3 a fault of ours."""
        seen = {name: self.status(name) for name in self.components}
        if "error" in seen.values():
            return 3
        return int("fail" in seen.values() or any(seen.get(name, "absent") == "absent" for name in self.require))

    @property
    def ok(self) -> bool:
        return self.exit_status == 0


def component_names(names: Iterable[str]) -> tuple[str, ...]:
    """The components of these names; ValueError that names the unknown one and what is near it."""
    for name in names:
        if name not in COMPONENTS:
            near = get_close_matches(name.lower(), COMPONENTS, 1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(COMPONENTS)}"
            raise ValueError(f"no component is called {name!r}: {hint}")
    return tuple(name for name in COMPONENTS if name in names)


def checks_named(check_id: str) -> list[Check]:
    """The checks that an id stands for: one check, or both parts of a case; ValueError where there is none."""
    component = check_id.partition("/")[0]
    component_names([component])
    all_of_it = all_checks([component])
    found = [c for c in all_of_it if c.id == check_id] or [c for c in all_of_it if c.case.id == check_id]
    if found:
        return found
    name, _, part = check_id.rpartition("/")
    for case_id, wanted in ((name, part), (check_id, "")):
        case = generate.rebuild_case(layer(component), case_id)
        if case:
            how = generate.generated_scenario(layer(component))
            return [Check(case, how, p) for p in parts_of(case.op) if wanted in (p, how.id, "")]
    near = get_close_matches(check_id, [c.id for c in all_of_it], 1, 0.3)
    raise ValueError(f"no check is called {check_id!r}" + (f": did you mean {near[0]}?" if near else ""))


def examine(
    subject: Subject, request: Request = Request(), seen: Callable[[Verdict], None] = lambda v: None
) -> Examination:
    """Every verdict goes to `seen` as it comes; the diagnosis of a component comes when all of it is judged."""
    found = Examination(strict=request.strict, require=request.require)
    asked = requested_checks(subject, request)
    for component in dict.fromkeys(c.case.op.component for c in asked):
        mine = found.components.setdefault(component, [])
        for verdict in judge_all([c for c in asked if c.case.op.component == component], subject, request.devices):
            mine.append(verdict)
            seen(verdict)
        if not request.case:
            mine += judge_new_cases(component, subject, request, mine, seen)
        wrong = [name for name in found.components if name != component and found.status(name) == "fail"]
        if request.case:
            explain_selected(mine, subject, request.devices)
        else:
            explain(mine, subject, wrong)
    return found


def explain_selected(asked: list[Verdict], subject: Subject, devices: tuple[str, ...]) -> list[Verdict]:
    """A few checks explained, for which the component's others are asked, and what it needs. -> its verdicts."""
    all_of_it = [*asked, *other_checks(asked, subject, devices)]
    wrong = []
    for name in NEEDS.get(asked[0].check.case.op.component, ()) if len(all_of_it) > len(asked) else ():
        plain = [c for c in all_checks([name]) if c.scenario.id == "plain" and c.level != "advice"]
        if any(v.status == "fail" for v in judge_all(plain, subject, devices)):
            wrong.append(name)
    return explain(all_of_it, subject, wrong)


def explain_one(
    verdict: Verdict, subject: Subject, devices: tuple[str, ...], known: dict[str, dict[str, Verdict]]
) -> Verdict:
    """One check of many that come one by one. known: component -> what has been explained of it."""
    component = verdict.check.case.op.component
    if verdict.status != "fail":
        explain([verdict], subject)
    elif component not in known:
        known[component] = {v.check.id: v for v in explain_selected([verdict], subject, devices)}
    elif (same := known[component].get(verdict.check.id)) and same.status == "fail":
        return same
    else:
        explain([*known[component].values(), verdict], subject)
    return verdict


def other_checks(asked: list[Verdict], subject: Subject, devices: tuple[str, ...] = references.CPU) -> list[Verdict]:
    """A component's other checks, where one alone fails: a mistake is named for all of them. As far as time allows."""
    if not any(v.status == "fail" for v in asked) or any(v.reason in ENDS for v in asked):
        return []
    until, found, ids = time.monotonic() + OTHERS, [], {v.check.id for v in asked}
    rest = [c for c in all_checks([asked[0].check.case.op.component]) if c.id not in ids]
    for verdict in judge_all(rest, subject, devices):
        found.append(verdict)
        if time.monotonic() > until or verdict.reason in ENDS:
            break
    return found


def requested_checks(subject: Subject, request: Request) -> list[Check]:
    """What is beyond the core is asked where it is there, or where its name is: its absence is no news."""
    if request.case:
        return checks_named(request.case)
    said = {*request.only, *request.require}
    silent = {name for name in BEYOND if name not in said and not subject.has(layer(name).OP.name)}
    return [c for c in all_checks(request.only) if c.case.op.component not in silent]


def judge_new_cases(component: str, subject: Subject, request: Request, before: list[Verdict], seen) -> list[Verdict]:
    """The drawn cases of a component, unless it is absent or already ran out of time."""
    of = layer(component)
    hopeless = any(v.reason in ("timeout", "after-timeout") for v in before)
    if not request.fresh or not hasattr(of, "drawn") or hopeless or not subject.has(of.OP.name):
        return []
    found = list(generate.judge_generated(of, request.seed, request.fresh, subject, request.devices))
    for verdict in found:
        seen(verdict)
    return found


def count_checks(subject: Subject, request: Request) -> int:
    """How many verdicts an examination is going to give, for a progress bar."""
    asked = requested_checks(subject, request)
    if request.case:
        return len(asked)
    layers = [layer(name) for name in dict.fromkeys(c.case.op.component for c in asked)]
    return len(asked) + sum(2 if of.OP.grads else 1 for of in layers if request.fresh and hasattr(of, "drawn"))
