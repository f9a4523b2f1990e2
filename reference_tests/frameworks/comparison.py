"""How a column's answer differs from another's: which differences go unnoticed, and how far the numbers are apart.

A question of shapes differs loudly: the next layer complains. Other numbers of the same shape are silent.
"""

import math
from typing import Any

from .answers import COMPARED, Cell, Raw
from .interpret import ABOUT_SHAPES, numbers
from .questions import CORNERS, Question

NO_ANSWER = {"fault", "missing"}
SAME, SILENT, SHAPE, REFUSED, ENDED = "same", "numbers", "shape", "refused", "ended"
DIFFERENCES = (SILENT, ENDED, SHAPE, REFUSED)  # the most dangerous first


def difference(question: Question, cell: Cell, raws: list[Raw], base: Cell, base_raws: list[Raw]) -> str | None:
    """Return in which way a cell differs from the baseline's: one of DIFFERENCES, SAME, or None if one has no answer.

    Of several inputs the most dangerous difference counts.
    """
    if cell.kind not in COMPARED or base.kind not in COMPARED:
        return None
    if cell.key == base.key:
        return SAME
    found = {
        of_parts(question, *one) for one in zip(cell.parts, raws, base.parts, base_raws)
    } - {SAME, None}  # fmt: skip
    return next((kind for kind in DIFFERENCES if kind in found), SILENT)


def of_parts(question: Question, part: Cell, raw: Raw, base: Cell, base_raw: Raw) -> str | None:
    """Return in which way the answers to one input differ."""
    kinds = {part.kind, base.kind}
    if not kinds <= set(COMPARED):
        return None
    if set(part.keys) & set(base.keys):
        return SAME
    if kinds & {"killed", "timeout"}:
        return ENDED
    if "refused" in kinds:
        return REFUSED
    if question.interpretation.how in ABOUT_SHAPES or shape_of(raw["value"]) != shape_of(base_raw["value"]):
        return SHAPE
    return SILENT


def shape_of(value: Any) -> Any:
    """Return an array's shape, how many numbers a list has, or nothing for a single number or text."""
    if isinstance(value, dict):
        return tuple(n for n in value["shape"] if n != 1)
    return (len(value),) if isinstance(value, list) and len(value) != 1 else ()


def distance(one: Any, other: Any) -> float:
    """Return the largest difference between two values' numbers, in units of the larger one; at most 1."""
    if isinstance(one, str) or isinstance(other, str) or one is None or other is None:
        return float(one != other)
    a, b = numbers(one), numbers(other)
    if len(a) != len(b):
        return 1.0
    return max((apart(x, y) for x, y in zip(a, b)), default=0.0)


def apart(x: float, y: float) -> float:
    """Return the difference of two numbers in units of the larger one, 1 if only one of them is finite."""
    if x == y or (math.isnan(x) and math.isnan(y)):
        return 0.0
    if not (math.isfinite(x) and math.isfinite(y)):
        return 1.0
    return min(1.0, abs(x - y) / max(abs(x), abs(y)))


def danger(question: Question, others: list[tuple[str | None, list[Raw]]], base_raws: list[Raw]) -> float:
    """Return how many columns give other numbers without a word, each weighted by how far they are apart.

    others: (how a column differs, its answers). 0 where every difference is loud; a corner case counts a tenth.
    """
    silent = [raws for how, raws in others if how == SILENT]
    weights = [max((distance_of(a, b) for a, b in zip(raws, base_raws)), default=0.0) for raws in silent]
    return round(math.fsum(weights) * (0.1 if question.id in CORNERS else 1), 6)


def distance_of(one: Raw, other: Raw) -> float:
    """Return how far two answers to one input are apart, 0 unless both are values."""
    return distance(one["value"], other["value"]) if "value" in one and "value" in other else 0.0


def changed_questions(
    questions: list[Question], one: list[Cell], other: list[Cell]
) -> list[tuple[Question, Cell, Cell]]:
    """Return the questions that two columns answer in another way, with both answers; a fault is no answer."""
    pairs = zip(questions, one, other)
    return [(q, a, b) for q, a, b in pairs if (a.kind, a.key) != (b.kind, b.key) and not {a.kind, b.kind} & NO_ANSWER]


def faulty_questions(questions: list[Question], one: list[Cell], other: list[Cell]) -> list[str]:
    """Return the ids of the questions that cannot be compared, since one of two columns has a fault there."""
    return [q.id for q, a, b in zip(questions, one, other) if "fault" in (a.kind, b.kind)]
