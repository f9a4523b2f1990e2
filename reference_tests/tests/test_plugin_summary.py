"""pytest --impl says at its end how many components agree, agree but for corner cases, or disagree."""

import subprocess
import sys

import pytest

from reference_tests.conformance.contract import layer
from reference_tests.conformance.scenarios import checks_of
from reference_tests.tests.cli.test_verify import POOLING

pytestmark = pytest.mark.slow

PYTEST = [sys.executable, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider", "--pyargs", "reference_tests"]


def run(tmp_path, *options: str) -> subprocess.CompletedProcess[str]:
    (tmp_path / "layers.py").write_text(POOLING)
    command = [*PYTEST, "--impl", "layers.py", "-k", "test_pooling and forward and not backward", *options]
    return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=180)


@pytest.mark.parametrize("options", [pytest.param((), marks=pytest.mark.nightly), ("-n", "2")], ids=["alone", "xdist"])
def test_summary_counts_core_and_edge_apart(tmp_path, options):
    done = run(tmp_path, *options)
    assert done.returncode == 1, done.stdout + done.stderr
    assert " convcheck: 1 agrees but for corner cases " in done.stdout
    forward = [check for check in checks_of(layer("pooling")) if check.part == "forward"]
    core, edges = ([check for check in forward if check.level == level] for level in ("core", "edge"))
    right = [check for check in edges if check.scenario.id == "refused" or not check.case.params["pad"]]
    counts = f"core {len(core)} of {len(core)}, edge {len(right)} of {len(edges)}"
    assert f"pooling agrees but for corner cases: {counts}" in done.stdout
    assert "edge case: padding of one" in done.stdout


def test_level_core_makes_a_corner_case_an_expected_failure(tmp_path):
    done = run(tmp_path, "--convcheck-level", "core", "-rx")
    assert done.returncode == 0, done.stdout + done.stderr
    assert " convcheck: 1 agrees but for corner cases " in done.stdout
    assert "edge: Pooling(" in done.stdout and "xfailed" in done.stdout
