"""Giving a stage's mistake its name, and deciding which failures get it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ...i18n import _
from ..types import Diagnosis, Mistake, Verdict
from .exceptions import name_exception
from .match import Predictions, WrongNumber, match_one, match_two, right_numbers, wrong_numbers
from .patterns import match_pattern
from .regions import name_region
from .returned import name_returned
from .state import name_overwriting

STAGES = (("result", "forward"), ("backward",))  # the earliest wrong stage is explained; the later one follows from it


def mistake_from_rules(known: Sequence[Mistake], bad: list[Verdict]) -> Diagnosis | None:
    """Return the mistake that a rule itself recognized: in forward before in backward."""
    for parts in STAGES:
        recognized = {p.code for v in bad if v.check.part in parts for p in v.problems if p.code}
        for m in known:
            if m.code in recognized:
                return Diagnosis(m.code, m.text, m.repair)
    return None


def explain_stage(
    predictions: Predictions, known: Sequence[Mistake], mine: list[Verdict], plain: list[Verdict]
) -> Diagnosis | None:
    """Name what the wrong verdicts of one stage have in common.

    plain: the verdicts of all stages; what is right in them speaks against a mistake.
    """
    wrong = all_wrong_numbers(mine)
    overwriting = next((d for v in mine if (d := name_overwriting(v))), None)
    if not wrong:
        return overwriting or next((d for v in mine if (d := name_kind(v))), None)
    later = all_wrong_numbers(v for v in plain if v not in mine)
    diagnosis = match_one(predictions, known, wrong, right_numbers(plain), later) or overwriting or match_pattern(wrong)
    if not diagnosis and mine[0].check.scenario.id == "plain":  # a network's mistakes do not stand one on another
        diagnosis = match_two(predictions, known, wrong)
    return diagnosis or match_without_integers(predictions, known, mine, plain, later) or name_region(wrong)


def all_wrong_numbers(verdicts: Iterable[Verdict]) -> list[WrongNumber]:
    """List the wrong numbers of several verdicts."""
    return [n for v in verdicts for n in wrong_numbers(v)]


def match_without_integers(
    predictions: Predictions,
    known: Sequence[Mistake],
    mine: list[Verdict],
    plain: list[Verdict],
    later: list[WrongNumber],
) -> Diagnosis | None:
    """Leave out the cases in which x holds integers.

    A buffer of the input's own type is a mistake of its own there, and hides another one.
    """
    others = [v for v in mine if not has_integer_inputs(v)]
    if not others or len(others) == len(mine):
        return None
    return match_one(predictions, known, all_wrong_numbers(others), right_numbers(plain), later)


def has_integer_inputs(v: Verdict) -> bool:
    """Whether an array other than labels holds integers."""
    given = v.plan.given if v.plan else {}
    return any(a.dtype.kind in "iu" for k, a in given.items() if k not in v.check.case.op.labels)


def assign(
    predictions: Predictions,
    diagnosis: Diagnosis | None,
    mine: list[Verdict],
    bad: list[Verdict],
    known: Sequence[Mistake] = (),
) -> None:
    """Give the failures their diagnosis: an exception its own name, the stage's own the mistake that was recognized.

    What the mistake does not give is said to follow from it, perhaps.
    """
    forms = [m for m in known if diagnosis and m.code == diagnosis.code and m.text == diagnosis.text]

    def is_given(v: Verdict) -> bool:
        if v in mine:  # what a mistake has nothing to say of is no evidence against it
            return not forms or any(all(predictions.gives(m, *n) is not False for n in wrong_numbers(v)) for m in forms)
        return bool(wrong_numbers(v)) and any(all(predictions.gives(m, *n) for n in wrong_numbers(v)) for m in forms)

    for v in bad:
        own = limit_to_scenario(v, name_exception(v)) or name_kind(v)
        raised_by_us = own and own.code == "exception" and not own.line and diagnosis  # a consequence
        if raised_by_us or (own and own.code == "type.number" and forms):  # a known mistake says more of the number
            own = None
        if own or v.diagnosis:
            v.diagnosis = own or v.diagnosis
        elif diagnosis:
            v.diagnosis = diagnosis if is_given(v) else replace(diagnosis, follows=True)


def limit_to_scenario(v: Verdict, stop: Diagnosis | None) -> Diagnosis | None:
    """Add the scenario's sentence to an exception that comes in this scenario only."""
    if stop and v.diagnosis and v.diagnosis.code.startswith("manner."):
        return replace(stop, rule=v.diagnosis.text)
    return stop


def name_kind(v: Verdict) -> Diagnosis | None:
    """Name a failure that is not about numbers: an answer where none is right, or no array at all."""
    for p in v.problems:
        if p.kind == "not-refused":
            repair = _("raise a ValueError where the sizes do not go together")
            return Diagnosis("not-refused", _("it returns an array where an error is expected"), repair)
        if p.kind == "type" or (p.kind == "shape" and p.returned):
            return name_returned(p)
    return None
