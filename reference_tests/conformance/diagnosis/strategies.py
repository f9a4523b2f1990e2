"""How the failures of a layer, and those of a whole network, are explained. An Op says which (Op.diagnose_with)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ...subject.protocol import Subject
from ..contract import layer
from ..reach import apart
from ..scenarios import MANY_CALLS
from ..types import Diagnosis, Mistake, Verdict
from . import network
from .assign import (
    Name,
    explain_stage,
    follow,
    forms_of,
    keep_own_exceptions,
    mistake_from_rules,
    name_given,
    name_own,
    reaching,
)
from .causes.nearly import NEARLY
from .exceptions import plain_stop, stop_of
from .magnitude import explain_factors
from .match import Predictions, WrongNumber, wrong_numbers
from .minimize import is_wrong
from .patterns import match_pattern, name_factor, name_precision
from .state import (
    BATCH_SIZE,
    SCENARIO,
    name_batch_size,
    name_by_history,
    name_scenario,
    share_layout,
    spread_updates,
)

Use = tuple[str, str]  # ids of a case and of a scenario
AGAIN = ("second-call", "after-another-batch-size", "another-size-between", "backward-twice")  # of one layer alone
IN_TURN = "as-many-numbers"  # of several layers, where sizes ask for it
OTHER_SIZES = ("after-another-batch-size", "another-size-between", IN_TURN)
KEPT = "state.", "manner.second-call", "manner.backward-twice"  # how the codes begin of what an earlier call has left
APART = "float32-apart"  # of a case of its own
BY_SIZE = ("tiny-numbers", "large-numbers")  # what is wrong there alone is wrong by the size of the numbers
ROOTS = {  # what a mistake looks like in some use -> the mistakes that look like it there
    "manner.float32-far-number": ("clipped",),
    "bn.statistics-kept-at-inference": tuple(f"bn.running-{what}not-moved" for what in ("", "mean-", "var-")),
}
OF_RULES = (name_factor, name_precision)  # what a rule has compared and nobody can be asked for
SAID_BY_RULES = ("scaled", "precision", "loss.saturates")  # the codes of these
CONTRADICTED = {  # a scenario -> those whose failure shows that its own sentence says too little
    "another-size-between": ("second-call",),
    "beside-same-sizes": ("beside-another", "another-layer-between"),
    "beside-another": ("another-layer-between",),
    "beside-defaults": ("another-layer-between", "beside-another"),
    IN_TURN: ("another-size-between", "second-call", "beside-same-sizes", "beside-another", "another-layer-between"),
    APART: ("float32-far",),
    "forward-twice": ("second-call", "mask-of-this-call", "same-mask"),
    "mixed-types": ("float32",),
    "large-dout": ("same-mask",),
    "tiny-dout": ("same-mask",),
}


@dataclass(frozen=True)
class Strategy:
    """How one kind of component is diagnosed.

    assign_names: (predictions, failures, all verdicts, subject) gives each failure its diagnosis, or none.
    stages: (failures, all verdicts) -> the verdicts by stage, the earliest first; the first wrong one is shown.
    is_network: its named mistakes are believed even if they make it unsteady, and it has no small cases.
    """

    assign_names: Callable[[Predictions, list[Verdict], list[Verdict], Subject | None], None]
    stages: Callable[[list[Verdict], list[Verdict]], list[list[Verdict]]]
    is_network: bool = False


def assign_layer_names(
    predictions: Predictions, bad: list[Verdict], verdicts: list[Verdict], subject: Subject | None
) -> None:
    """Explain the plain use, forward and then backward where its own forward is right; then how it is used."""
    known = layer(bad[0].check.case.op.component).MISTAKES
    plain = [v for v in verdicts if v.check.scenario.id == "plain"]
    ruled = assign_ruled(known, bad)
    found = list(ruled)
    for stage in layer_stages(bad, verdicts):
        mine = [v for v in stage if v in bad and not v.diagnosis]
        for v in mine:
            v.diagnosis = name_given(found, predictions, v)
        if mine := [v for v in mine if not v.diagnosis]:
            names = explain_stage(predictions, known, mine, plain, [v for v in bad if v not in plain])
            for v in mine:
                v.diagnosis = name_own(names, predictions, v)
            found += names
    replace_ruled(bad, [n for n in found if n not in ruled], predictions)
    follow_plain(bad, [n for n in found if n not in ruled], predictions)
    rest = [v for v in bad if not v.diagnosis]
    assign_others(rest, found, ruled, predictions, verdicts)
    for v in rest:
        correct_scenario(v, rest, bad, subject)
    share_layout(bad)
    explain_factors(bad)
    keep_own_exceptions(bad, found, predictions)
    spread_updates(bad)
    follow_forward(bad)
    follow_same_sizes(bad)
    follow_roots(bad)


def follow_forward(bad: list[Verdict]) -> None:
    """Say of a backward without a name that it may come from what its forward shows in the same use.

    Or from what a second forward shows: both are later calls.
    """
    own = {use_of(v): v.diagnosis for v in bad if v.check.part == "forward"}
    shown = {use: d for use, d in own.items() if d and d.code.startswith("manner.")}
    again = next((d for (_case, scenario), d in shown.items() if scenario == "second-call"), None)
    for v in bad:
        if not v.diagnosis and v.check.part == "backward" and (same := shown.get(use_of(v), again)):
            v.diagnosis = replace(same, follows=True)
        first = own.get(use_of(v))
        if first and v.check.part == "backward" and v.diagnosis and v.diagnosis.code == first.code == NEARLY:
            v.diagnosis = replace(first, follows=True)  # one choice, seen in what is taken and in its gradient


def follow_same_sizes(bad: list[Verdict]) -> None:
    """Say of what is kept of images of other sizes that other calls show it, too: their size is not what matters."""
    again = [v for v in bad if v.check.scenario.id in AGAIN and wrong_numbers(v)]
    for v in bad:
        sized = v.diagnosis and v.diagnosis.code in (BATCH_SIZE, *(f"manner.{use}" for use in OTHER_SIZES))
        if sized or (v.diagnosis and v.diagnosis.code == "exception" and v.check.scenario.id in OTHER_SIZES):
            same = [w.diagnosis for w in again if w.diagnosis and w.check.part in (v.check.part, "forward")]
            root = next((d for d in same if d.code.startswith(KEPT) and d.code != BATCH_SIZE), None)
            v.diagnosis = replace(root, follows=True, line=v.diagnosis.line) if root and v.diagnosis else v.diagnosis


def follow_roots(bad: list[Verdict]) -> None:
    """Say of what a named mistake looks like in some use that it comes from that mistake."""
    named = {v.diagnosis.code: v.diagnosis for v in bad if v.diagnosis and not v.diagnosis.follows}
    for v in bad:
        roots = [named[code] for code in ROOTS.get(v.diagnosis.code if v.diagnosis else "", ()) if code in named]
        if roots:
            v.diagnosis = replace(roots[0], follows=True)


def use_of(v: Verdict) -> Use:
    """Return the case and the scenario that a verdict is about."""
    return v.check.case.id, v.check.scenario.id


def failing_uses(verdicts: list[Verdict], *parts: str) -> set[Use]:
    """Collect the uses of which one of these parts fails."""
    return {use_of(v) for v in verdicts if v.status == "fail" and v.check.part in parts}


def assign_ruled(known: Sequence[Mistake], bad: list[Verdict]) -> list[Name]:
    """Name what a rule has recognized, in forward before in backward. -> that name, or none.

    A check that is judged by a rule and has no code of its own follows it; one whose numbers are compared does not.
    """
    ruled = [v for v in bad if any(p.code for p in v.problems) or (is_ruled(v) and not wrong_numbers(v))]
    forward = [v for v in ruled if v.check.part != "backward"]
    diagnosis = mistake_from_rules(known, forward) or mistake_from_rules(known, ruled)
    if not diagnosis:
        name_ruled_numbers(ruled)
        return []
    unlike = name_ruled_numbers(ruled)
    for v in ruled:
        v.diagnosis = v.diagnosis or (replace(unlike, follows=True) if unlike else diagnosis)
    return [Name(diagnosis, forms=forms_of(known, diagnosis))]


def name_ruled_numbers(ruled: list[Verdict]) -> Diagnosis | None:
    """Name the pattern of numbers that a rule has compared and did not recognize, where most of its checks are such."""
    uncoded: list[tuple[Verdict, list[WrongNumber]]] = []
    for v in ruled:
        q = v.question or v.check.case.question()
        some = [(q, p.what, p) for p in v.problems if p.kind == "values" and not p.code and np.ndim(p.want)]
        uncoded += [(v, some)] if some and not is_beside(v) else []  # what is beside shows there alone
    most = 2 * len(uncoded) > len(ruled)
    pattern = match_pattern([n for _v, some in uncoded for n in some], OF_RULES) if most else None
    for v, _some in uncoded if pattern else ():
        v.diagnosis = pattern
    return pattern


def replace_ruled(bad: list[Verdict], names: list[Name], predictions: Predictions) -> None:
    """Name what a rule has recognized by the mistake of the plain use, where that gives it too: one root, one name."""
    for v in bad:
        asked = v.plan.expect if v.plan else {}
        recognized = [(*asked[p.what], p) for p in v.problems if p.code and p.kind == "values" and p.what in asked]
        for n in names if recognized else ():
            if any(all(predictions.gives(m, *one) for one in recognized) for m in n.forms):
                v.diagnosis = n.diagnosis


def follow_plain(bad: list[Verdict], names: list[Name], predictions: Predictions) -> None:
    """Say of a pattern in numbers that a rule has compared that it comes from a known mistake of the plain use.

    That is one which changes those numbers, too: what a rule takes for right may be of other inputs.
    """
    for v in bad:
        what = {p.what for p in v.problems}
        if is_ruled(v) and v.diagnosis and v.diagnosis.code in SAID_BY_RULES and not v.diagnosis.follows:
            known = [n for n in names if n.forms or n.diagnosis.code == "precision" != v.diagnosis.code]
            mine = [n for n in known if any(map(n.speaks_of, what))]
            v.diagnosis = follow(reaching(mine, predictions, v)) or v.diagnosis


def is_ruled(v: Verdict) -> bool:
    """Whether a rule has judged it, of its scenario or of its case."""
    return bool(v.check.scenario.rule or v.check.case.rule)


def assign_others(
    rest: list[Verdict], found: list[Name], ruled: list[Name], predictions: Predictions, verdicts: list[Verdict]
) -> None:
    """Name the failures outside of the stages: by what gives them, by the calls before, or by what reaches them."""
    for v in rest:
        v.diagnosis = name_given(found, predictions, v)
    rest = [v for v in rest if not v.diagnosis]
    forward_fails = failing_uses(verdicts, "forward", "result")
    fails = {"backward": forward_fails | failing_uses(verdicts, "backward")}
    known = {m.code for n in found for m in n.forms}
    named = {v.check.case.id for v in verdicts if v.check.scenario.id == "plain" and v.check.part == "forward"
                   and v.diagnosis and v.diagnosis.code in known}  # fmt: skip
    name_by_history(
        [v for v in rest if v.check.case.id not in named],
        lambda v: (v.check.case.id, "plain") in fails.get(v.check.part, forward_fails),
    )
    name_by_size([v for v in rest if not v.diagnosis], set().union(forward_fails, *fails.values()), found)
    unnamed = [v for v in verdicts if v.check.scenario.id == "plain" and not v.diagnosis and hides(v)]
    of_forward = [v for v in unnamed if v.check.part != "backward"]  # what is wrong in backward hides no forward
    own_unnamed = any(is_own_use(v) and not v.diagnosis for v in rest)  # what is wrong there is wrong alone, too
    for v in sorted((v for v in rest if not v.diagnosis), key=is_beside):
        plain = v.check.case.id, "plain"
        if plain in fails.get(v.check.part, forward_fails) or (
            v.check.part == "backward" and use_of(v) in forward_fails
        ):
            v.diagnosis = follow(reaching(found, predictions, v) or ruled) or name_kept_rows(v, verdicts)
        elif is_beside(v) and (same := wrong_alone(v, verdicts) or wrong_again(v, verdicts)):
            v.diagnosis = replace(same.diagnosis, follows=True) if same.diagnosis else None
        elif ruled:  # what a rule sees is a state, which later calls may show
            v.diagnosis = follow(ruled)
        elif is_beside(v) and (own := next((w.diagnosis for w in rest if is_own_use(w) and w.diagnosis), None)):
            v.diagnosis = replace(own, follows=True)
        elif not (of_forward if v.check.part == "forward" else unnamed) and not (own_unnamed and is_beside(v)):
            v.diagnosis = name_scenario(v) or name_own_use(v) or follow(reaching(found, predictions, v))


def name_kept_rows(v: Verdict, verdicts: list[Verdict]) -> Diagnosis | None:
    """Recognize what is kept of a batch of another size, where the plain use is wrong, too, but does not stop."""
    plain = v.check.case.id, "plain"
    return None if any(use_of(w) == plain and w.reason == "exception" for w in verdicts) else name_batch_size(v)


def name_by_size(rest: list[Verdict], fails: set[Use], found: Sequence[Name]) -> None:
    """Name what is wrong for tiny or for large numbers alone, whatever else is wrong of other cases.

    Large numbers that are cut off in the plain use are cut off here, too: one root, one name.
    """
    cut = [n for n in found if n.diagnosis.code == "clipped"]
    for v in rest:
        if v.check.scenario.id in BY_SIZE and (v.check.case.id, "plain") not in fails:
            beside = [n for w in rest if w is not v and use_of(w) == use_of(v) for n in wrong_numbers(w)]
            v.diagnosis = name_scenario(v, beside)
            if cut and v.diagnosis and v.diagnosis.code == "manner.large-numbers":
                v.diagnosis = follow(cut)


def hides(v: Verdict) -> bool:
    """Whether a failure may be of what fails elsewhere, too: not an exception at an edge, which has its own name."""
    return v.status == "fail" and not (v.check.level == "edge" and v.reason == "exception")


def correct_scenario(v: Verdict, rest: Sequence[Verdict], bad: Sequence[Verdict], subject: Subject | None) -> None:
    """Take back a scenario's name whose sentence is contradicted: by another failure, or by its partners alone.

    What stops as the plain use of some case does is not wrong by the scenario.
    """
    if not v.diagnosis or v.diagnosis.code != f"manner.{v.check.scenario.id}":
        return
    if plain := plain_stop(v, bad):
        v.diagnosis = replace(plain.diagnosis, follows=True) if plain.diagnosis else None
        return
    others = [w for w in rest if w.check.scenario.id in CONTRADICTED.get(v.check.scenario.id, ())]
    anywhere = is_beside(v) or v.check.scenario.id == APART
    same = next((w for w in others if anywhere or w.check.case.id == v.check.case.id), None)
    if same:
        v.diagnosis = same.diagnosis
    elif subject and is_beside(v) and is_partner_wrong(v, subject):
        v.diagnosis = None


def is_partner_wrong(v: Verdict, subject: Subject) -> bool:
    """Whether one of those beside is wrong when it is used alone: where that can be, in a process of its own."""
    alone = apart(subject) or subject
    return any(is_wrong(partner, v.check.part, alone) for partner in v.check.scenario.partners)


def wrong_alone(v: Verdict, verdicts: list[Verdict]) -> Verdict | None:
    """Find the failure of the plain use in which the first wrong answer of this one is asked for, or that stops alike.

    Alike: at the same line with the same text, which has the sizes in it.
    """
    wrong, stop = wrong_numbers(v), stop_of(v)
    for w in verdicts if wrong or stop else ():
        if not w.plan or w.status != "fail" or w.check.scenario.id != "plain":
            continue
        if any(q.key() == wrong[0][0].key() for q, _ in w.plan.expect.values() if wrong):
            return w
        if stop and stop.line and (alone := stop_of(w)) and (alone.line, alone.text) == (stop.line, stop.text):
            return w
    return None


def is_beside(v: Verdict) -> bool:
    """Whether other layers are used at the same time, or in between."""
    return v.check.scenario.id.startswith("beside") or v.check.scenario.id == IN_TURN


def wrong_again(v: Verdict, verdicts: list[Verdict]) -> Verdict | None:
    """Find the failure of the same part of one layer that is used again: what is kept there needs no other layer."""
    return next((w for w in verdicts if w.status == "fail" and w.check.scenario.id in AGAIN
                 and w.check.part == v.check.part), None)  # fmt: skip


def is_own_use(v: Verdict) -> bool:
    """Whether the layer is used in a way of its own, such as inference after training, and alone."""
    return v.check.scenario.id not in ("plain", "refused", *SCENARIO)


def name_own_use(v: Verdict) -> Diagnosis | None:
    """Name the pattern of what is wrong in a use of the layer's own alone, such as a class without hope."""
    return match_pattern(wrong_numbers(v)) if is_own_use(v) else None


def layer_stages(bad: list[Verdict], verdicts: list[Verdict]) -> list[list[Verdict]]:
    """Sort the verdicts of the plain use: result or forward; then backward where its own forward is not wrong."""
    plain = [v for v in verdicts if v.check.scenario.id == "plain"]
    if not any(v in plain for v in bad):
        plain += [v for v in bad if v.check.scenario.id == MANY_CALLS]  # each of them is a plain use
    forward_fails = failing_uses(verdicts, "forward")
    return [
        [v for v in plain if v.check.part != "backward"],
        [v for v in plain if v.check.part == "backward" and use_of(v) not in forward_fails],
    ]


STRATEGIES = {
    "layer": Strategy(assign_layer_names, layer_stages),
    "network": Strategy(network.assign_names, network.stages, is_network=True),
}
