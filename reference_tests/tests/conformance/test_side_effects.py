"""An examination leaves a user's folder and a user's process as they were."""

import subprocess
import sys

import pytest
import torch
from hypothesis import configuration
from hypothesis.internal.conjecture import providers

from reference_tests.conformance import generate, references
from reference_tests.conformance.contract import layer
from reference_tests.conformance.references import torch_ref
from reference_tests.conformance.scenarios.uses import draw_question
from reference_tests.corpus import mutants
from reference_tests.quality.subjects import InProcessSubject

pytestmark = pytest.mark.slow

RELU = """import numpy as np


class Relu:
    def forward(self, x):
        self.mask = x <= 0
        return np.where(self.mask, 0, x)

    def backward(self, dout):
        return np.where(self.mask, 0, dout * SLOPE)
"""
PYTEST = "-m pytest -q -p no:cacheprovider -p no:randomly --pyargs reference_tests --impl layers.py -k relu"
RUNS = {
    "verify": "-m reference_tests verify layers.py --only relu",
    "pytest": PYTEST,
    "check": "-c from-layers-import-Relu;from-reference_tests-import-check;print(check(Relu))",
}


@pytest.mark.parametrize("slope", [pytest.param(1, marks=pytest.mark.nightly, id="right"), pytest.param(2, id="wrong")])
@pytest.mark.parametrize("how", RUNS)
def test_run_leaves_nothing_in_the_folder(how, slope, tmp_path):
    (tmp_path / "layers.py").write_text(RELU.replace("SLOPE", str(slope)))
    words = [word.replace("-", " ") if ";" in word else word for word in RUNS[how].split()]
    done = subprocess.run([sys.executable, "-B", *words], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert ("disagree" in done.stdout) == (slope == 2), done.stdout + done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["layers.py"]


def test_drawing_reads_no_source_of_loaded_modules(tmp_path, monkeypatch):
    monkeypatch.setenv("CONVCHECK_CACHE", str(tmp_path))  # Hypothesis would keep there what it has read
    subject = InProcessSubject(mutants.executed(mutants.base(), "<base>"))
    before = providers._get_local_constants
    assert all(v.status == "pass" for v in generate.judge_generated(layer("relu"), 2, 40, subject))
    assert providers._get_local_constants is before
    assert not list(tmp_path.rglob("constants/*"))


def test_the_folder_of_hypothesis_is_put_back(tmp_path):
    configuration.set_hypothesis_home_dir(tmp_path)
    try:
        subject = InProcessSubject(mutants.executed(mutants.base(), "<base>"))
        assert all(v.status == "pass" for v in generate.judge_generated(layer("relu"), 1, 3, subject))
        assert configuration.storage_directory("examples").path.parent == tmp_path
    finally:
        configuration.set_hypothesis_home_dir(None)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("threads", [2, 3])
def test_torch_answers_on_one_thread_and_has_its_own_number_again(threads, monkeypatch):
    seen, before = [], torch.get_num_threads()
    right = torch_ref.FORWARD["relu"]
    monkeypatch.setitem(torch_ref.FORWARD, "relu", lambda x: seen.append(torch.get_num_threads()) or right(x))
    torch.set_num_threads(threads)
    try:
        references.ask_all(draw_question(layer("relu").CASES[0]).exact(), references.CPU)
        assert torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(before)
    assert seen and set(seen) == {1}
