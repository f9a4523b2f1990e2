"""A whole examination: draw, ask the references, run the subject, compare, diagnose, for every check asked for."""

import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field

from ..faults import keep_verdicts
from ..i18n import _
from ..subject.protocol import Interface, Note, Subject, Unread
from ..suggest import did_you_mean, similar_names
from . import absences, generate, messages, references, spoken
from .calls import wrong_call
from .contract import BEYOND, COMPONENTS, all_checks, layer
from .diagnosis import Diagnoser
from .diagnosis.exceptions import HOPELESS
from .diagnosis.match import PAIRS
from .diagnosis.prerequisites import NEEDS, Trial
from .fresh import find_kept, judge_again
from .judge import DECIDING, Devices, component_status, count_by_level, judge_all
from .reach import interface_of, is_unread
from .scenarios import SCENARIOS, parts_of
from .second_batches import judge_second_batches, written_again
from .thresholds.cases import THRESHOLD
from .thresholds.names import name_bounds
from .thresholds.search import find_bounds, judge_thresholds
from .types import Check, Verdict

SLOW = 20.0  # seconds for one trial of the diagnosis, or for the other checks of a component of which one is asked
GENERATED = 5  # fresh cases a layer and run, where nobody asks for more


@dataclass(frozen=True)
class Request:
    """What an examination is asked to do."""

    only: tuple[str, ...] = ()
    case: str = ""
    devices: Devices = references.CPU
    fresh: int = GENERATED
    seed: int = generate.PUBLIC
    strict: bool = False
    level: str = "edge"  # the mildest that makes the exit status 1: "core" or "edge"
    require: tuple[str, ...] = ()


@dataclass
class Examination:
    """The result of an examination: component -> its verdicts, explained."""

    components: dict[str, list[Verdict]] = field(default_factory=dict)
    strict: bool = False
    require: tuple[str, ...] = ()
    level: str = "edge"
    notes: list[Note] = field(default_factory=list)  # what is to be said of the subject besides
    interfaces: dict[str, Interface] = field(default_factory=dict)  # contract name -> another interface
    unread: list[Unread] = field(default_factory=list)  # what looks like a layer and could not be read
    near: dict[str, str] = field(default_factory=dict)  # absent name -> one of the subject's that looks like it
    not_reached: list[str] = field(default_factory=list)  # components that were not judged to the end before Ctrl-C

    def status(self, component: str) -> str:
        """Sum up one component: pass, partial, edge (agrees but for corner cases), fail, absent or error."""
        return component_status(self.components[component], self.strict)

    def shown(self, component: str) -> str:
        """Return the status as it is said: of a layer that could not be read, what it does where it is called."""
        status, name = self.status(component), self.name_of(component)
        return next((spoken.unread_status(u) for u in self.unread if u.name == name and status == "unread"), status)

    def levels(self, component: str) -> dict[str, dict[str, int]]:
        """Count the checks of each level that counts: level -> passed and total."""
        counts = count_by_level((v.check.level, v.status) for v in self.components[component])
        return {level: n for level, n in counts.items() if self.strict or level != "advice"}

    @property
    def exit_status(self) -> int:
        """0: all that is there agrees; 1: something disagrees, is missing though required, or nothing was judged.

        3: a fault of ours. A wrong corner case disagrees too, unless the level is "core".
        """
        statuses = {name: self.status(name) for name in self.components}
        if "error" in statuses.values():
            return 3
        missing = any(statuses.get(name, "absent") in ("absent", "unread") for name in self.require)
        wrong_model = any(note.kind == "model-wrong" for note in self.notes)
        decides = {"fail", "unread"} | ({"edge"} if self.level != "core" else set())
        return int(missing or wrong_model or not self.judged or not decides.isdisjoint(statuses.values()))

    @property
    def judged(self) -> bool:
        """Whether any component was judged at all: an examination in which all is absent is no agreement."""
        return any(self.status(name) not in ("absent", "unread") for name in self.components)

    def name_of(self, component: str) -> str:
        """Return the contract's name of a component, a network's own for a network."""
        return next((v.check.case.op.name for v in self.components[component]), "")

    def why_absent(self, component: str) -> list[str]:
        """Say why checks of a component are absent; nothing where the subject has nothing like it."""
        name = self.name_of(component)
        if said := [spoken.unread_line(one, component) for one in self.unread if one.name == name]:
            return said
        return absences.why_absent(self.components[component], self.notes, self.near)

    @property
    def ok(self) -> bool:
        """Whether the exit status is 0."""
        return self.exit_status == 0


def component_names(names: Iterable[str]) -> tuple[str, ...]:
    """Put names of components in the contract's order; a layer's own name, Convolution, stands for its component.

    Raises ValueError that suggests a name for an unknown one.
    """
    wanted = set()
    for name in names:
        found = name if name in COMPONENTS else next((n for n in COMPONENTS if layer(n).OP.name == name), "")
        if not found:
            text = _("no component is called {name!r}; {hint}")
            raise ValueError(text.format(name=name, hint=did_you_mean(name.lower(), COMPONENTS)))
        wanted.add(found)
    return tuple(name for name in COMPONENTS if name in wanted)


def checks_named(check_id: str) -> list[Check]:
    """Find the checks that an id stands for: one check, or both parts of a case. ValueError for an unknown id."""
    component = check_id.partition("/")[0]
    component_names([component])
    every = all_checks([component])
    checks = [c for c in every if c.id == check_id] or [c for c in every if c.case.id == check_id]
    if checks:
        return checks
    if unlisted := checks_drawn(component, check_id) or written_again(component, check_id):
        return unlisted
    similar = similar_names(check_id, [c.id for c in every], 1, 0.3)
    hint = "; " + _("did you mean {names}?").format(names=similar[0]) if similar else ""
    raise ValueError(_("no check is called {name!r}").format(name=check_id) + hint)


def checks_drawn(component: str, check_id: str) -> list[Check]:
    """Find the checks that the id of a drawn case stands for; none if it is not the id of one."""
    of = layer(component)
    usual = generate.generated_scenario(of)
    by_id = {how.id: how for how in (*SCENARIOS, THRESHOLD, usual, *(how for _, how in getattr(of, "SCENARIOS", ())))}
    _, name, *rest = [*check_id.split("/"), ""]
    case = generate.rebuild_case(of, f"{component}/{name}")
    if case is None:
        return []
    scenario = next((by_id[word] for word in rest if word in by_id), usual)
    parts = [part for part in scenario.parts if part in rest] or [*parts_of(case.op)]
    return [Check(case, scenario, part) for part in parts]


def examine(
    subject: Subject, request: Request = Request(), report: Callable[[Verdict], None] = lambda v: None
) -> Examination:
    """Judge every check that the request asks for, and explain the failures of each component once it is judged.

    Ctrl-C ends it: what was judged to the end is kept, and not_reached names the rest.
    report: called with every verdict as it comes, before the diagnosis.
    """
    examination = Examination(
        strict=request.strict,
        require=request.require,
        level=request.level,
        notes=list(getattr(subject, "notes", ())),
        near=dict(getattr(subject, "near", {})),
        interfaces=dict(getattr(subject, "interfaces", {})),
        unread=list(getattr(subject, "unread", ())),
    )
    failing: list[str] = []
    checks = requested_checks(subject, request)
    components = list(dict.fromkeys(c.case.op.component for c in checks))
    for number, component in enumerate(components):
        asked = [c for c in checks if c.case.op.component == component]
        try:
            mine = examine_component(subject, request, asked, failing, examination.components, report)
        except KeyboardInterrupt:
            examination.not_reached = components[number:]
            break
        examination.components[component] = mine
        if component_status(mine) in ("fail", "edge"):  # advice makes nothing wrong, with --strict neither
            failing.append(component)
    return examination


def examine_component(
    subject: Subject, request: Request, asked: list[Check], failing: list[str], done: Collection[str],
    report: Callable[[Verdict], None],
) -> list[Verdict]:  # fmt: skip
    """Judge and explain one component. failing: those before it that are wrong; done: all before it."""
    component, mine = asked[0].case.op.component, []
    for verdict in judge_all([*asked, *more_checks(component, subject, request)], subject, request.devices):
        mine.append(verdict)
        report(verdict)
    if request.case:
        explain_selected(mine, subject, request.devices)
        return mine
    for verdict in [
        *judge_new_cases(component, subject, request, mine),
        *judge_found(component, subject, request, mine),
    ]:
        mine.append(verdict)
        report(verdict)
    with keep_verdicts(mine):
        failing = [*failing, *wrong_prerequisites(mine, subject, request.devices, done)]
    explain(mine, subject, failing)
    return mine


def explain(
    verdicts: list[Verdict],
    subject: Subject | None = None,
    wrong: Collection[str] = (),
    pairs: int = PAIRS,
    shown: list[Verdict] | None = None,
) -> list[Verdict]:
    """Diagnose all verdicts of one component together (a mistake must fit every one of them); write the messages.

    subject: it is run again, for the smallest case and the like; None: it may not be run. wrong: other components that
    fail. pairs: how many predictions may be made to find two mistakes together. shown: those that will be reported,
    which are run once more in a process of their own; None: all. A fault of ours costs the names, not the verdicts.
    """
    with keep_verdicts(verdicts, shown):
        if not any(v.undiagnosed for v in verdicts):
            name_mistakes(verdicts, subject, wrong, pairs, shown)
            name_bounds(verdicts)
    for v in verdicts:
        if v.status in DECIDING or v.problems:
            with keep_verdicts([v]):
                v.asked = wrong_call(v)
            v.message = say_failure(v, getattr(subject, "target", "impl"))
    return verdicts


def say_failure(v: Verdict, target: str) -> str:
    """Write a failure's message; without a name, or of its id alone, where a fault of ours is in the way."""
    for _attempt in ("with its name", "without"):
        with keep_verdicts([v]):
            return messages.failure(v, target)
    return f"{v.check.id}: {v.reason}"


def name_mistakes(
    verdicts: list[Verdict], subject: Subject | None, wrong: Collection[str], pairs: int, shown: list[Verdict] | None
) -> None:
    """Give the failures of a component their names; see explain."""
    absences.mark_missing(verdicts)
    kept = find_kept(verdicts if shown is None else shown, verdicts, subject)
    diagnose([v for v in verdicts if v not in kept], subject, wrong, pairs, bool(kept))


def diagnose(
    verdicts: list[Verdict], subject: Subject | None, wrong: Collection[str], pairs: int, keeps: bool = False
) -> None:
    """Give each failure its diagnosis, or none; see explain. keeps: whether something is kept between calls."""
    diagnoser = Diagnoser(verdicts, subject, wrong, pairs, keeps)
    for trial in diagnoser.trials():
        trial.judged = judge_trial(trial)
    diagnoser.assign()


def judge_trial(trial: Trial) -> list[Verdict]:
    """Judge a trial's failures again; none of them where that takes too long."""
    until, judged = time.monotonic() + SLOW, []
    for v in trial.failures:
        if time.monotonic() > until or v.reason in HOPELESS:
            return []
        judged.append(judge_again(v, trial.subject))
    return judged


def explain_selected(asked: list[Verdict], subject: Subject, devices: Devices) -> list[Verdict]:
    """Explain selected checks. Diagnosis also runs the component's other checks and its prerequisites.

    -> the verdicts of all of these checks of the component.
    """
    verdicts, wrong = [*asked], list[str]()
    with keep_verdicts(verdicts, asked):
        find_bounds(asked, subject, devices)
        verdicts += judge_others(asked, subject, devices)
        wrong = wrong_prerequisites(verdicts, subject, devices)
    return explain(verdicts, subject, wrong, shown=asked)


def wrong_prerequisites(
    verdicts: list[Verdict], subject: Subject, devices: Devices, examined: Collection[str] = ()
) -> list[str]:
    """List the wrong components that a failing one uses, so that the same cause is named whatever else is asked for.

    examined: those that the caller knows already; the others are judged here, in their plain use.
    """
    bad = [v for v in verdicts if v.status == "fail" and v.check.level != "advice" and v.reason not in HOPELESS]
    wrong = []
    for name in NEEDS.get(bad[0].check.case.op.component, ()) if bad else ():
        if name not in examined and subject.has(layer(name).OP.name):
            plain = [c for c in all_checks([name]) if c.scenario.id == "plain" and c.level != "advice"]
            wrong += [name] if any(v.status == "fail" for v in judge_all(plain, subject, devices)) else []
    return wrong


def explain_one(verdict: Verdict, subject: Subject, devices: Devices, known: dict[str, dict[str, Verdict]]) -> Verdict:
    """Explain one check of many that come one by one. known: component -> id -> the verdicts explained so far."""
    component = verdict.check.case.op.component
    if verdict.status != "fail":
        explain([verdict], subject)
    elif component not in known:
        known[component] = {v.check.id: v for v in explain_selected([verdict], subject, devices)}
    elif (explained := known[component].get(verdict.check.id)) and explained.status == "fail":
        return explained
    else:
        explain([*known[component].values(), verdict], subject)
    return verdict


def judge_others(asked: list[Verdict], subject: Subject, devices: Devices = references.CPU) -> list[Verdict]:
    """Judge a component's other checks if one of these fails, as far as the time allows.

    A mistake is named for all checks of a component.
    """
    if not any(v.status == "fail" for v in asked) or any(v.reason in HOPELESS for v in asked):
        return []
    until, judged, ids = time.monotonic() + SLOW, [], {v.check.id for v in asked}
    rest = [c for c in all_checks([asked[0].check.case.op.component]) if c.id not in ids]
    for verdict in judge_all(rest, subject, devices):
        judged.append(verdict)
        if time.monotonic() > until or verdict.reason in HOPELESS:
            break
    return judged


def requested_checks(subject: Subject, request: Request) -> list[Check]:
    """List the checks of a request. A component beyond the core is left out where neither it nor its name is there."""
    if request.case:
        return checks_named(request.case)
    named = {*request.only, *request.require}
    left_out = {name for name in BEYOND if name not in named and not is_there(subject, layer(name).OP.name)}
    return [c for c in all_checks(request.only) if c.case.op.component not in left_out]


def is_there(subject: Subject, name: str) -> bool:
    """Return whether the subject has the layer, though it may not be known how it is called."""
    return subject.has(name) or is_unread(subject, name)


def more_checks(component: str, subject: Subject, request: Request) -> list[Check]:
    """List further checks of a component whose interface cannot express all that the contract asks."""
    interface = interface_of(subject, layer(component).OP.name)
    return (
        generate.checks_within(layer(component), interface.reach, request.seed)
        if interface and not request.case
        else []
    )


def judge_new_cases(component: str, subject: Subject, request: Request, before: list[Verdict]) -> Iterable[Verdict]:
    """Judge the component's generated cases, unless it is absent or has already run out of time."""
    of = layer(component)
    if not request.fresh or not hasattr(of, "drawn") or is_out_of_time(before) or not subject.has(of.OP.name):
        return []
    interface = interface_of(subject, of.OP.name)
    if interface and interface.reach:  # cases inside it have been drawn already
        return []
    return list(generate.judge_generated(of, request.seed, request.fresh, subject, request.devices))


def judge_found(component: str, subject: Subject, request: Request, before: list[Verdict]) -> list[Verdict]:
    """Judge the component around the numbers that its code names, and its small cases behind other batches.

    As far as it is there and in time. -> failures.
    """
    if is_out_of_time(before) or not subject.has(layer(component).OP.name):
        return []
    found = judge_thresholds(component, subject, request.devices, before)
    return found + judge_second_batches(component, subject, request.devices, [*before, *found])


def is_out_of_time(verdicts: Iterable[Verdict]) -> bool:
    """Return whether a check has run out of time, after which no more are asked."""
    return any(v.reason in ("timeout", "after-timeout") for v in verdicts)


def count_checks(subject: Subject, request: Request) -> int:
    """Count the verdicts that an examination is going to give, for a progress bar."""
    checks = requested_checks(subject, request)
    if request.case:
        return len(checks)
    layers = [layer(name) for name in dict.fromkeys(c.case.op.component for c in checks)]
    return len(checks) + sum(2 if of.OP.grads else 1 for of in layers if request.fresh and hasattr(of, "drawn"))
