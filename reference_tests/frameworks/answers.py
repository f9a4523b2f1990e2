"""Cells: the answers of a framework's process to one question, interpreted as the question says."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from ..i18n import Say
from .questions import Question, Sample, say_name

Raw = dict[str, Any]
KINDS = ("value", "refused", "absent", "killed", "timeout", "fault")
COMPARED = ("value", "refused", "killed", "timeout")
WORST_FIRST = ("fault", "killed", "timeout", "value", "refused", "absent", "missing")
REFUSED = "refused"
ABSENT = "not offered"
KILLED = "process killed by {}"
ENDED = "process ended with {}"
TIMEOUT = "no answer within {} s"
FAULT = "fault"
MISSING = "not installed"
NOTHING = "returns nothing"
FOR = "{answer} for {inputs}"
WORDS = (REFUSED, ABSENT, KILLED, ENDED, TIMEOUT, FAULT, MISSING, NOTHING, FOR)


@dataclass(frozen=True)
class Cell:
    """A cell of the matrix, or its part for one input.

    kind: one of KINDS, or missing. keys: the texts that are compared, every one that fits. shown: the text that is
    read, in the reader's language. detail: a number that is shown and not compared. note: what the framework said.
    mixed: its inputs had no answer in common. parts: the answers to its inputs, one each.
    """

    kind: str
    keys: tuple[str, ...]
    shown: str
    detail: str = ""
    note: str = ""
    mixed: bool = False
    parts: tuple["Cell", ...] = ()

    @property
    def key(self) -> str:
        """The text that is compared, the likeliest if several fit."""
        return self.keys[0]


def make_cell(question: Question, raws: Sequence[Raw], say: Say, framework: str = "") -> Cell:
    """Interpret a framework's answers to the inputs of a question, in the language of `say`.

    The answer is what fits every input; without such a thing, each answer is named with its inputs. An input that is
    not offered does not count beside others that are.
    """
    parts = tuple(part_of(question, sample, raw, say, framework) for sample, raw in zip(question.samples, raws))
    counted = {i: part for i, part in enumerate(parts) if part.kind != "absent"} or dict(enumerate(parts))
    kind = min((part.kind for part in counted.values()), key=WORST_FIRST.index)
    note = next((part.note for part in counted.values() if part.kind == kind), "")
    first = next(iter(counted.values()))
    common = tuple(key for key in first.keys if all(key in part.keys for part in counted.values()))
    if common:
        details = details_of(counted.values())
        shown = with_details(say(common[0]), details) if kind == "value" or len(details) > 1 else first.shown
        return Cell(kind, common, shown, "", note, False, parts)
    groups = group(counted)
    key = "; ".join(FOR.format(answer=key, inputs=names_of(question, of, str)) for key, of in groups.items())
    shown = "; ".join(
        say(FOR).format(
            answer=with_details(say(key), details_of(counted[i] for i in of)), inputs=names_of(question, of, say)
        )
        for key, of in groups.items()
    )
    return Cell(kind, (key,), shown, "", note, True, parts)


def group(parts: dict[int, Cell]) -> dict[str, list[int]]:
    """Return {answer: its inputs} with as few answers as can be; the first of those that fit stands for an input."""
    keys = list(dict.fromkeys(key for part in parts.values() for key in part.keys))
    chosen = next(
        some
        for size in range(1, len(keys) + 1)
        for some in combinations(keys, size)
        if all(set(some) & set(part.keys) for part in parts.values())
    )
    groups: dict[str, list[int]] = {}
    for i, part in parts.items():
        groups.setdefault(next(key for key in chosen if key in part.keys), []).append(i)
    return groups


def names_of(question: Question, inputs: list[int], say: Say) -> str:
    """Return the names of these inputs in the language of `say`."""
    return ", ".join(say_name(question.samples[i].name, say) for i in inputs)


def details_of(parts: Iterable[Cell]) -> list[str]:
    """Return the different details of some cells."""
    return list(dict.fromkeys(part.detail for part in parts if part.detail))


def with_details(label: str, details: list[str]) -> str:
    """Return a label with the details behind it in brackets."""
    return f"{label} ({', '.join(details)})" if details else label


def part_of(question: Question, sample: Sample, raw: Raw, say: Say, framework: str) -> Cell:
    """Interpret the answer to one input."""
    kind = kind_of(question, raw, framework)
    if kind != "value":
        return without_value(kind, raw, say)
    if raw["value"] is None:
        return Cell(kind, (NOTHING,), say(NOTHING))
    keys, detail = sample.interpretation.fits(raw["value"]), sample.interpretation.detail(raw["value"])
    return Cell(kind, keys, with_details(say(keys[0]), [detail] if detail else []), detail)


def without_value(kind: str, raw: Raw, say: Say) -> Cell:
    """Return the cell of an answer that is no value: refused, killed, timeout, fault, absent or missing."""
    if kind in ("refused", "fault"):
        detail, note = raised(raw)
        return Cell(kind, (kind,), with_details(say(kind), [detail] if detail else []), detail, note)
    if kind == "killed":
        template = ENDED if raw["killed"].startswith("exit") else KILLED
        key, shown = template.format(raw["killed"]), say(template).format(raw["killed"])
        return Cell(kind, (key,), shown, note=raw.get("message", ""))
    if kind == "timeout":
        seconds = f"{raw['timeout']:g}"
        return Cell(kind, (TIMEOUT.format(seconds),), say(TIMEOUT).format(seconds))
    key = ABSENT if kind == "absent" else MISSING
    return Cell(kind, (key,), say(key), note=say(raw["absent"]) if kind == "absent" else "")


def raised(raw: Raw) -> tuple[str, str]:
    """Return the name of the exception in an answer, and its message."""
    if "refused" in raw:
        return raw["refused"], raw.get("message", "")
    name, _, message = raw["fault"].partition(": ")
    return name, message


def kind_of(question: Question, raw: Raw, framework: str = "") -> str:
    """Return the kind of an answer; an empty one is missing, and an exception that is no refusal is a fault."""
    kind = next((kind for kind in KINDS if kind in raw), "missing")
    if kind == "refused" and not question.is_refusal(framework, raw["refused"], raw.get("message", "")):
        return "fault"
    return kind
