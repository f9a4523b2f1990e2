"""The questions are data: complete, sourced, and every adapter answers each or says why not."""

import ast

import pytest

from reference_tests.frameworks.questions import FAMILIES, QUESTIONS
from reference_tests.frameworks.registry import PROBES
from reference_tests.frameworks.runner import requests_for
from reference_tests.frameworks.source_text import absent_questions, parse, probe_rows, probe_text
from reference_tests.frameworks.sources import DOCUMENTS

from ..sampling import imports

ADAPTERS = sorted(file for file in PROBES.glob("*_probe.py") if file.name != "target_probe.py")
FORBIDDEN = {"reference_tests", "impl"}


def test_questions_cover_every_family():
    assert len(QUESTIONS) >= 60
    assert {q.family for q in QUESTIONS} == set(FAMILIES.values())


def test_ids_are_unique_and_in_order():
    ids = [q.id for q in QUESTIONS]
    assert len(set(ids)) == len(ids)
    for letter in FAMILIES:
        numbers = [int(id[1:]) for id in ids if id[0] == letter]
        assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.id)
def test_question_has_reason_and_known_sources(question):
    assert question.question and question.why.endswith(".") and question.interpretation.how
    assert set(question.sources) <= set(DOCUMENTS)
    assert len(set(question.interpretation.labels)) == len(question.interpretation.labels)


def test_every_document_is_cited():
    assert {s for q in QUESTIONS for s in q.sources} == set(DOCUMENTS)


def test_inputs_are_small():
    assert max(a.size for q in QUESTIONS for a in q.inputs.values()) <= 10_000
    assert {ask["id"] for ask in requests_for(QUESTIONS)} == {q.id for q in QUESTIONS}


@pytest.mark.parametrize("file", ADAPTERS, ids=lambda f: f.stem)
def test_adapter_answers_every_question_or_says_why_not(file):
    rows, absent = set(probe_rows(file)), absent_questions(file)
    assert all(absent.values()), "a reason is missing"
    assert not rows & set(absent), "both a row and a reason"
    assert rows | set(absent) <= {q.id for q in QUESTIONS}
    for question in QUESTIONS:
        assert bool(probe_text(file, question)) is (question.id not in absent), question.id


@pytest.mark.parametrize("file", [*ADAPTERS, PROBES / "target_probe.py"], ids=lambda f: f.stem)
def test_row_takes_the_inputs_of_its_question(file):
    """A row is called by keywords: another name would be a TypeError, which counts as a refusal."""
    inputs = {q.id: list(q.inputs) for q in QUESTIONS}
    functions = parse(file)[1]
    for id, row in probe_rows(file).items():
        function = functions[row.id] if isinstance(row, ast.Name) else row
        assert [a.arg for a in function.args.args] == inputs[id], id


@pytest.mark.parametrize("file", ADAPTERS, ids=lambda f: f.stem)
def test_helper_of_a_default_call_takes_the_inputs_of_its_questions(file):
    for question in QUESTIONS:
        if question.id not in probe_rows(file) and question.id not in absent_questions(file):
            parameters = parse(file)[1][question.call].args
            assert {*question.inputs} <= {a.arg for a in parameters.args}, question.id


def test_probe_text_has_the_row_and_only_the_helpers_it_uses():
    torch, jax = PROBES / "torch_probe.py", PROBES / "jax_probe.py"
    question = next(q for q in QUESTIONS if q.id == "S01")
    assert probe_text(torch, question).endswith('"S01": lambda x, w: conv(x, w, stride=3)')
    assert "def conv(" in probe_text(torch, question) and "def max_pool(" not in probe_text(torch, question)
    default = next(q for q in QUESTIONS if q.id == "C08")
    assert probe_text(torch, default).endswith('"C08": lambda x, w, b: conv(x, w, b)')
    assert probe_text(jax, default) == "", "JAX has no bias argument"


@pytest.mark.parametrize("file", [f for f in ADAPTERS if f.name != "impl_probe.py"], ids=lambda f: f.stem)
def test_adapter_imports_nothing_of_ours(file):
    assert not {name.split(".")[0] for name in imports(ast.parse(file.read_text()))} & FORBIDDEN
