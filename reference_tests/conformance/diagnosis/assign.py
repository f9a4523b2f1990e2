"""The name of a stage's mistake, and which failures get it."""

from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import replace

from ...i18n import _
from ..types import Mistake, Verdict
from .exceptions import exception_names
from .match import Number, gives, match_one, match_two, plan_of, right_numbers, wrong_numbers
from .patterns import match_pattern
from .regions import wrong_region
from .result import Diagnosis
from .state import name_overwriting

STAGES = (("result", "forward"), ("backward",))  # the earliest wrong stage is explained; the later one follows from it
PAIRS: ContextVar[int] = ContextVar(
    "pairs", default=600
)  # predictions, to find two mistakes together; 0: not looked for


def mistake_from_rules(known: Sequence[Mistake], bad: list[Verdict]) -> Diagnosis | None:
    """By a rule that looked itself: what it saw in forward before what it saw in backward."""
    for parts in STAGES:
        seen = {p.code for v in bad if v.check.part in parts for p in v.problems if p.code}
        for m in known:
            if m.code in seen:
                return Diagnosis(m.code, m.text, m.repair)
    return None


def explain_stage(known: Sequence[Mistake], mine: list[Verdict], plain: list[Verdict]) -> Diagnosis | None:
    """mine: the wrong verdicts of a stage. plain: of all stages; what is right in them speaks against a mistake."""
    wrong = [n for v in mine for n in wrong_numbers(v)]
    state = next((d for v in mine if (d := name_overwriting(v))), None)
    if not wrong:
        return state or next((d for v in mine if (d := name_of_kind(v))), None)
    later = [n for v in plain if v not in mine for n in wrong_numbers(v)]
    found = match_one(known, wrong, list(right_numbers(plain)), later) or state or match_pattern(wrong)
    if not found and mine[0].check.scenario.id == "plain":  # a network's mistakes do not stand one on another
        found = match_two(known, wrong, PAIRS.get())
    return found or without_integer_inputs(known, mine, plain, later) or wrong_region(wrong)


def without_integer_inputs(
    known: Sequence[Mistake], mine: list[Verdict], plain: list[Verdict], later: list[Number]
) -> Diagnosis | None:
    """A buffer of the input's own type is a mistake of its own that hides another one where x holds integers."""
    others = [v for v in mine if not has_integer_inputs(v)]
    if not others or len(others) == len(mine):
        return None
    return match_one(known, [n for v in others for n in wrong_numbers(v)], list(right_numbers(plain)), later)


def has_integer_inputs(v: Verdict) -> bool:
    return any(a.dtype.kind in "iu" for k, a in plan_of(v).given.items() if k not in v.check.case.op.labels)


def assign(found: Diagnosis | None, mine: list[Verdict], bad: list[Verdict], known: Sequence[Mistake] = ()) -> None:
    """An exception is its own name; what the mistake does not give is said to follow from it, perhaps."""
    stops = exception_names(bad)
    mistakes = [m for m in known if found and m.code == found.code and m.text == found.text]

    def gives_it(v: Verdict) -> bool:
        if v in mine:  # what a mistake has nothing to say of is no evidence against it
            return not mistakes or any(all(gives(m, *n) is not False for n in wrong_numbers(v)) for m in mistakes)
        return bool(wrong_numbers(v)) and any(all(gives(m, *n) for n in wrong_numbers(v)) for m in mistakes)

    for v in bad:
        own = in_scenario(v, stops.get(id(v))) or name_of_kind(v)
        if own and own.code == "exception" and found and not own.line:  # a consequence that no line of theirs raised
            own = None
        if own or v.diagnosis:
            v.diagnosis = own or v.diagnosis
        elif found and gives_it(v):
            v.diagnosis = found
        elif found:
            v.diagnosis = replace(found, follows=True)


def in_scenario(v: Verdict, stop: Diagnosis | None) -> Diagnosis | None:
    """An exception that comes in this scenario only."""
    alone = v.diagnosis is not None and v.diagnosis.code.startswith("manner.")
    return replace(stop, rule=v.diagnosis.text) if stop and alone else stop  # type: ignore[union-attr]


def name_of_kind(v: Verdict) -> Diagnosis | None:
    """What a failure that is not about numbers is called."""
    for p in v.problems:
        if p.kind == "not-refused":
            repair = _("raise a ValueError where the sizes do not go together")
            return Diagnosis("not-refused", _("it gives an answer where none is right"), repair)
        if p.kind == "type":
            text = _("it gives {what}, which is no array of numbers").format(what=type(p.got).__name__)
            return Diagnosis("type", text, _("return an array of floating-point numbers"))
    return None
