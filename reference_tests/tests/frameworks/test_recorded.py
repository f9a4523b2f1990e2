"""The recorded answers, in which CI sees a drift; the defects; the answers read in the source of other frameworks."""

import os
import re
from importlib.util import find_spec

import pytest

from reference_tests.frameworks.defects import KNOWN
from reference_tests.frameworks.environments import ENVIRONMENTS
from reference_tests.frameworks.from_source import FROM_SOURCE, STATED
from reference_tests.frameworks.parent import ask
from reference_tests.frameworks.questions import QUESTIONS
from reference_tests.frameworks.recorded import COMPARABLE, VARIED, changes, condense, load
from reference_tests.frameworks.registry import FRAMEWORKS, IN_DEV
from reference_tests.frameworks.report import build_report
from reference_tests.frameworks.runner import requests_for
from reference_tests.i18n import english

from .test_report import ABOUT

pytestmark = pytest.mark.slow  # each starts frameworks

MODULES = {
    "torch": "torch", "torch.nn": "torch", "scipy": "scipy", "onnxruntime": "onnxruntime", "onnx-reference": "onnx",
    "jax": "jax", "impl": "impl",
}  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize("name", MODULES)
def test_framework_answers_as_recorded(name):
    if find_spec(MODULES[name]) is None or (name == "onnxruntime" and find_spec("onnx") is None):
        assert not os.environ.get("CI"), f"CI has to install {name}: {FRAMEWORKS[name].install}"
        pytest.skip(f"{name} is not installed: {FRAMEWORKS[name].install}")
    about, answers = ask(FRAMEWORKS[name], requests_for(COMPARABLE))
    report = build_report([FRAMEWORKS[name]], COMPARABLE, {name: {"about": about, "answers": answers}}, english)
    measured, pinned = condense(report)[name], load()[name]
    if measured["version"] != pinned["version"] and not os.environ.get("CI"):
        pytest.skip(f"measured at {pinned['version']}, here is {measured['version']}")
    both = {id: (pinned["answers"].get(id), now) for id, now in measured["answers"].items()}
    changed = {id: (old, new) for id, (old, new) in both.items() if old != new}
    assert changed == {}, f"version {measured['version']}; python -m reference_tests.frameworks.recorded"


def test_record_excludes_answers_that_vary():
    recorded = load()
    assert set(MODULES) <= set(recorded)
    for framework in recorded.values():
        assert set(framework["answers"]) == {q.id for q in QUESTIONS if not q.varies}


FAULTS = {  # exceptions that are the framework's own mistake, by what they say
    ("onnx-reference", "S08"): "zero-size array to reduction: a window that sees only padding",
    ("onnx-reference", "R05"): "more channels than samples: onnx issue 7805",
    ("openvino", "S18"): "object is not initialized",
    ("opencv.dnn", "C13"): "func != nullptr",
    ("chainer", "A07"): "its type check cannot be evaluated for one axis",
    ("keras.ops@jax", "P07"): "its default of strides does not work over JAX",
    ("keras.ops@jax", "P08"): "its default of strides does not work over JAX",
}


def test_record_has_no_fault_of_ours():
    faults = {(n, id) for n, f in load().items() for id, shown in f["answers"].items() if "fault" in shown}
    assert faults == set(FAULTS)


@pytest.mark.parametrize("key", KNOWN, ids=" ".join)
def test_defect_is_recorded_and_has_its_document(key):
    framework, question, shown = key
    assert shown in load()[framework]["answers"][question]
    assert KNOWN[key].link.startswith("https://") and KNOWN[key].what.endswith(".")


BY_HAND = {  # what single calls gave that were written without the suite, with the same versions
    ("tensorflow", "S10"): "3x3 for size 0",
    ("tensorflow", "S11"): "process killed by SIGFPE for size 0",
    ("onnxruntime", "S11"): "the maximum of what is there for 4x4 on 3x3 at stride 4",
    ("onnxruntime", "P14"): "the maximum of what is there for window 3, dilation 2, stride 2",
    ("paddle", "S10"): "the sum of what is there for 4x4 on 3x3 at stride 4",
    ("onnxruntime", "P20"): "it counts",
    ("onnx-reference", "P20"): "it counts",
    ("torch", "P04"): "the pixels and the padding",
    ("onnxruntime", "P04"): "the pixels and the padding",
    ("onnxruntime", "R02"): "refused (Fail)",
    ("onnx-reference", "R02"): "left as it is",
    ("torch", "T01"): "(C in,C out,FH,FW)",
    ("torch", "P16"): "as forward divides",
    ("torch@compile", "P16"): "by the whole window",
}


@pytest.mark.parametrize("key", BY_HAND, ids=" ".join)
def test_answer_is_that_of_a_call_written_by_hand(key):
    framework, question = key
    assert BY_HAND[key] in load()[framework]["answers"][question]


def test_answer_from_source_names_file_and_commit():
    ids = {q.id for q in QUESTIONS}
    for question, stated in STATED.items():
        assert question in ids
        for framework, (_, file) in stated.items():
            assert framework in FROM_SOURCE
            assert re.search(r" at [0-9a-f]{7}\b", file) or "cudnn_765" in file
    assert {f for stated in STATED.values() for f in stated} == set(FROM_SOURCE)


@pytest.mark.parametrize("question", [q for q in QUESTIONS if q.id in STATED], ids=lambda q: q.id)
def test_answer_from_source_is_one_of_the_labels(question):
    free = ("refused", "either, by its mode", "not divided, and one channel short")
    for key, _ in STATED[question.id].values():
        assert not question.interpretation.labels or key in (*question.interpretation.labels, *free)


def test_drift_is_measured_for_every_column_that_the_dev_extra_brings():
    assert set(MODULES) == {framework.name for framework in IN_DEV}


def test_answers_that_vary_between_two_runs_are_no_drift():
    measured = {"scipy": {"about": ABOUT, "answers": {"C01": {"value": 0.5, "unstable": True}}}}
    report = build_report([FRAMEWORKS["scipy"]], [q for q in QUESTIONS if q.id == "C01"], measured, english, "scipy")
    now = condense(report)
    assert now["scipy"]["answers"] == {"C01": VARIED} and changes(now) == []


def test_record_covers_fourteen_columns_and_every_environment():
    assert len(load()) >= 14
    assert {column for made in ENVIRONMENTS.values() for column in made.columns} <= set(load())


def test_changes_names_column_question_and_both_answers():
    now = {"scipy": {"version": "9", "answers": {**load()["scipy"]["answers"], "C01": "something else"}}}
    (line,) = changes(now)
    assert line.startswith("scipy 9 ") and "C01" in line and "turned" in line and line.endswith("something else")
