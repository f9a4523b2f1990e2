"""The name of a mistake that begins at a size or a number: what was seen, and where the code names that."""

from collections.abc import Iterable
from dataclasses import replace

from ...i18n import N_, _
from ..locations import say_place
from ..types import Bound, Diagnosis, Verdict

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
REPAIR = N_(
    "look at what the code does from there on: the rest of a division, the last block, what is beyond the buffer"
)
VAGUE = ("", "when", "name", "place", "type", "shape", "exception")  # first parts of codes that name no cause


def say_bound(bound: Bound) -> str:
    """Say where a layer begins to be wrong, and which number of the code is there."""
    right, wrong = (
        _(bound.counted).format(n=f"{n:g}") if bound.counted else f"{n:.3g}" for n in (bound.right, bound.wrong)
    )
    text = _(SIZE if bound.counted else NUMBER) if bound.place else _(ALONE)
    return text.format(right=right, wrong=wrong, place=say_place(bound.place), number=f"{bound.number:g}")


def name_bounds(verdicts: Iterable[Verdict]) -> None:
    """Give the failures around a number of the code their name, or add to another name where it begins."""
    for v in verdicts:
        if v.status != "fail" or not (v.bound and v.bound.wrong) or (v.diagnosis and v.diagnosis.code == "state.kept"):
            continue
        said, known = say_bound(v.bound), v.diagnosis
        if known is None or known.follows or known.code.partition(".")[0] in VAGUE:
            section, line = v.check.case.op.section, known.line if known else ""
            v.diagnosis = Diagnosis(CODE, said, _(REPAIR) if v.bound.place else "", section, line=line)
        else:
            v.diagnosis = replace(known, rule="; ".join(filter(None, [known.rule, said])))
