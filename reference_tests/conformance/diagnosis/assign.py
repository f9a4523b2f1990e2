"""Giving a stage's mistakes their names, and deciding which failures get them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from ...i18n import _
from ...subject.protocol import Question
from ..contract import layer
from ..scenarios.uses import draw_question
from ..types import Diagnosis, Mistake, Verdict
from .exceptions import name_exception
from .match import (
    Predictions,
    RightNumber,
    WrongNumber,
    match_one,
    match_two,
    match_where,
    right_numbers,
    wrong_numbers,
)
from .patterns import match_pattern
from .regions import name_region
from .returned import name_growing, name_returned
from .state import BATCH_SIZE, name_overwriting

MEASURED = ("precision", "overflow.exp")  # patterns that say a number of their own, by which they are not told apart
VAGUE = ("another-order", "axes.permuted")  # patterns that a mistake of one kind of question says more than


@dataclass(frozen=True)
class Name:
    """What explains some answers of a stage."""

    diagnosis: Diagnosis
    answers: frozenset[str] = frozenset()  # those that it is the name of; none: of all
    forms: tuple[Mistake, ...] = ()  # the known mistake, in its forms; none: it is read off the numbers
    seen: tuple[WrongNumber, ...] = ()  # those that it is read off

    def speaks_of(self, what: str) -> bool:
        """Whether it is a name for this answer."""
        return not self.answers or what in self.answers


def mistake_from_rules(known: Sequence[Mistake], bad: Iterable[Verdict]) -> Diagnosis | None:
    """Return the mistake that a rule itself recognized: the first one of the table."""
    recognized = {p.code for v in bad for p in v.problems if p.code}
    return next((Diagnosis(m.code, m.text, m.repair) for m in known if m.code in recognized), None)


def explain_stage(
    predictions: Predictions,
    known: Sequence[Mistake],
    mine: list[Verdict],
    plain: list[Verdict],
    others: Sequence[Verdict] = (),
) -> list[Name]:
    """Name what the wrong verdicts of one stage have in common, or, answer by answer, what each of those has.

    plain: the verdicts of all stages; what is right in them speaks against a mistake. others: those of other uses.
    """
    wrong = all_wrong_numbers(mine)
    overwriting = next((d for v in mine if (d := name_overwriting(v))), None)
    if not wrong:
        diagnosis = overwriting or next((d for v in mine if (d := name_kind(v))), None)
        return [Name(diagnosis)] if diagnosis else []
    later, right = all_wrong_numbers(v for v in plain if v not in mine), right_numbers(plain)
    match = partial(match_known, predictions, known, right, later)
    if one := match(wrong):
        return [one]
    if overwriting:
        return [Name(overwriting)]
    each = match_each_answer(match, wrong)
    if each and all(any(name.speaks_of(what) for name in each) for _q, what, _p in wrong):
        return each
    answers = {what for _q, what, _p in wrong}
    few = 2 * len(wrong) <= sum(what in answers for _q, what, _p in later)  # what shows in few of the wrong is chance
    pattern = None if few else match_pattern(wrong)
    if not pattern and mine[0].check.scenario.id == "plain":  # a network's mistakes do not stand one on another
        pattern = match_two(predictions, known, wrong, right)
    part = None if pattern else match_part(match, mine)
    if pattern and (each or pattern.code not in VAGUE):
        part = Name(pattern, seen=tuple(wrong))
    if part:
        return [part]
    shortcuts = [] if each else name_shortcuts(predictions, known, wrong, right, others)
    region = pattern if few or each or shortcuts or pattern else name_region(wrong)
    return shortcuts or ([Name(region)] if region else each)


def match_known(
    predictions: Predictions,
    known: Sequence[Mistake],
    right: list[RightNumber],
    later: Sequence[WrongNumber],
    some: list[WrongNumber],
) -> Name | None:
    """Return the known mistake that gives some wrong numbers, as a name."""
    diagnosis = match_one(predictions, known, some, right, later)
    return Name(diagnosis, forms=forms_of(known, diagnosis)) if diagnosis else None


def match_part(match: Callable[[list[WrongNumber]], Name | None], mine: list[Verdict]) -> Name | None:
    """Match the wrong numbers of floats alone, or of core cases alone: the others have a mistake of their own besides.

    What core cases have in common is not looked at: only a known mistake tells that the others do not have it.
    """
    floats, core = all_wrong_numbers(without_integers(mine)), all_wrong_numbers(without_corners(mine))
    return (match(floats) or name_by_pattern(floats) if floats else None) or (match(core) if core else None)


def name_shortcuts(
    predictions: Predictions,
    known: Sequence[Mistake],
    wrong: list[WrongNumber],
    right: Sequence[RightNumber],
    others: Sequence[Verdict],
) -> list[Name]:
    """Return the known mistake that is made in one kind of question only; or one for each answer; or none."""
    beside = all_wrong_numbers(others)

    def shortcut(*answers: str) -> Name | None:
        some = [n for n in wrong if n[1] in answers] if answers else wrong
        only = match_where(predictions, known, some, right, beside)
        return Name(Diagnosis(only.code, only.text, only.repair), frozenset(answers), (only,)) if only else None

    if whole := shortcut():
        return [whole]
    answers = list(dict.fromkeys(what for _q, what, _p in wrong))
    each = [name for what in answers if (name := shortcut(what))] if len(answers) > 1 else []
    return each if len(each) == len(answers) else []


def name_by_pattern(wrong: list[WrongNumber]) -> Name | None:
    """Return the pattern that all the wrong answers have, as a name."""
    pattern = match_pattern(wrong)
    return Name(pattern, seen=tuple(wrong)) if pattern else None


def without_integers(mine: list[Verdict]) -> list[Verdict]:
    """Pick the verdicts without integer inputs, if there are some and others; none if all are of one kind.

    A buffer of the input's own type is a mistake of its own where x holds integers, and hides another one.
    """
    floats = [v for v in mine if not has_integer_inputs(v)]
    return floats if len(floats) < len(mine) else []


def without_corners(mine: list[Verdict]) -> list[Verdict]:
    """Pick the verdicts of core cases, if there are some and others; none if all are of one kind.

    What overflows in a corner case has another mistake there besides, and hides the one of all others.
    """
    core = [v for v in mine if v.check.level == "core"]
    return core if len(core) < len(mine) else []


def match_each_answer(match: Callable[[list[WrongNumber]], Name | None], wrong: list[WrongNumber]) -> list[Name]:
    """Match the wrong numbers of each answer by themselves. -> the names found; one mistake is named once."""
    answers = list(dict.fromkeys(what for _q, what, _p in wrong))
    found: dict[str, Name] = {}
    for what in answers if len(answers) > 1 else ():
        if name := match([n for n in wrong if n[1] == what]):
            before = found.get(name.diagnosis.code, name)
            found[name.diagnosis.code] = replace(before, answers=before.answers | {what})
    return list(found.values())


def forms_of(known: Sequence[Mistake], diagnosis: Diagnosis) -> tuple[Mistake, ...]:
    """List the forms of a known mistake that its name and sentence stand for."""
    return tuple(m for m in known if (m.code, m.text) == (diagnosis.code, diagnosis.text))


def all_wrong_numbers(verdicts: Iterable[Verdict]) -> list[WrongNumber]:
    """List the wrong numbers of several verdicts."""
    return [n for v in verdicts for n in wrong_numbers(v)]


def has_integer_inputs(v: Verdict) -> bool:
    """Whether an array other than labels holds integers."""
    given = v.plan.given if v.plan else {}
    return any(a.dtype.kind in "iu" for k, a in given.items() if k not in v.check.case.op.labels)


def name_own(names: Sequence[Name], predictions: Predictions, v: Verdict) -> Diagnosis | None:
    """Name a failure of the stage that the names were found in.

    What a mistake has nothing to say of is no evidence against it.
    """
    mine = [n for n in names if any(n.speaks_of(what) for _q, what, _p in wrong_numbers(v))] or list(names)
    given = [n for n in mine if explains(n, predictions, v) is not False]
    return joined(given) if given else follow(mine)


def name_given(names: Sequence[Name], predictions: Predictions, v: Verdict) -> Diagnosis | None:
    """Name a failure elsewhere, if mistakes give every wrong number of it, or it shows the same pattern."""
    wrong, mine = wrong_numbers(v), [n for n in names if explains(n, predictions, v)]
    covered = wrong and all(any(n.speaks_of(what) for n in mine) for _q, what, _p in wrong)
    return joined(mine) if covered else None


def explains(name: Name, predictions: Predictions, v: Verdict) -> bool | None:
    """Whether a name gives the verdict's wrong numbers of its answers; None where it says nothing of any."""
    wrong = [n for n in wrong_numbers(v) if name.speaks_of(n[1])]
    if not name.forms:
        return (
            True if wrong and (is_alike(name, wrong) or (name.seen and is_alike(name, [*name.seen, *wrong]))) else None
        )
    verdicts = [[predictions.gives(m, *n) for n in wrong] for m in name.forms]
    if any(given and all(given) for given in verdicts):
        return True
    return None if any(all(g is not False for g in given) for given in verdicts) else False


def is_alike(name: Name, wrong: Sequence[WrongNumber]) -> bool:
    """Whether some wrong numbers show a name's pattern, with the very number that it says."""
    alike = match_pattern(wrong)
    same = alike and alike.code == name.diagnosis.code and name.diagnosis.code in MEASURED
    return bool(alike and (same or alike.text == name.diagnosis.text))


def joined(names: Sequence[Name]) -> Diagnosis | None:
    """Join the names of several answers to one diagnosis: codes with a plus, sentences with a semicolon."""
    if len(names) < 2:
        return names[0].diagnosis if names else None
    all_of = sorted((n.diagnosis for n in names), key=lambda d: d.code)
    only = dict.fromkeys(why for d in all_of for why in d.only.split(", ") if why)
    return Diagnosis(
        " + ".join(d.code for d in all_of),
        "; ".join(d.text for d in all_of),
        "; ".join(dict.fromkeys(d.repair for d in all_of if d.repair)),
        only=", ".join(only),
    )


def follow(names: Sequence[Name]) -> Diagnosis | None:
    """Say that a failure may come from an earlier mistake."""
    diagnosis = joined(names)
    return replace(diagnosis, follows=True) if diagnosis else None


def reaching(names: Sequence[Name], predictions: Predictions, v: Verdict) -> list[Name]:
    """Pick the names that would change an answer of this check, right or wrong; those read off the numbers may."""
    asked = v.plan.expect.values() if v.plan else ()

    def reaches(m: Mistake) -> bool:
        return any(
            predictions.changes(m, q, w) or predictions.misfits(m, q, w) for q, what in asked for w in (what, "out")
        )

    return [n for n in names if not n.forms or any(reaches(m) for m in n.forms)]


def keep_own_exceptions(bad: Iterable[Verdict], names: Sequence[Name], predictions: Predictions) -> None:
    """Name an exception by its own line, and what is no array of numbers by that, whatever else was found.

    Where the one known mistake found is tried and does not fit the sizes, it is what stops there: it keeps its name.
    """
    for v in bad:
        own = limit_to_scenario(v, name_exception(v)) or name_kind(v)
        named = v.diagnosis and not v.diagnosis.code.startswith("manner.")
        consequence = own and own.code == "exception" and not own.line  # no line of theirs raised it
        if named and (consequence or (own and own.code == "type.number")):  # a known mistake says more of the number
            continue
        if v.diagnosis and v.diagnosis.code == BATCH_SIZE:  # so does what was kept of another batch
            continue
        if (named or not v.diagnosis) and own and own.code == "exception" and stops_by(names, predictions, v):
            v.diagnosis = replace(names[0].diagnosis, line=own.line)
            continue
        v.diagnosis = own or v.diagnosis


def stops_by(names: Sequence[Name], predictions: Predictions, v: Verdict) -> bool:
    """Whether the only name found is a known mistake that has no answer to what is asked here, since it cannot be."""
    asked = list(v.plan.expect.values()) if v.plan else []
    forms = names[0].forms if len(names) == 1 else ()
    tried = [(m, one) for m in forms for one in asked if one[1] != "out" or not is_of_backward(predictions, m, one[0])]
    return any(predictions.predict(m, *one) is None and predictions.misfits(m, *one) for m, one in tried)


def is_of_backward(predictions: Predictions, m: Mistake, q: Question) -> bool:
    """Whether a mistake has no answer to any forward, but to backward: it does not stop forward."""
    cases = layer(q.op.component).CASES
    first = draw_question(cases[0]) if cases else q
    return predictions.predict(m, first, "out") is None and any(
        predictions.predict(m, first, what) is not None for what in q.op.grads
    )


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
            text = _("it returns an array where an error is expected")
            if not np.shape(p.got):
                text = _("it returns a number where an error is expected")
            return Diagnosis("not-refused", text, repair)
        if p.kind == "type" or (p.kind == "shape" and p.returned):
            return (name_growing(p.returned) if p.returned and v.check.scenario.mistakes else None) or name_returned(p)
    return None
