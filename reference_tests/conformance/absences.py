"""The sentences about what is not there: what was lent in its place, and why a component is absent."""

import math
from collections.abc import Collection, Iterable, Mapping

from ..i18n import N_, _
from ..subject.protocol import Interface, Note
from .diagnosis.exceptions import stop_of
from .locations import say_why
from .types import Problem, Shape, Verdict

HEADER = {  # what is said above the verdicts, each kind of note in one line or one line each
    "own": N_("{name}: the definition in {place} is examined, not the one that {other} imports by *"),
    "model": N_("{name}: its gradients are those of {cost}, by finite differences; it is no component"),
    "model-wrong": N_("{name}: {names} are not the gradients of {cost}, by finite differences; it is no component"),
    "arrays": N_("arrays are those of {kind}, {floats}, on {device}"),
    "file": N_("{name} is examined, not {other}, which defines the same: {names}"),
    "template": N_("{name} is examined, not {other}, which has only stubs of the same: {names}"),
    "first": N_("there is no file {name}, which the course asks for"),
    "settings": N_("{name} is not followed: {why}"),
    "imported": N_("{name}: the one that {other} imports is examined, not the definition in {place}"),
}
WHY = {
    "lent": N_("{name} is not here; a right one was lent, which does not count"),
    "near": N_("there is no {name} here; {other} looks like it: --map {name}={other}"),
    "net": N_("{signature} is a network that is not judged: {why}"),
    "stub": N_("{name} is not implemented yet ({place})"),
    "init": N_("{name} cannot be made: {method} should be __init__, two underscores on each side ({place})"),
    "near-method": N_("{name} has no {method}; did you mean {other}?"),
    "methods": N_("{name} has no {method}; it has {there}"),
    "no-methods": N_("{name} has no {method}"),
}


def header(notes: Iterable[Note]) -> list[str]:
    """Say what was lent to the target, what was left out, and which of two definitions is examined."""
    lent: dict[str, list[str]] = {}
    packages, decorators, bases, lines = list[str](), list[str](), list[str](), list[str]()
    for note in notes:
        if note.kind == "lent":
            lent.setdefault(note.values["module"], []).append(note.name)
        elif note.kind == "stand-in":
            packages.append(note.name)
        elif note.kind == "base":
            bases.append(note.name)
        elif note.kind == "decorator":
            decorators.append(f"@{note.name}")
        elif note.kind in HEADER:
            lines.append(_(HEADER[note.kind]).format(name=note.name, **note.values))
    said = [
        _("{module} is not here: lent in its place, and right: {names}").format(module=module, names=", ".join(names))
        for module, names in lent.items()
    ]
    if "cupy" in packages:
        packages.remove("cupy")
        said.append(_("cupy is not installed: NumPy is in its place"))
    if packages:
        text = _("not installed, and replaced by stand-ins that do nothing: {names}")
        said.append(text.format(names=", ".join(packages)))
    if decorators:
        said.append(_("decorators that are not here are left out: {names}").format(names=", ".join(decorators)))
    if bases:
        text = _("base classes that are not here are left out: {names}")
        said.append(text.format(names=", ".join(dict.fromkeys(bases))))
    return said + lines


def why_absent(verdicts: Iterable[Verdict], notes: Collection[Note], near: Mapping[str, str]) -> list[str]:
    """Say why checks of a component are absent: the name or a method is not there, or not written yet.

    Nothing is said where the target has nothing like it.
    """
    found: dict[str, str] = {}  # what is lacking -> the sentence; the first one knows most
    for v in [v for v in verdicts if v.status == "absent"]:
        name = v.check.case.op.name
        if line := reason_of(v, name, {note.kind: note for note in notes if note.name == name}, near):
            found.setdefault(line if v.reason == "stub" else v.reason.rpartition(".")[2], line)
    return list(dict.fromkeys(found.values()))


def reason_of(v: Verdict, name: str, notes: Mapping[str, Note], near: Mapping[str, str]) -> str:
    """Say why one check is absent, "" if there is nothing to say."""
    stop = stop_of(v)
    if v.problems and v.problems[0].kind == "missing":
        return v.problems[0].note
    if v.reason == "stub":
        return _("{text} is not implemented yet").format(text=stop.text) if stop else ""
    if v.trace is None and v.plan is None and "stub" in notes:
        return _("{text} is not implemented yet").format(text=notes["stub"].values["place"])
    if v.trace is None and v.plan is None and "net" in notes:
        said = notes["net"].values
        return fill("net", name, signature=said["signature"], why=say_why(said["why"]))
    if v.trace is None and v.plan is None:
        kind = "lent" if "lent" in notes else "near" if name in near else ""
        return fill(kind, name, other=near.get(name, ""))
    if "stub" in notes:
        return fill("stub", name, **notes["stub"].values)
    if v.reason == name and "init" in notes:
        return fill("init", name, **notes["init"].values)
    if v.reason == name:  # it cannot be made
        return _("{text} is not implemented yet").format(text=name)
    name = own_name(v.interface) or name
    if not all(part.isidentifier() for part in v.reason.split(".")):
        return v.reason  # the exception's own words
    method = v.reason.rpartition(".")[2]
    if stop and stop.text:
        return fill("near-method", name, method=method, other=stop.text)
    there = notes["methods"].values["there"] if "methods" in notes else ""
    return fill("methods" if there else "no-methods", name, method=method, there=there)


def own_name(interface: Interface | None) -> str:
    """Return what the target calls a layer that is offered in another interface, "" where that is not known."""
    return interface.spoken.signature.partition("(")[0] if interface else ""


def fill(kind: str, name: str, **values: str) -> str:
    """Say one reason, "" for none."""
    return _(WHY[kind]).format(name=name, **values) if kind else ""


def mark_missing(verdicts: list[Verdict]) -> None:
    """Call absent, not wrong, what a part of a layer would do that is not there: all of its cases stop, and the plain
    use of all others is right. The first of them says so.

    An image of one row, whose last axis has all of its numbers, stops nobody: its answer has too many axes.
    """
    decide = [v for v in verdicts if v.check.level != "advice"]
    there = {v.status for v in decide if not v.check.case.missing and v.check.scenario.id == "plain"}
    parts = [v for v in decide if v.check.case.missing and v.status != "absent"]
    asked = {v.reason for v in parts if not (v.reason == "shape" and is_one_row(v.check.case.shapes["x"]))}
    right = "pass" in there and not there - {"pass", "absent"}
    if not right or "exception" not in asked or asked - {"exception", "refused"}:
        return
    stopped = [v for v in verdicts if v.check.case.missing and v.status == "fail"]
    for v in stopped:
        v.status, v.reason, v.problems = "absent", "exception", []
    for v in stopped[:1]:
        v.problems = [Problem("missing", "", note=_(v.check.case.missing))]


def is_one_row(shape: Shape) -> bool:
    """Whether all numbers of an image lie in one row."""
    return math.prod(shape[1:]) == shape[-1]
