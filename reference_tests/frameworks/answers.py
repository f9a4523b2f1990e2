"""Cells: an answer of a framework's process, interpreted as its question says."""

from dataclasses import dataclass
from typing import Any

from ..i18n import Say
from .questions import Question

Raw = dict[str, Any]
KINDS = ("value", "refused", "absent", "killed", "timeout", "fault")
COMPARED = ("value", "refused", "killed", "timeout")
REFUSED = "refused"
ABSENT = "not offered"
KILLED = "process killed by {}"
ENDED = "process ended with {}"
TIMEOUT = "no answer within {} s"
FAULT = "the probe is wrong"
MISSING = "not installed"


@dataclass(frozen=True)
class Cell:
    """A cell of the matrix.

    kind: one of KINDS, or missing. key: the text that is compared. shown: the text that is read.
    """

    kind: str
    key: str
    shown: str


def make_cell(question: Question, raw: Raw, say: Say) -> Cell:
    """Interpret one answer, in the language of `say`."""
    kind = kind_of(raw)
    if kind == "value":
        key = "None" if raw["value"] is None else question.interpretation.read(raw["value"])
        return Cell(kind, key, say(key))
    if kind == "refused":
        return Cell(kind, kind, f"{say(REFUSED)} ({raw['refused']})")
    if kind == "killed":
        template = ENDED if raw["killed"].startswith("exit") else KILLED
        return Cell(kind, template.format(raw["killed"]), say(template).format(raw["killed"]))
    if kind == "timeout":
        seconds = f"{raw['timeout']:g}"
        return Cell(kind, TIMEOUT.format(seconds), say(TIMEOUT).format(seconds))
    if kind == "fault":
        return Cell(kind, kind, f"{say(FAULT)}: {raw['fault']}")
    key = ABSENT if kind == "absent" else MISSING
    return Cell(kind, key, say(key))


def kind_of(raw: Raw) -> str:
    """Return the kind of an answer; an empty one is missing."""
    return next((kind for kind in KINDS if kind in raw), "missing")


def agrees(cell: Cell, impl: Cell | None) -> bool | None:
    """Tell whether a cell says what impl's says; None if one of the two has no answer."""
    if impl is None or impl.kind not in COMPARED or cell.kind not in COMPARED:
        return None
    return cell.key == impl.key
