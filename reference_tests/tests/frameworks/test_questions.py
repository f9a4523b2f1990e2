"""The questions are data: complete, sourced, and every adapter answers each or says why not."""

import ast
from pathlib import Path

import pytest

from reference_tests.frameworks.questions import FAMILIES, QUESTIONS
from reference_tests.frameworks.registry import PROBES
from reference_tests.frameworks.runner import asks_of
from reference_tests.frameworks.sources import DOCUMENTS

ADAPTERS = sorted(file for file in PROBES.glob("*_probe.py") if file.name != "target_probe.py")
FORBIDDEN = {"reference_tests", "impl"}


def test_there_are_at_least_60_of_every_family():
    assert len(QUESTIONS) >= 60
    assert {q.family for q in QUESTIONS} == set(FAMILIES.values())


def test_ids_are_their_own_and_in_order():
    ids = [q.id for q in QUESTIONS]
    assert len(set(ids)) == len(ids)
    for letter in FAMILIES:
        numbers = [int(id[1:]) for id in ids if id[0] == letter]
        assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.id)
def test_a_question_says_why_and_where(question):
    assert question.question and question.why.endswith(".") and question.reader.how
    assert set(question.sources) <= set(DOCUMENTS)
    assert len(set(question.reader.labels)) == len(question.reader.labels)


def test_no_document_is_left_over():
    assert {s for q in QUESTIONS for s in q.sources} == set(DOCUMENTS)


def test_inputs_are_small():
    assert max(a.size for q in QUESTIONS for a in q.inputs.values()) <= 10_000
    assert {ask["id"] for ask in asks_of(QUESTIONS)} == {q.id for q in QUESTIONS}


@pytest.mark.parametrize("file", ADAPTERS, ids=lambda f: f.stem)
def test_an_adapter_answers_every_question_or_says_why_not(file):
    probes, absent = of_adapter(file)
    ids = {q.id for q in QUESTIONS}
    assert not probes & absent, "both a probe and a reason"
    assert probes | absent == ids


@pytest.mark.parametrize("file", [f for f in ADAPTERS if f.name != "impl_probe.py"], ids=lambda f: f.stem)
def test_an_adapter_needs_nothing_of_ours(file):
    names = {
        alias.name
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    names |= {
        node.module
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module
    }
    assert not {name.split(".")[0] for name in names} & FORBIDDEN


def of_adapter(file: Path) -> tuple[set[str], set[str]]:
    """The questions it has a probe for, and those of its ABSENT, read without importing a framework."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    probes = {
        n.name for n in tree.body if isinstance(n, ast.FunctionDef) and n.name[0].isupper() and n.name[1:].isdigit()
    }
    strings = {
        n.targets[0].id: n.value for n in tree.body if isinstance(n, ast.Assign) and isinstance(n.targets[0], ast.Name)
    }
    names = {k: v.value for k, v in strings.items() if isinstance(v, ast.Constant)}
    absent = eval(
        compile(ast.Expression(strings["ABSENT"]), str(file), "eval"), {"dict": dict, "range": range, **names}
    )
    assert all(absent.values()), "a reason is missing"
    return probes, set(absent)
