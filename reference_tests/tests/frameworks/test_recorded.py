"""What is kept: the measured answers (CI sees drift), the defects, and what is said of frameworks that are not run."""

import os
import re
from importlib.util import find_spec

import pytest

from reference_tests.frameworks.defects import KNOWN
from reference_tests.frameworks.from_source import FROM_SOURCE, STATED
from reference_tests.frameworks.language import english
from reference_tests.frameworks.parent import ask
from reference_tests.frameworks.questions import QUESTIONS
from reference_tests.frameworks.recorded import COMPARABLE, condensed, kept
from reference_tests.frameworks.registry import COLUMNS
from reference_tests.frameworks.report import build
from reference_tests.frameworks.runner import asks_of

pytestmark = pytest.mark.slow  # each starts frameworks

MODULES = {"torch": "torch", "scipy": "scipy", "onnxruntime": "onnxruntime", "onnx-reference": "onnx", "jax": "jax"}


@pytest.mark.parametrize("name", MODULES)
def test_a_framework_answers_as_it_was_measured(name):
    if find_spec(MODULES[name]) is None or (name == "onnxruntime" and find_spec("onnx") is None):
        assert not os.environ.get("CI"), f"CI has to install {name}: {COLUMNS[name].install}"
        pytest.skip(f"{name} is not installed: {COLUMNS[name].install}")
    about, answers = ask(COLUMNS[name], asks_of(COMPARABLE))
    found = condensed(build([COLUMNS[name]], COMPARABLE, {name: {"about": about, "answers": answers}}, english))[name]
    pinned = kept()[name]
    if found["version"] != pinned["version"] and not os.environ.get("CI"):
        pytest.skip(f"measured at {pinned['version']}, here is {found['version']}")
    changed = {
        id: (pinned["answers"].get(id), now) for id, now in found["answers"].items() if pinned["answers"].get(id) != now
    }
    assert changed == {}, (
        f"{name} {found['version']} (measured: {pinned['version']}); python -m reference_tests.frameworks.recorded"
    )


def test_nothing_of_ours_and_nothing_that_varies_is_kept():
    measured = kept()
    assert set(MODULES) <= set(measured) and "impl" not in measured
    for framework in measured.values():
        assert set(framework["answers"]) == {q.id for q in QUESTIONS if not q.varies}


def test_no_probe_is_wrong():
    said = [(n, id, shown) for n, f in kept().items() for id, shown in f["answers"].items() if "probe" in shown]
    assert said == []


@pytest.mark.parametrize("key", KNOWN, ids=" ".join)
def test_a_defect_is_measured_and_has_its_document(key):
    framework, question, shown = key
    assert kept()[framework]["answers"][question] == shown
    assert KNOWN[key].link.startswith("https://") and KNOWN[key].what.endswith(".")


def test_what_is_said_from_source_names_file_and_version():
    ids = {q.id for q in QUESTIONS}
    for question, told in STATED.items():
        assert question in ids
        for framework, (_, file) in told.items():
            assert framework in FROM_SOURCE
            assert re.search(r" at [0-9a-f]{7}\b", file) or "cudnn_765" in file
    assert {f for told in STATED.values() for f in told} == set(FROM_SOURCE)


@pytest.mark.parametrize("question", [q for q in QUESTIONS if q.id in STATED], ids=lambda q: q.id)
def test_what_is_said_from_source_is_an_answer_the_question_knows(question):
    free = ("refused", "either, by its mode", "not divided, and one channel short")
    for key, _ in STATED[question.id].values():
        assert not question.reader.labels or key in (*question.reader.labels, *free)
