"""Naming a failure that has no numbers: an exception, by the learner's own line, or the end of the process."""

import ast
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from ...i18n import N_, _
from ...subject.protocol import Stop, Subject
from ..spoken import own_step
from ..types import Diagnosis, Verdict
from .hints import explain_by_hint
from .shape_algebra import has_one_line
from .shape_errors import OUTPUTS, SLICED, WINDOWS, Case, Slip, explain_clashes, form, parse, say_sizes

HOPELESS = (
    "timeout",
    "memory",
    "signal",
    "exit",
    "absent",
    "stub",
    "import",
)  # reasons after which asking again is no use
ARGUMENTS = ("col", "input_shape", "filter_h", "filter_w", "stride", "pad")  # of col2im
ENDED = {
    "timeout": N_("it does not come to an end in time"),
    "memory": N_("it asks for more memory than is available"),
    "signal": N_("it crashes the process"),
    "exit": N_("it ends the process itself"),
}


def stop_of(v: Verdict) -> Stop | None:
    """Why the check's program ended early; None if it did not."""
    return next((p.got for p in v.problems if p.kind == "stopped" and isinstance(p.got, Stop)), None)


def name_exception(v: Verdict) -> Diagnosis | None:
    """Name the exception, or the end of the process, that a failure consists of. One line gives one diagnosis."""
    stop = stop_of(v)
    if stop and stop.reason == "exception":
        code = "name" if "Did you mean" in stop.text else "exception"
        step = own_step(v.interface, stop.step)
        return Diagnosis(code, _("{step} stops with {text}").format(step=step, text=stop.text), line=stop.line)
    if stop and stop.reason in ENDED:
        return Diagnosis(stop.reason, _(ENDED[stop.reason]), line=stop.line)
    return None


def plain_stop(v: Verdict, bad: Iterable[Verdict]) -> Verdict | None:
    """Find what the plain use stops with alike, one with a name before others.

    Alike: with the same kind of exception, at the same line or with the same text but for the numbers in it.
    """
    stop = stop_of(v)
    if not stop or stop.reason != "exception":
        return None
    plain = [(w, stop_of(w)) for w in bad if w.check.scenario.id == "plain"]
    alike = [w for w, other in plain if other and other.reason == stop.reason and is_alike(stop, other)]
    return next((w for w in alike if w.diagnosis), alike[0] if alike else None)


def is_alike(one: Stop, other: Stop) -> bool:
    """Whether two exceptions are of one kind, and come from one line or say the same but for numbers."""
    said = [re.sub(r"\d+", "#", stop.text) for stop in (one, other)]
    kinds = {text.partition(":")[0] for text in said}
    return len(kinds) == 1 and (said[0] == said[1] or (bool(one.line) and one.line == other.line))


def runs_plainly(v: Verdict) -> bool:
    """Whether what stops here comes through in the plain use, with arrays of the same shapes."""
    if not v.plan or not v.diagnosis or not v.diagnosis.rule:  # no scenario that it is wrong in alone
        return False
    if v.check.scenario.partners:  # each of them was found right alone before that was said
        return True
    given = [q.arrays for q, _what in v.plan.expect.values()]
    shapes = v.check.case.shapes
    return all(arrays[k].shape == tuple(shapes[k]) for arrays in given for k in arrays if k in shapes)


def name_by_hint(v: Verdict, stop: Stop, runs_plainly: bool) -> None:
    """Put what an exception means, if the table of hints has it, in place of the exception alone."""
    if not v.diagnosis or v.diagnosis.code != "exception":
        return
    if hint := name_packed_bits(v, stop) or explain_by_hint(stop, v.check.case.op.component, runs_plainly):
        v.diagnosis = replace(v.diagnosis, code=hint.code, text=hint.text, repair=hint.repair)


MASKED = ("relu", "dropout", "inverted_dropout")  # layers that keep one bit for each number


def name_packed_bits(v: Verdict, stop: Stop) -> Diagnosis | None:
    """Recognize a mask that was packed into bits and comes back with more of them: as many as fill the last byte."""
    shapes = [a.shape for a in v.plan.given.values()] if v.plan else []
    if "unpackbits" not in stop.line and v.check.case.op.component not in MASKED:
        return None
    numbers = {int(n) for n in re.findall(r"\d+", stop.text)}
    longer = {-(-n // 8) * 8 for shape in shapes for n in (int(np.prod(shape)), *shape[-1:]) if n % 8}
    if not longer & numbers:
        return None
    text = _("the mask is kept in bits, eight a byte, and comes back longer than it was unless that is a multiple of 8")
    repair = _("np.unpackbits(bits, count=size): without count the last byte's other bits come back, too")
    return Diagnosis("exception.packed-bits", text, repair, line=stop.line)


def explain_exceptions(verdicts: Sequence[Verdict], subject: Subject | None) -> None:
    """Add to every exception about shapes which sizes meet in it, and the slip that gives them, if one is known.

    The plain uses of a component are read together; the same line in another use has the same explanation.
    """
    own = [v for v in verdicts if v.diagnosis and (v.diagnosis.code == "exception" or v.diagnosis.line)]
    stops = [(v, stop) for v in own if (stop := stop_of(v)) and not stop.refused]  # their own raise says enough
    clashes = [(v, Case(v.question, clash, stop)) for v, stop in stops if v.question and (clash := parse(stop))]
    groups: dict[object, list[tuple[Verdict, Case]]] = {}
    for v, case in clashes:
        groups.setdefault(form(case), []).append((v, case))
    right_lines = {stop.line for v, stop in stops if runs_plainly(v)}
    for v, stop in stops:
        name_by_hint(v, stop, stop.line in right_lines)
    for group in groups.values():
        plain = [case for v, case in group if v.check.scenario.id == "plain"]
        component, part = group[0][0].check.case.op.component, group[0][0].check.part
        found = explain_clashes(plain, subject, component, part) if plain else None
        for v, case in group if found else ():
            assert found and v.diagnosis
            v.diagnosis = replace(v.diagnosis, sizes=say_sizes(found, case.clash))
            if found.slip:
                code, text, repair = slip_at_call(found.slip, case.stop.call)
                v.diagnosis = replace(v.diagnosis, code=code, text=_(text), repair=_(repair))
    name_spread_slices(verdicts)


def slip_at_call(slip: Slip, call: str) -> Slip:
    """Return the slip of a size that col2im counts as it is told to: the call that leaves something out is wrong."""
    lacking = left_out_of(call)
    for kind, of_windows in WINDOWS.items():
        if slip == OUTPUTS[kind] and lacking.issuperset(kind.split("-and-")):
            return of_windows
    return slip


def left_out_of(call: str) -> set[str]:
    """Return which of stride and pad a line's call of col2im leaves out, or gives as a fixed number."""
    try:
        tree = ast.parse(call.partition(": ")[2].strip())
    except SyntaxError:  # a line that is only a part of a statement
        return set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "col2im":
            given = dict(zip(ARGUMENTS, node.args)) | {one.arg: one.value for one in node.keywords}
            return {name for name in ARGUMENTS[-2:] if isinstance(given.get(name, ast.Constant(0)), ast.Constant)}
    return set()


def name_spread_slices(verdicts: Sequence[Verdict]) -> None:
    """Name by the slip of a slice what it gives where one of its rows or columns is spread over all: numbers, too."""
    sliced = {v.check.part: v.diagnosis for v in verdicts if v.diagnosis and v.diagnosis.code == SLICED}
    for v in verdicts:
        slip = sliced.get(v.check.part)
        if not slip or not v.diagnosis or not v.question or v.diagnosis.code == SLICED:
            continue
        if v.diagnosis.line == slip.line if stop_of(v) else has_one_line(v.question):
            v.diagnosis = replace(v.diagnosis, code=slip.code, text=slip.text, repair=slip.repair)
