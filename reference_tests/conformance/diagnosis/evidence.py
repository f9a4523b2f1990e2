"""The evidence for a failure besides its name: the smallest wrong case, the rule when it is wrong, the index map."""

import re
from collections.abc import Sequence
from dataclasses import replace
from math import prod

import numpy as np

from ...i18n import N_, _
from ...subject.protocol import Plan, Stop, Subject
from ..compare import NUMBERS
from ..contract import layer
from ..mistakes.kinds import named_kind
from ..scenarios import MANY_CALLS
from ..tolerance import largest
from ..types import Diagnosis, Mistake, Verdict
from .assign import forms_of, has_integer_inputs
from .exceptions import HOPELESS, stop_of
from .index_map import index_map
from .match import Predictions
from .minimize import Row, Shown, find_rule, geometry_of, small_cases
from .strategies import Strategy

LISTED = 3  # cases named
FEW = 0.1  # of the wrong small cases: what else is wrong there besides a known mistake
UNSTEADY = "state.unsteady"


def add_evidence(
    strategy: Strategy, bad: list[Verdict], verdicts: list[Verdict], subject: Subject, predictions: Predictions,
    keeps: bool = False,
) -> None:  # fmt: skip
    """Add to each wrong stage the rule when it is wrong, and to its first failure the smallest case and the index map.

    Of a network only the earliest wrong stage is shown. keeps: whether the subject keeps something between calls.
    """
    if any(v.reason in HOPELESS for v in bad):  # asking again takes as long again
        return
    stages = [([v for v in group if v in bad], group) for group in strategy.stages(bad, verdicts)]
    stages = [(stage, whole) for stage, whole in stages if stage]
    if not stages:
        return
    first = stages[0][0][0]
    believed = strategy.is_network and first.diagnosis
    if not believed and first.plan and is_unsteady(first.plan, subject):
        mark_unsteady(stages[0][0])
        return
    for stage, whole in stages[:1] if strategy.is_network else stages:
        add_rule(stage, whole, bad, subject, strategy.is_network, predictions, keeps)


def add_rule(
    stage: list[Verdict],
    whole: list[Verdict],
    bad: list[Verdict],
    subject: Subject,
    is_network: bool,
    predictions: Predictions,
    keeps: bool,
) -> None:
    """Add the rule to all of a wrong stage, the smallest case and the index map to its first failure.

    bad: all failures; a name that the rule's own small cases contradict is taken back from each of them.
    """
    first = stage[0]
    small, table, asked = small_cases(first.check.case.op.component, first.check.part, subject, keeps)
    found = find_rule(table, written_sizes(whole))
    take_back(bad, table, predictions)
    for v in stage:
        other = found and has_integer_inputs(v) and not has_integer_inputs(first)  # the sizes are asked in floats
        rule = "" if other else found or kind_rule(stage, whole) or wrong_cases(stage, whole)
        if v.diagnosis:
            v.diagnosis = replace(v.diagnosis, rule=v.diagnosis.rule or rule)
        else:
            v.diagnosis = Diagnosis("when", rule) if rule else None
    if not is_network:
        show_smallest(first, small or smallest_failure(stage), asked)


def written_sizes(whole: list[Verdict]) -> list[Shown]:
    """List the sizes of a stage's written cases, and whether each is wrong; not those of whole numbers."""
    judged = [v for v in whole if v.status in ("pass", "fail") and v.reason != "refused" and not has_integer_inputs(v)]
    return [(geometry_of(v.question), v.status == "fail") for v in judged if v.question]


def take_back(bad: list[Verdict], table: list[Row], predictions: Predictions) -> None:
    """Take a name with exceptions back, wherever it is said, if it does not give what is wrong in the small cases."""
    named = {(d.code, d.text): d for v in bad if (d := v.diagnosis) and d.only}
    for said, diagnosis in named.items():
        if table and is_contradicted(diagnosis, table, predictions):
            for v in bad:
                if v.diagnosis and (v.diagnosis.code, v.diagnosis.text) == said:
                    v.diagnosis = None


def is_contradicted(diagnosis: Diagnosis, table: list[Row], predictions: Predictions) -> bool:
    """Whether every form of a known mistake gives other numbers in more than a few of the wrong small cases."""
    forms = forms_of(layer(table[0].case.op.component).MISTAKES, diagnosis)
    wrong = [
        [(*r.plan.expect[p.what], p) for p in r.problems if p.kind == "values" and p.what in r.plan.expect]
        for r in table
        if r.wrong and r.plan
    ]

    def speaks_against(m: Mistake) -> bool:
        others = sum(any(predictions.gives(m, *n) is False for n in numbers) for numbers in wrong)
        return others > FEW * len(wrong)

    return bool(forms) and all(speaks_against(m) for m in forms)


LOST = re.compile(
    r"enough dimensions|axes don't match|too many indices|axis -?\d+ is out of bounds|not enough values to unpack"
    r"|tuple index out of range"
)
UNLIKE = re.compile(r"shape-mismatch for sum|not aligned|mismatch in its core dimension")  # maybe for want of an axis
SQUEEZED = N_("where {sizes} is 1 an axis of that length is lost, as by np.squeeze, which takes away every one of them")
MEANT = N_("name the axes that are to go, as in squeeze(axis=(2, 3)), or reshape to the shape that is meant")
MIXED = N_("it stops wherever {what} is not square, and nowhere else: one side stands where the other is meant")
DIVIDED = N_("rows come before columns everywhere; what counts row by row is divided by the width, as in divmod(k, OW)")
SIDES = (("OH", "OW", N_("the output")), ("H", "W", N_("the image")), ("FH", "FW", N_("a window")))
Stops = dict[str, list[tuple[Verdict, Stop]]]  # line -> the failures that stop there


def stops_by_line(bad: Sequence[Verdict]) -> Stops:
    """Collect the failures that stop with an exception of no own wording, by the line that it comes from."""
    found: Stops = {}
    for v in bad:
        if (stop := stop_of(v)) and stop.line and not stop.refused:
            found.setdefault(stop.line, []).append((v, stop))
    return found


def plain_passes(verdicts: Sequence[Verdict], parts: set[str]) -> list[Verdict]:
    """List the plain uses of these parts that are right."""
    return [v for v in verdicts if is_right(v) and v.check.scenario.id == "plain" and v.check.part in parts]


def is_right(v: Verdict) -> bool:
    """Whether the numbers are right; a question that was refused, as it may be, says nothing of them."""
    return v.status == "pass" and v.reason != "refused"


def name_lost_axes(bad: Sequence[Verdict], verdicts: Sequence[Verdict]) -> None:
    """Name exceptions of an array that lacks an axis, if they come only in those plain uses that have a size of 1.

    A product of axes that do not fit counts where another exception says that an axis is lacking.
    """
    lines = stops_by_line(bad)
    lost = any("squeeze(" in line or LOST.search(stop.text) for line, own in lines.items() for _v, stop in own)
    for line, mine in lines.items():
        plain = [(v, stop) for v, stop in mine if v.check.scenario.id == "plain"]
        over_one = [sizes_over_one(v) for v in plain_passes(verdicts, {v.check.part for v, _stop in plain})]
        said = [LOST.search(stop.text) or (lost and UNLIKE.search(stop.text)) for _v, stop in plain]
        if not over_one or not ("squeeze(" in line or all(said)):
            continue
        never = set.intersection(*over_one)
        ones = [never - sizes_over_one(v) for v, _stop in plain]
        for v, _stop in mine if all(ones) else ():
            text = _(SQUEEZED).format(sizes=_(" or ").join(sorted(set().union(*ones))))
            named = v.diagnosis or Diagnosis("", "")
            v.diagnosis = replace(named, code="exception.squeezed", text=text, repair=_(MEANT))


def name_mixed_sides(bad: Sequence[Verdict], verdicts: Sequence[Verdict]) -> None:
    """Name exceptions that come in all plain uses whose output, image or window is not square, and in no others."""
    for mine in stops_by_line(bad).values():
        plain = [geometry_of(v.question) for v, _stop in mine if v.check.scenario.id == "plain" and v.question]
        right = plain_passes(verdicts, {v.check.part for v, _stop in mine})
        squares = [geometry_of(v.question) for v in right if v.question]
        for high, wide, what in SIDES if plain and squares else ():
            if all(g.get(high) == g.get(wide) for g in squares) and all(g.get(high) != g.get(wide) for g in plain):
                for v, _stop in mine:
                    if v.diagnosis and v.diagnosis.code == "exception":
                        text = _(MIXED).format(what=_(what))
                        v.diagnosis = replace(v.diagnosis, code="exception.sides", text=text, repair=_(DIVIDED))
                break


def sizes_over_one(v: Verdict) -> set[str]:
    """Return the names of the sizes of a verdict's question that are not 1."""
    found = geometry_of(v.question) if v.question else {}
    return {name for name, size in found.items() if size != 1 and name not in ("stride", "pad")}


def mark_unsteady(stage: list[Verdict]) -> None:
    """Say that the same calls give other answers, unless a known mistake of the component does so."""
    text = _("repeated calls give different answers: something is kept between calls, or is random")
    repair = _("look for globals, class attributes, default arguments and buffers that are written into")
    known = {m.code for m in layer(stage[0].check.case.op.component).MISTAKES}
    for v in stage:
        if not v.diagnosis or v.diagnosis.code not in known:
            v.diagnosis = Diagnosis(UNSTEADY, text, repair)


def is_unsteady(plan: Plan, subject: Subject) -> bool:
    """Whether the same program gives two answers, when it is run twice more."""
    a, b = subject.run(plan), subject.run(plan)
    if bool(a.stop) != bool(b.stop) or a.results.keys() != b.results.keys():
        return True
    return not all(agree_roughly(a.results[k], b.results[k]) for k in a.results)


def agree_roughly(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether two results agree to rounding: a product may be added up in another order the next time."""
    if a.dtype.kind not in NUMBERS or b.dtype.kind not in NUMBERS:
        return True
    a, b = a.astype("f8"), b.astype("f8")
    return a.shape == b.shape and bool(np.allclose(a, b, 1e-5, 1e-6 * largest(a), equal_nan=True))


def kind_rule(stage: Sequence[Verdict], whole: Sequence[Verdict]) -> str:
    """Say in which kind of question it is always wrong, and in no other; nothing where that is one case."""
    right = [v.question for v in whole if is_right(v) and v.question]
    wrong = [v.question for v in stage if v.question]
    kind = named_kind(wrong, right) if len(wrong) > 1 and right else None
    text = _("wrong {where}: in all of {n} such cases, and in none of {more} others")
    return text.format(where=kind.text, n=len(wrong), more=len(right)) if kind else ""


def wrong_cases(stage: Sequence[Verdict], whole: Sequence[Verdict]) -> str:
    """Say in which cases of the table it is wrong; or right, where those are fewer."""
    if stage[0].check.scenario.id == MANY_CALLS:  # its case is not what is wrong
        return ""
    right = [v for v in whole if is_right(v)]
    judged = [*stage, *right]
    if not right:
        return _("wrong in all of {n} cases").format(n=len(judged)) if len(judged) > 2 else ""
    fewer, text = stage, _("wrong only in {few} of {n} cases: {cases}")
    if len(right) < len(stage):
        fewer, text = right, _("right only in {few} of {n} cases: {cases}")
    whys = list(dict.fromkeys(_(v.check.case.why) for v in fewer))
    more = _(" and {n} more").format(n=len(whys) - LISTED) if len(whys) > LISTED else ""
    return text.format(few=len(fewer), n=len(judged), cases=", ".join(whys[:LISTED]) + more)


def show_smallest(first: Verdict, small: Verdict, subject: Subject) -> None:
    """Add the smallest wrong case, and the index map of its sizes, to a failure's diagnosis."""
    q, case = small.question, small.check.case
    table = None if case.rule or q is None else index_map(case.op.component, first.check.part, q, subject)
    if small is not first or table:
        diagnosis = first.diagnosis or Diagnosis("", "")
        first.diagnosis = replace(diagnosis, smallest=small if small is not first else None, index_map=table)


def smallest_failure(stage: Sequence[Verdict]) -> Verdict:
    """Return the failing case with the fewest numbers."""
    return min(stage, key=lambda v: sum(prod(shape) for shape in v.check.case.shapes.values()))
