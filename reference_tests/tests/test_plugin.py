"""The pytest plugin among others: silent where it is not wanted, ids that run again, --pdb in the learner's code."""

import subprocess
import sys

import pytest

from reference_tests.plugin import SUITE, place_of_id

WRONG = """
import numpy as np


class Relu:
    def forward(self, x):
        kept = np.abs(x)
        return kept

    def backward(self, dout):
        return dout * self.mask
"""
ELSEWHERE = [sys.executable, "-B", "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:randomly"]


def run(folder, *options: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run([*ELSEWHERE, *options], cwd=folder, input=typed, capture_output=True, text=True, timeout=180)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "layers.py").write_text(WRONG)
    return tmp_path


@pytest.mark.slow
def test_silent_in_a_run_that_is_not_ours(tmp_path):
    (tmp_path / "conftest.py").write_text(
        "def pytest_addoption(parser):\n"
        "    for name in ('--device', '--map'):\n"
        "        parser.addoption(name, default='mine')\n"
    )
    (tmp_path / "test_own.py").write_text(
        "def test_own(pytestconfig): assert pytestconfig.getoption('--device') == 'x'\n"
    )
    done = run(tmp_path, "--device", "x")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "checks" not in done.stdout and "convcheck:" not in done.stdout


@pytest.mark.parametrize(
    "argument, file",
    [
        ("test_layers.py::test_relu[relu/x/forward]", "test_layers.py"),
        ("::test_relu[relu/x/forward]", "test_layers.py"),
        ("::test_drawn[relu]", "test_drawn.py"),
        ("::test_thresholds[relu]", "test_thresholds.py"),
    ],
)
def test_ids_are_found_from_anywhere(argument, file, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert place_of_id(argument) == f"{SUITE / file}::{argument.partition('::')[2]}"


@pytest.mark.parametrize("argument", ["tests", "--impl", "test_own.py", "test_own.py::test_x", "layers.py"])
def test_other_arguments_stay(argument, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert place_of_id(argument) == argument


@pytest.mark.slow
def test_impl_alone_collects_the_suite_and_its_ids_run_again(folder):
    first = run(folder, "-q", "--impl", "layers.py", "-k", "test_relu and forward", "--tb=no", "--device", "none")
    failed = [line.split()[1] for line in first.stdout.splitlines() if line.startswith("FAILED")]
    assert first.returncode == 1 and failed, first.stdout + first.stderr
    again = run(folder, "-q", "--impl", "layers.py", failed[0], "--tb=no")
    assert "1 failed" in again.stdout, again.stdout + again.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    "part, typed, said",
    [("forward", "p kept.shape\nq\n", "(Pdb) ("), ("backward", "p sorted(vars(self))\nq\n", "(Pdb) []")],
    ids=["wrong", "raises"],
)
def test_pdb_stands_in_the_learners_code(folder, part, typed, said):
    """In the frame that gave the wrong numbers, at its end; or at the line that raised."""
    done = run(folder, "--impl", "layers.py", "-x", "-k", f"test_relu and {part}", "--pdb", typed=typed)
    assert "layers.py" in done.stdout and said in done.stdout, done.stdout + done.stderr
