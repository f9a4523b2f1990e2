"""The questions are data: complete, sourced, and every adapter answers each or says why not."""

import ast
import json
import re

import numpy as np
import pytest

from reference_tests.frameworks.child import decode
from reference_tests.frameworks.questions import CORNERS, FAMILIES, QUESTIONS, say_name
from reference_tests.frameworks.registry import PROBES
from reference_tests.frameworks.runner import encode_inputs, requests_for
from reference_tests.frameworks.source_text import absent_questions, parse, probe_rows
from reference_tests.frameworks.sources import DOCUMENTS
from reference_tests.i18n import LANGUAGES, speaker

from ..sampling import imports

ADAPTERS = sorted(file for file in PROBES.rglob("*_probe.py") if file.name != "target_probe.py")
FORBIDDEN = {"reference_tests", "impl"}


def test_questions_cover_every_family():
    assert len(QUESTIONS) >= 140
    assert {q.family for q in QUESTIONS} == set(FAMILIES.values())


def test_ids_are_unique_and_in_order():
    ids = [q.id for q in QUESTIONS]
    assert len(set(ids)) == len(ids)
    for letter in FAMILIES:
        numbers = [int(id[1:]) for id in ids if id[0] == letter]
        assert numbers == list(range(1, len(numbers) + 1))


def test_corner_cases_are_questions():
    assert {q.id for q in QUESTIONS} >= CORNERS


def test_questions_have_reasons_and_known_sources():
    assert [q.id for q in QUESTIONS if not q.question or not q.why.endswith(".")] == []
    assert [(q.id, source) for q in QUESTIONS for source in q.sources if source not in DOCUMENTS] == []
    samples = [(q.id, sample.interpretation) for q in QUESTIONS for sample in q.samples]
    assert [id for id, one in samples if not one.how] == []
    assert [(id, one.labels) for id, one in samples if len(set(one.labels)) < len(one.labels)] == []


@pytest.mark.parametrize("question", [q for q in QUESTIONS if len(q.samples) > 1], ids=lambda q: q.id)
def test_inputs_of_a_question_differ_and_have_names_and_the_same_parameters(question):
    names = [sample.name for sample in question.samples]
    assert all(names) and len(set(names)) == len(names)
    assert len({json.dumps(encode_inputs(sample.inputs)) for sample in question.samples}) == len(names)
    assert {tuple(sample.inputs) for sample in question.samples} == {tuple(question.inputs)}


@pytest.mark.parametrize("question", [q for q in QUESTIONS if q.id in ("C16", "S11", "H03", "A04")], ids=lambda q: q.id)
def test_inputs_are_sent_in_few_digits_and_arrive_as_they_are(question):
    for sample in question.samples:
        text = json.dumps(encode_inputs(sample.inputs))
        assert not re.search(r"\d\.\d{13}", text) or "float64" in text
        for name, spec in json.loads(text).items():
            sent, arrived = np.asarray(sample.inputs[name]), np.asarray(decode(spec))
            assert arrived.tobytes() == sent.tobytes()


@pytest.mark.parametrize("language", LANGUAGES)
def test_labels_inputs_and_questions_are_told_apart_in_every_language(language):
    say = speaker(language)
    assert len({say(q.question) for q in QUESTIONS}) == len(QUESTIONS)
    for q in QUESTIONS:
        labels = {label for sample in q.samples for label in sample.interpretation.labels}
        assert len({say(label) for label in labels}) == len(labels), q.id
        assert len({say_name(sample.name, say) for sample in q.samples}) == len(q.samples), q.id


def test_inputs_of_a_question_tell_its_rules_apart():
    """No two rules predict the same for every input; a label that only some inputs know is one of their numbers."""
    known = {q.id: [set(sample.interpretation.labels) for sample in q.samples] for q in QUESTIONS if len(q.samples) > 1}
    apart = [id for id, labels in known.items() if any(labels) and not set.intersection(*labels)]
    assert set(apart) <= {"C06", "S12"}


def test_every_document_is_cited():
    assert {s for q in QUESTIONS for s in q.sources} == set(DOCUMENTS)


def test_inputs_are_small():
    arrays = [a for q in QUESTIONS for s in q.samples for a in s.inputs.values() if hasattr(a, "size")]
    assert max(a.size for a in arrays) <= 10_000
    asked = [ask["id"] for ask in requests_for(QUESTIONS)]
    assert len(set(asked)) == len(asked) and {id[:3] for id in asked} == {q.id for q in QUESTIONS}


@pytest.mark.parametrize("file", ADAPTERS, ids=lambda f: f.stem)
def test_adapter_answers_every_question_or_says_why_not(file):
    rows, absent, helpers = set(probe_rows(file)), absent_questions(file), parse(file)[1]
    assert all(absent.values()), "a reason is missing"
    assert not rows & set(absent), "both a row and a reason"
    assert rows | {key.split("#")[0] for key in absent} <= {q.id for q in QUESTIONS} | {*FAMILIES, "*"}
    for question in QUESTIONS:
        reason = question.id in absent or question.id[0] in absent or "*" in absent
        has_probe = question.id in rows or (question.call in helpers and question.id not in absent)
        assert has_probe or reason, question.id


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
        helper = question.call in parse(file)[1]
        if helper and question.id not in probe_rows(file) and question.id not in absent_questions(file):
            parameters = parse(file)[1][question.call].args
            assert {*question.inputs} <= {a.arg for a in parameters.args}, question.id


@pytest.mark.parametrize("file", [f for f in ADAPTERS if f.name != "impl_probe.py"], ids=lambda f: f.stem)
def test_adapter_imports_nothing_of_ours(file):
    assert not {name.split(".")[0] for name in imports(ast.parse(file.read_text()))} & FORBIDDEN
