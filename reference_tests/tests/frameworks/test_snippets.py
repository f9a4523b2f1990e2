"""Snippets: each runs in a fresh process as it is pasted, and prints the answer that the matrix shows."""

import ast
import builtins
import codeop
import json
import os
import random
import subprocess
import sys

import numpy as np
import pytest

from reference_tests.frameworks.answers import Raw, make_cell
from reference_tests.frameworks.columns import select_columns
from reference_tests.frameworks.questions import QUESTIONS, Question
from reference_tests.frameworks.registry import DEFAULT, FRAMEWORKS, IN_DEV, Framework
from reference_tests.frameworks.report import cell_of
from reference_tests.frameworks.runner import measure, requests_for
from reference_tests.frameworks.snippets import called_functions, snippet_text
from reference_tests.frameworks.snippets.arrays import array_code, value_code
from reference_tests.frameworks.snippets.snippet import asked_inputs
from reference_tests.i18n import english

from ..sampling import slow_but

COLUMNS = [framework.name for framework in IN_DEV]
EVERY = [*DEFAULT, "torch@compile", "torch@onnx", "executorch"]
ASKED_ALONE = 6  # snippets of a column that the slow tests run
BY_ID = {q.id: q for q in QUESTIONS}
CAPTURE = """
import json, sys
from reference_tests.frameworks.child import encode
caught = []
def said(*words):
    arrows = [i for i, word in enumerate(words) if isinstance(word, str) and word == "->"]
    caught.append([str(w) if isinstance(w, Exception) else encode(w) for w in words[arrows[0] + 1 if arrows else 0:]])
try:
    exec(compile(sys.stdin.read(), "<pasted>", "exec"), {"print": said, "__name__": "__main__"})
except Exception as error:
    caught.append([type(error).__name__, str(error)])
sys.__stdout__.write("\\n" + json.dumps(caught))
"""


def run_snippet(text: str) -> tuple[int, list[list]]:
    """The exit status of a fresh process that is given the snippet, and what each print was given, behind the arrow."""
    done = subprocess.run(
        [sys.executable, "-c", CAPTURE], input=text, capture_output=True, text=True, timeout=120,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )  # fmt: skip
    return done.returncode, json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else []


def as_raw(printed: list) -> Raw:
    """What a snippet printed, in the words of a framework's process."""
    if len(printed) == 1:
        return {"value": printed[0]}
    name, message = printed
    return {"absent": message} if name == "NotOffered" else {"refused": name, "message": " ".join(message.split())}


def agree(framework: Framework, question: Question, measured: dict) -> str:
    """What differs between a snippet's answer and the matrix's, "" if nothing does."""
    shown = cell_of(question, framework.name, {framework.name: measured}, english)
    if shown.kind in ("absent", "missing") or any(part.kind in ("killed", "timeout") for part in shown.parts):
        return ""
    status, printed = run_snippet(snippet_text(framework, question))
    places = [place for place, _, _ in asked_inputs(framework, question)]
    if status or len(printed) != len(places):
        return f"{question.id}: exit status {status}, {len(printed)} of {len(places)} answers"
    raws: list[Raw] = [{"absent": "not asked"} for _ in question.samples]
    for place, one in zip(places, printed):
        raws[place] = as_raw(one)
    now = make_cell(question, raws, english, framework.name)
    alike = set(now.keys) & set(shown.keys) and now.kind == shown.kind
    return "" if alike else f"{question.id}: {shown.key} / {now.key}"


def all_answers(name: str) -> dict:
    return measure(FRAMEWORKS[name], requests_for(QUESTIONS))


@pytest.mark.slow
@pytest.mark.parametrize("name", COLUMNS)
def test_snippets_of_a_sample_print_the_answers_of_the_matrix(name):
    framework = FRAMEWORKS[name]
    offered = [q for q in QUESTIONS if snippet_text(framework, q) and not q.varies]
    sample = random.Random(name).sample(offered, ASKED_ALONE)
    measured = measure(framework, requests_for(sample), keep=False)
    assert [said for q in sample if (said := agree(framework, q, measured))] == []


@pytest.mark.slow
@pytest.mark.nightly
@pytest.mark.parametrize("name", COLUMNS)
def test_every_snippet_prints_the_answer_of_the_matrix(name):
    framework, measured = FRAMEWORKS[name], all_answers(name)
    assert [said for q in QUESTIONS if not q.varies and (said := agree(framework, q, measured))] == []


@pytest.mark.parametrize("name", slow_but(("scipy", "torch.nn", "chainer"), EVERY))
def test_every_snippet_is_python_that_defines_what_it_uses(name):
    """Compiled, and no name is read that is neither defined there nor built in; no blank line stands in a block."""
    for question in QUESTIONS:
        text = snippet_text(FRAMEWORKS[name], question)
        tree = ast.parse(text)
        bound = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
        bound |= {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.ClassDef)}
        bound |= {a.arg for a in ast.walk(tree) if isinstance(a, ast.arg)}
        bound |= {n.name for n in ast.walk(tree) if isinstance(n, ast.ExceptHandler) and n.name}
        for node in ast.walk(tree):
            if isinstance(node, ast.Import | ast.ImportFrom):
                bound |= {a.asname or a.name.split(".")[0] for a in node.names}
        used = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
        assert used - bound - set(dir(builtins)) == set(), question.id
        for node in tree.body:
            assert "" not in text.splitlines()[node.lineno - 1 : node.end_lineno], question.id


@pytest.mark.parametrize("name", slow_but(("scipy", "torch.nn", "keras@jax"), EVERY))
def test_snippet_can_be_pasted_line_by_line(name):
    """An interactive Python takes a line at a time: a blank one ends a block, and every block has one."""
    offered = [text for q in QUESTIONS if (text := snippet_text(FRAMEWORKS[name], q))]
    for text in random.Random(name).sample(offered, min(3, len(offered))):
        pending: list[str] = []
        for line in [*text.splitlines(), ""]:
            pending.append(line)
            if codeop.compile_command("\n".join(pending), "<pasted>", "single"):
                pending = []
        assert "".join(pending) == "", text


@pytest.mark.parametrize(
    "name, absent",
    [
        ("torch", ("onnx", "executorch", "compile(")),
        ("onnxruntime", ("cv2", "openvino")),
        ("litert", ("GradientTape",)),
    ],
)
def test_snippet_has_no_branch_of_another_column(name, absent):
    for question in QUESTIONS:
        text = snippet_text(FRAMEWORKS[name], question).split("\n", 1)[-1]
        body = "\n".join(line for line in text.splitlines() if '"""' not in line)
        assert not [word for word in absent if word in body], question.id


def test_snippet_sets_the_switches_before_it_imports(monkeypatch):
    (framework,), _ = select_columns("keras@jax+XLA_FLAGS=--xla_cpu_enable_fast_math=true")
    text = snippet_text(framework, BY_ID["S05"])
    assert "os.environ['KERAS_BACKEND'] = 'jax'" in text
    assert text.index("--xla_cpu_enable_fast_math=true") < text.index("from keras import")
    monkeypatch.setenv("ATEN_CPU_CAPABILITY", "default")
    assert "os.environ['ATEN_CPU_CAPABILITY'] = 'default'" in snippet_text(FRAMEWORKS["torch"], BY_ID["S05"])


def test_snippet_of_an_adapter_that_imports_another_has_its_helpers():
    text = snippet_text(FRAMEWORKS["torch.nn"], BY_ID["S05"])
    assert "def tensor(" in text and "def array(" in text and "torch_probe" not in text


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.id)
def test_inputs_written_as_python_are_the_same_to_the_last_bit(question):
    for sample in question.samples:
        for value in sample.inputs.values():
            made = eval(value_code(value), {"np": np})
            assert type(made) is type(value)
            if isinstance(value, np.ndarray):
                assert (made.shape, made.dtype, made.tobytes()) == (value.shape, value.dtype, value.tobytes())
            else:
                assert made == value


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int8", "int64"])
def test_array_without_a_rule_is_written_out(dtype):
    odd = (np.random.default_rng(0).normal(0, 50, (3, 5, 7))).astype(dtype)
    assert eval(array_code(odd), {"np": np}).tobytes() == odd.tobytes()
    assert "-0.0" in array_code(np.array([-0.0, 0.0], "float32"))


def test_functions_of_scipy_are_named():
    assert called_functions(FRAMEWORKS["scipy"], BY_ID["C01"]) == ["scipy.signal.convolve2d"]
    assert called_functions(FRAMEWORKS["scipy"], BY_ID["C10"]) == ["scipy.signal.correlate2d"]
    without = [q.id for q in QUESTIONS if snippet_text(FRAMEWORKS["scipy"], q)]
    assert all(called_functions(FRAMEWORKS["scipy"], BY_ID[id]) for id in without)
