"""Recipes, which make one framework behave as another: run in the target's own process, their results checked."""

import sys
from dataclasses import dataclass

from ..i18n import N_, _, english
from . import source_text
from .answers import COMPARED, Cell, Raw, make_cell
from .parent import Request
from .questions import Question
from .registry import FRAMEWORKS, Framework
from .report import Measured, cell_of
from .runner import encode_inputs, measure, request_id

PORTABLE = ("torch", "onnxruntime", "jax", "tensorflow")
DANGERS = (
    N_("Numbers change without a word"),
    N_("{target} refuses, or has no such thing"),
    N_("{source} refuses, {target} answers"),
)
REFUSAL = "refused, as the other framework does"  # the message of a recipe's refuse(): no other exception counts
ACCIDENT, NO_TYPE = N_("an accident of memory or of the order of summation"), N_("a type that it lacks")
OVERFLOW, DEFECT = N_("an overflow"), N_("a defect")
NOTHING_TO_COPY = {  # answers that are no behaviour to be had, and why
    "C16: differs in the last bits": ACCIDENT,
    "A03: -0.0 for one; both, by the place for 17 of them": ACCIDENT,
    **dict.fromkeys(["H01: refused", "H03: refused"], NO_TYPE),
    **dict.fromkeys(["H02: inf", "H04: 0", "H06: inf"], OVERFLOW),
    "P12: they do for 1x2x3x4; they do not for 2x3x5x5": DEFECT,
    "S10: 3x3 for size 0 (4x4 on 3x3), 4x4 on 3x3 at stride 4; "
    "refused for size -1 (5x5 on 3x3), size -2 (6x6 on 3x3)": DEFECT,
    "S11: empty for size 0 (4x4 on 3x3); refused for size -1 (5x5 on 3x3), size -2 (6x6 on 3x3); "
    "the maximum of what is there for 4x4 on 3x3 at stride 4": DEFECT,
    "P14: empty for window 3, dilation 2, window 2, dilation 4; "
    "the maximum of what is there for window 3, dilation 2, stride 2": DEFECT,
    "S12: the input's size": DEFECT,
}


@dataclass(frozen=True)
class Difference:
    """An entry of a porting guide.

    danger: one of DANGERS, the worst first. works: the recipe was run and gave the source's answers. nothing: why
    there is nothing to copy.
    """

    question: Question
    source: str
    target: str
    danger: int
    recipe: source_text.Recipe | None
    works: bool
    nothing: str = ""


@dataclass(frozen=True)
class Equal:
    """A question that both answer alike: the answer, and how each is asked."""

    question: Question
    answer: str
    source: str
    target: str


def find_differences(
    source: Framework, target: Framework, questions: list[Question], measured: Measured
) -> list[tuple[Question, Cell, Cell]]:
    """Return (question, source's cell, target's cell) for every difference, the most dangerous first."""
    found = []
    for question in questions:
        a, b = (cell_of(question, f.name, measured, english) for f in (source, target))
        if a.kind in ("value", "refused") and a.key != b.key and b.kind in (*COMPARED, "absent"):
            found.append((question, a, b))
    return sorted(found, key=lambda one: danger_of(one[1], one[2]))


def danger_of(source: Cell, target: Cell) -> int:
    """Return the place in DANGERS: numbers change, the target has no answer, or only the source refuses."""
    pairs = [(a, b) for a, b in zip(source.parts, target.parts) if not set(a.keys) & set(b.keys)]
    if any(a.kind == b.kind == "value" for a, b in pairs):
        return 0
    return 1 if any(a.kind == "value" for a, _ in pairs) else 2


def find_equal(source: Framework, target: Framework, questions: list[Question], measured: Measured) -> list[Equal]:
    """Return the questions that both answer alike, with the text that asks each of them."""
    found = []
    for question in questions:
        a, b = (cell_of(question, f.name, measured, english) for f in (source, target))
        if a.kind in COMPARED and a.key == b.key:
            asked = (source_text.row_text(f.file, question) for f in (source, target))
            found.append(Equal(question, a.key, *asked))
    return found


def make_guide(
    source: Framework, target: Framework, questions: list[Question], measured: Measured, python: str = "",
    keep: bool = True,
) -> list[Difference]:  # fmt: skip
    """Return every difference with its recipe, after running the recipes in the target's process."""
    differences = find_differences(source, target, questions, measured)
    written = source_text.read_recipes(target.recipes)
    requests = [
        request for q, a, _ in differences if f"{q.id}: {a.key}" in written for request in recipe_requests(q, a.key)
    ]
    answers = measure(target, requests, python or sys.executable, keep, recipes=True)["answers"] if requests else {}
    return [
        Difference(
            q, a.key, b.key, danger_of(a, b), written.get(name := f"{q.id}: {a.key}"),
            gives(q, a.key, results_of(q, answers)), NOTHING_TO_COPY.get(name, ACCIDENT if q.varies else ""),
        )
        for q, a, b in differences
    ]  # fmt: skip


def recipe_requests(question: Question, key: str) -> list[Request]:
    """Return the requests that ask a recipe for every input of its question."""
    return [
        {"id": request_id(question, i), "call": f"{question.id}: {key}", "inputs": encode_inputs(sample.inputs)}
        for i, sample in enumerate(question.samples)
    ]


def results_of(question: Question, answers: dict[str, Raw]) -> list[Raw]:
    """Return a recipe's results for every input of its question, {} where there is none."""
    return [answers.get(request_id(question, i), {}) for i in range(len(question.samples))]


def gives(question: Question, wanted: str, raws: list[Raw]) -> bool:
    """Tell whether a recipe's results for all inputs of a question are interpreted as the wanted answer.

    Only refuse() is a refusal: any other exception is a slip in the recipe.
    """
    counted = [raw if raw.get("message") == REFUSAL or "value" in raw else {} for raw in raws]
    return all(counted) and wanted in make_cell(question, counted, english, "target").keys


def find_portable(name: str, option: str) -> Framework:
    """Return the framework named by --from or --to. Raises ValueError if there are no recipes for it."""
    if name not in PORTABLE:
        text = _("{option}: {name!r} is none of {known}")
        raise ValueError(text.format(option=option, name=name, known=", ".join(PORTABLE)))
    return FRAMEWORKS[name]
