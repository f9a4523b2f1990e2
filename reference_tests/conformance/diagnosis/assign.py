"""The name of a stage's mistake, and which failures get it."""

from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import replace

from ...i18n import _
from ..types import Mistake, Verdict
from .exceptions import stopped
from .match import Number, gives, named, numbers, planned, right_numbers, together
from .patterns import patterned
from .regions import placed
from .result import Diagnosis
from .state import written

STAGES = (("result", "forward"), ("backward",))  # the earliest wrong stage is explained; the later one follows from it
PAIRS: ContextVar[int] = ContextVar(
    "pairs", default=600
)  # predictions, to find two mistakes together; 0: not looked for


def told_by_rules(known: Sequence[Mistake], bad: list[Verdict]) -> Diagnosis | None:
    """By a rule that looked itself: what it saw in forward before what it saw in backward."""
    for parts in STAGES:
        seen = {p.code for v in bad if v.check.part in parts for p in v.problems if p.code}
        for m in known:
            if m.code in seen:
                return Diagnosis(m.code, m.text, m.repair)
    return None


def explained(known: Sequence[Mistake], mine: list[Verdict], plain: list[Verdict]) -> Diagnosis | None:
    """mine: the wrong verdicts of a stage. plain: of all stages; what is right in them speaks against a mistake."""
    wrong = [n for v in mine for n in numbers(v)]
    state = next((d for v in mine if (d := written(v))), None)
    if not wrong:
        return state or next((d for v in mine if (d := of_kind(v))), None)
    later = [n for v in plain if v not in mine for n in numbers(v)]
    found = named(known, wrong, list(right_numbers(plain)), later) or state or patterned(wrong)
    if not found and mine[0].check.manner.id == "plain":  # a network's mistakes do not stand one on another
        found = together(known, wrong, PAIRS.get())
    return found or integers_aside(known, mine, plain, later) or placed(wrong)


def integers_aside(
    known: Sequence[Mistake], mine: list[Verdict], plain: list[Verdict], later: list[Number]
) -> Diagnosis | None:
    """A buffer of the input's own type is a mistake of its own that hides another one where x holds integers."""
    others = [v for v in mine if not of_integers(v)]
    if not others or len(others) == len(mine):
        return None
    return named(known, [n for v in others for n in numbers(v)], list(right_numbers(plain)), later)


def of_integers(v: Verdict) -> bool:
    return any(a.dtype.kind in "iu" for k, a in planned(v).given.items() if k not in v.check.case.op.labels)


def assign(found: Diagnosis | None, mine: list[Verdict], bad: list[Verdict], known: Sequence[Mistake] = ()) -> None:
    """An exception is its own name; what the mistake does not give is said to follow from it, perhaps."""
    stops = stopped(bad)
    mistakes = [m for m in known if found and m.code == found.code and m.text == found.text]

    def gives_it(v: Verdict) -> bool:
        if v in mine:  # what a mistake has nothing to say of is no evidence against it
            return not mistakes or any(all(gives(m, *n) is not False for n in numbers(v)) for m in mistakes)
        return bool(numbers(v)) and any(all(gives(m, *n) for n in numbers(v)) for m in mistakes)

    for v in bad:
        own = in_manner(v, stops.get(id(v))) or of_kind(v)
        if own and own.code == "exception" and found and not own.line:  # a consequence that no line of theirs raised
            own = None
        if own or v.diagnosis:
            v.diagnosis = own or v.diagnosis
        elif found and gives_it(v):
            v.diagnosis = found
        elif found:
            v.diagnosis = replace(found, follows=True)


def in_manner(v: Verdict, stop: Diagnosis | None) -> Diagnosis | None:
    """An exception that comes in this manner only."""
    alone = v.diagnosis is not None and v.diagnosis.code.startswith("manner.")
    return replace(stop, rule=v.diagnosis.text) if stop and alone else stop  # type: ignore[union-attr]


def of_kind(v: Verdict) -> Diagnosis | None:
    """What a failure that is not about numbers is called."""
    for p in v.problems:
        if p.kind == "not-refused":
            repair = _("raise a ValueError where the sizes do not go together")
            return Diagnosis("not-refused", _("it gives an answer where none is right"), repair)
        if p.kind == "type":
            text = _("it gives {what}, which is no array of numbers").format(what=type(p.got).__name__)
            return Diagnosis("type", text, _("return an array of floating-point numbers"))
    return None
