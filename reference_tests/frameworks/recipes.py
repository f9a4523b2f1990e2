"""What makes one framework behave as another: recipes run in the target's own process, and their results checked."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass

from . import source_text
from .answers import COMPARED, Raw, cell
from .language import english
from .questions import Question
from .registry import COLUMNS, Column
from .report import Measured, raw_answer
from .runner import inputs, measure

PORTABLE = ("torch", "onnxruntime", "jax", "tensorflow")
REFUSAL = "refused, as the other framework does"  # what a recipe's refuse() says: no other exception counts
NOTHING_TO_COPY = {"C16": "differs in the last bits"}  # an accident of the order of summation, no behaviour


@dataclass(frozen=True)
class Difference:
    """One row of a porting guide. works: the recipe's result is the source's answer."""

    question: Question
    source: str
    target: str
    recipe: source_text.Recipe | None
    works: bool


def differences(source: Column, target: Column, questions: list[Question], measured: Measured) -> Iterator[tuple]:
    """(question, source's cell, target's cell) of all that differs and can be copied."""
    for question in questions:
        a, b = (cell(question, raw_answer(question, c.name, measured), english) for c in (source, target))
        differs = a.key != b.key and b.kind in (*COMPARED, "absent")
        if a.kind in ("value", "refused") and differs and NOTHING_TO_COPY.get(question.id) != a.key:
            yield question, a, b


def guide(
    source: Column, target: Column, questions: list[Question], measured: Measured, python: str = "", keep: bool = True
) -> list[Difference]:
    """Every difference with its recipe, executed."""
    found = list(differences(source, target, questions, measured))
    written = source_text.recipes(target.recipes)
    asks = [
        {"id": q.id, "call": f"{q.id}: {a.key}", "inputs": inputs(q)}
        for q, a, _ in found
        if f"{q.id}: {a.key}" in written
    ]
    answers = measure(target, asks, python or sys.executable, keep, recipes=True)["answers"] if asks else {}
    return [
        Difference(q, a.key, b.key, written.get(f"{q.id}: {a.key}"), as_source(q, a.key, answers.get(q.id, {})))
        for q, a, b in found
    ]


def as_source(question: Question, wanted: str, got: Raw) -> bool:
    """Whether a recipe's result is read as the source's answer."""
    return cell(question, got, english).key == wanted and (wanted != "refused" or got["message"] == REFUSAL)


def portable(name: str, option: str) -> Column:
    """The column of --from or --to; raises ValueError for one that recipes are not written for."""
    if name not in PORTABLE:
        raise ValueError(f"{option}: {name!r} is none of {', '.join(PORTABLE)}")
    return COLUMNS[name]
