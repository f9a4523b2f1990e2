"""What stands in a cell: an answer of a process read as its question says."""

from dataclasses import dataclass
from typing import Any

from .language import Say
from .questions import Question

Raw = dict[str, Any]
REFUSED = "refused"
ABSENT = "not offered"
KILLED = "process killed by {}"
ENDED = "process ended with {}"
TIMEOUT = "no answer within {} s"
FAULT = "the probe is wrong"
MISSING = "not installed"
COMPARED = ("value", "refused", "killed", "timeout")


@dataclass(frozen=True)
class Cell:
    """kind: value, refused, absent, killed, timeout, fault or missing. key: what is compared. shown: what is read."""

    kind: str
    key: str
    shown: str


def cell(question: Question, raw: Raw, say: Say) -> Cell:
    """The cell of one answer, in the language of `say`."""
    kind = kind_of(raw)
    if kind == "value":
        key = "None" if raw["value"] is None else question.reader.read(raw["value"])
        return Cell(kind, key, say(key))
    if kind == "refused":
        return Cell(kind, kind, f"{say(REFUSED)} ({raw['refused']})")
    if kind == "killed":
        how = ENDED if raw["killed"].startswith("exit") else KILLED
        return Cell(kind, how.format(raw["killed"]), say(how).format(raw["killed"]))
    if kind == "timeout":
        seconds = f"{raw['timeout']:g}"
        return Cell(kind, TIMEOUT.format(seconds), say(TIMEOUT).format(seconds))
    if kind == "fault":
        return Cell(kind, kind, f"{say(FAULT)}: {raw['fault']}")
    key = ABSENT if kind == "absent" else MISSING
    return Cell(kind, key, say(key))


def kind_of(raw: Raw) -> str:
    return next((k for k in ("value", "refused", "absent", "killed", "timeout", "fault") if k in raw), "missing")


def agrees(one: Cell, impl: Cell | None) -> bool | None:
    """Whether it is impl's answer; None where one of the two has none."""
    if impl is None or impl.kind not in COMPARED or one.kind not in COMPARED:
        return None
    return one.key == impl.key
