"""The name of a mistake that begins at a size or a number: what was seen, and where the code names that."""

from collections.abc import Sequence
from dataclasses import replace

from ...i18n import N_, _
from ..locations import say_place
from ..types import Bound, Diagnosis, Verdict
from .sizes import UNITS, count

CODE = "threshold"
SIZE = N_(
    "right with {right}, wrong with {wrong}; {place} names {number}: a block, a buffer or a fast path that does not "
    "hold there"
)
NUMBER = N_(
    "right with numbers up to {right}, wrong with numbers up to {wrong}; {place} names {number}: a bound that the "
    "layer does not have"
)
ALONE = N_("right with {right}, wrong with {wrong}")
KEPT = N_(
    "right with {right}; with {wrong} the first call is right and a later one wrong: something is kept there from call "
    "to call"
)
NAMED_KEPT = N_(
    "right with {right}; with {wrong} the first call is right and a later one wrong: beyond {number}, which {place} "
    "names, something is kept from call to call"
)
REPAIR = N_(
    "look at what the code does from there on: the rest of a division, the last block, what is beyond the buffer"
)
ANEW = N_("set it anew in every call, of any size: = in place of +=, or begin with zeros or a new array")
VAGUE = ("", "when", "name", "place", "type", "shape", "exception")  # first parts of codes that name no cause


def say_bound(bound: Bound) -> str:
    """Say where a layer begins to be wrong, and which number of the code is there."""
    right, wrong = (
        _(UNITS[bound.counted]).format(n=f"{n:g}") if bound.counted else f"{n:.3g}" for n in (bound.right, bound.wrong)
    )
    named, alone = (NAMED_KEPT, KEPT) if bound.kept else (SIZE if bound.counted else NUMBER, ALONE)
    text = _(named if bound.place else alone)
    return text.format(right=right, wrong=wrong, place=say_place(bound.place), number=f"{bound.number:g}")


def name_bounds(verdicts: Sequence[Verdict]) -> None:
    """Give the failures around a number of the code their name, or add to another name where it begins.

    Other failures without a name get it too, where it is what they all have in common.
    """
    for v in verdicts:
        bound, known = v.bound, v.diagnosis
        if v.status != "fail" or not (bound and bound.wrong) or (known and known.code == "state.kept"):
            continue
        if is_vague(known):
            v.diagnosis = named(v, bound)
            others = explained(bound, verdicts, v)
            for other in others:
                other.diagnosis = named(other, bound)
            follow_bound(bound, verdicts, {w.check.case.id for w in others if w.check.part == "forward"})
        elif known:
            v.diagnosis = replace(known, rule="; ".join(filter(None, [known.rule, say_bound(bound)])))


def follow_bound(bound: Bound, verdicts: Sequence[Verdict], cases: set[str]) -> None:
    """Say of what follows a forward that such a bound explains that it follows the bound."""
    for v in verdicts:
        if v.diagnosis and v.diagnosis.follows and v.check.part == "backward" and v.check.case.id in cases:
            v.diagnosis = replace(named(v, bound), follows=True)


def is_vague(known: Diagnosis | None) -> bool:
    """Whether a diagnosis names no cause of its own."""
    return known is None or known.follows or known.code.partition(".")[0] in VAGUE


def named(v: Verdict, bound: Bound) -> Diagnosis:
    """Return the diagnosis of a failure that begins somewhere."""
    line = v.diagnosis.line if v.diagnosis else ""
    repair = _(ANEW) if bound.kept else _(REPAIR) if bound.place else ""
    return Diagnosis(CODE, say_bound(bound), repair, v.check.case.op.section, line=line)


def explained(bound: Bound, verdicts: Sequence[Verdict], first: Verdict) -> list[Verdict]:
    """Return the other failures without a name, if most plain cases beyond a size are wrong and none up to it is.

    Not all need be: whole blocks have no rest.
    """
    if not bound.counted or not bound.place:
        return []
    answered = [v for v in verdicts if v.check.scenario.id != "refused" and v.status in ("pass", "fail")]
    mine = [v for v in answered if v.check.part == first.check.part and v.check.is_evidence]
    sizes = [(count(v.check.case).get(bound.counted, 0) > bound.right, v) for v in mine]
    wrong = [(beyond, v.status == "fail") for beyond, v in sizes if v.check.scenario.id == "plain"]
    if (False, True) in wrong or wrong.count((True, True)) <= wrong.count((True, False)):
        return []
    return [v for beyond, v in sizes if beyond and v.status == "fail" and v is not first and is_vague(v.diagnosis)]
