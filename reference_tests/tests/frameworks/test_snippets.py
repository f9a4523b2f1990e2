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

from reference_tests.frameworks.answers import Cell, Raw, make_cell
from reference_tests.frameworks.columns import select_columns
from reference_tests.frameworks.questions import QUESTIONS, Question
from reference_tests.frameworks.registry import DEFAULT, FRAMEWORKS, IN_DEV, Framework
from reference_tests.frameworks.report import cell_of
from reference_tests.frameworks.runner import measure, requests_for
from reference_tests.frameworks.snippets import called_functions, snippet_text
from reference_tests.frameworks.snippets.arrays import array_code, value_code
from reference_tests.frameworks.snippets.snippet import asked_inputs
from reference_tests.i18n import english

from ..sampling import sampled, slow_but

COLUMNS = [framework.name for framework in IN_DEV]
EVERY = [*DEFAULT, "torch@compile", "torch@onnx", "executorch"]
SAMPLE = 12  # snippets of a column that the slow tests run
BY_ID = {q.id: q for q in QUESTIONS}
CAPTURE = """
import json, sys
from reference_tests.frameworks.child import encode
def run(text):
    caught = []
    def said(*words):
        arrows = [i for i, word in enumerate(words) if isinstance(word, str) and word == "->"]
        behind = words[arrows[0] + 1 if arrows else 0:]
        caught.append([str(w) if isinstance(w, Exception) else encode(w) for w in behind])
    try:
        exec(compile(text, "<pasted>", "exec"), {"print": said, "__name__": "__main__"})
    except Exception as error:
        caught.append([type(error).__name__, str(error)])
    return caught
for text in json.load(sys.stdin):
    sys.__stdout__.write("\\n" + json.dumps({"caught": run(text)}) + "\\n")
    sys.__stdout__.flush()
"""


def run_snippets(texts: list[str]) -> list[list[list]]:
    """What the prints of each snippet were given, behind the arrow; all are run in one fresh process."""
    done = subprocess.run(
        [sys.executable, "-c", CAPTURE], input=json.dumps(texts), capture_output=True, text=True, timeout=900,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-900:]
    return [json.loads(line)["caught"] for line in done.stdout.splitlines() if line.startswith('{"caught"')]


def as_raw(printed: list) -> Raw:
    """What a snippet printed, in the words of a framework's process."""
    if len(printed) == 1:
        return {"value": printed[0]}
    name, message = printed
    return {"absent": message} if name == "NotOffered" else {"refused": name, "message": " ".join(message.split())}


def compared(framework: Framework, question: Question, printed: list[list], shown: Cell) -> str:
    """What differs between a snippet's answer and the matrix's, "" if nothing does."""
    places = [place for place, _, _ in asked_inputs(framework, question)]
    if len(printed) != len(places):
        return f"{question.id}: {len(printed)} of {len(places)} answers"
    raws: list[Raw] = [{"absent": "not asked"} for _ in question.samples]
    for place, one in zip(places, printed):
        raws[place] = as_raw(one)
    now = make_cell(question, raws, english, framework.name)
    alike = set(now.keys) & set(shown.keys) and now.kind == shown.kind
    return "" if alike else f"{question.id}: {shown.key} / {now.key}"


def disagreements(name: str, questions: list[Question]) -> list[str]:
    """What the snippets of a column print otherwise than the matrix; an input that ends the process is left out."""
    framework = FRAMEWORKS[name]
    measured = {name: measure(framework, requests_for(questions))}
    cells = [(q, cell_of(q, name, measured, english)) for q in questions if snippet_text(framework, q)]
    asked = [
        (q, cell)
        for q, cell in cells
        if cell.kind not in ("absent", "missing") and not {part.kind for part in cell.parts} & {"killed", "timeout"}
    ]
    assert asked
    printed = run_snippets([snippet_text(framework, q) for q, _ in asked])
    assert len(printed) == len(asked)
    return [said for (q, cell), one in zip(asked, printed) if (said := compared(framework, q, one, cell))]


@pytest.mark.slow
@pytest.mark.parametrize("name", COLUMNS)
def test_snippets_of_a_sample_print_the_answers_of_the_matrix(name):
    offered = [q for q in QUESTIONS if snippet_text(FRAMEWORKS[name], q) and not q.varies]
    assert disagreements(name, random.Random(name).sample(offered, SAMPLE)) == []


@pytest.mark.slow
@pytest.mark.nightly
@pytest.mark.parametrize("name", COLUMNS)
def test_every_snippet_prints_the_answer_of_the_matrix(name):
    assert disagreements(name, [q for q in QUESTIONS if not q.varies]) == []


@pytest.mark.slow
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


@pytest.mark.parametrize("question", sampled(list(QUESTIONS), every=4), ids=lambda q: q.id)
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
