"""Recipes, which make one framework behave as another: run in the target's own process, their results checked."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass

from ..i18n import english
from . import source_text
from .answers import COMPARED, Cell, Raw, make_cell
from .questions import Question
from .registry import FRAMEWORKS, Framework
from .report import Measured, cell_of
from .runner import encode_inputs, measure

PORTABLE = ("torch", "onnxruntime", "jax", "tensorflow")
REFUSAL = "refused, as the other framework does"  # the message of a recipe's refuse(): no other exception counts
NOTHING_TO_COPY = {"C16": "differs in the last bits"}  # an accident of the order of summation, no behaviour


@dataclass(frozen=True)
class Difference:
    """An entry of a porting guide. works: the recipe was run and gave the source's answer."""

    question: Question
    source: str
    target: str
    recipe: source_text.Recipe | None
    works: bool


def find_differences(
    source: Framework, target: Framework, questions: list[Question], measured: Measured
) -> Iterator[tuple[Question, Cell, Cell]]:
    """Yield (question, source's cell, target's cell) for every difference that a recipe can copy."""
    for question in questions:
        a, b = (cell_of(question, f.name, measured, english) for f in (source, target))
        differs = a.key != b.key and b.kind in (*COMPARED, "absent")
        if a.kind in ("value", "refused") and differs and NOTHING_TO_COPY.get(question.id) != a.key:
            yield question, a, b


def make_guide(
    source: Framework, target: Framework, questions: list[Question], measured: Measured, python: str = "",
    keep: bool = True,
) -> list[Difference]:  # fmt: skip
    """Return every difference with its recipe, after running the recipes in the target's process."""
    differences = list(find_differences(source, target, questions, measured))
    written = source_text.read_recipes(target.recipes)
    requests = [
        {"id": q.id, "call": f"{q.id}: {a.key}", "inputs": encode_inputs(q.inputs)}
        for q, a, _ in differences
        if f"{q.id}: {a.key}" in written
    ]
    answers = measure(target, requests, python or sys.executable, keep, recipes=True)["answers"] if requests else {}
    return [
        Difference(q, a.key, b.key, written.get(f"{q.id}: {a.key}"), gives(q, a.key, answers.get(q.id, {})))
        for q, a, b in differences
    ]


def gives(question: Question, wanted: str, raw: Raw) -> bool:
    """Tell whether a recipe's result for the question's first input is interpreted as the wanted answer."""
    if wanted == "refused":
        return raw.get("message") == REFUSAL
    return "value" in raw and wanted in make_cell(question, [raw], english).keys


def find_portable(name: str, option: str) -> Framework:
    """Return the framework named by --from or --to. Raises ValueError if there are no recipes for it."""
    if name not in PORTABLE:
        raise ValueError(f"{option}: {name!r} is none of {', '.join(PORTABLE)}")
    return FRAMEWORKS[name]
