"""Verdicts do not change with the threads or the kernel of the linear algebra, nor with the order of the tests."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from reference_tests.corpus import mutants
from reference_tests.tests.sampling import some_at_night

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[3]
NEAR = "conv-scaled", "conv-float16", "conv-dW-scaled", "affine-half", "affine-db-half", "lrn-scaled", "tanh-dx-scaled"
TOLD = """
import numpy as np
from reference_tests.corpus import correct
from reference_tests.quality.detection import plant
from reference_tests.quality.false_alarms import correct_subjects, drawn_checks
from reference_tests.quality.subjects import has_component, judge_component
from reference_tests.conformance.contract import CORE
from reference_tests.conformance.judge import judge

def print_verdicts(who, found):
    for v in found:
        print(who, v.check.id, v.status, v.reason)

for name in {near!r}:
    print_verdicts(name, judge_component(plant()[name].names(), [plant()[name].component]))
for way in ("whole", "float32_inside", "fft", "tensor_products"):
    print_verdicts(way, judge_component(correct.names(way), has_component(correct.names(way))))
for component in CORE:
    checks = [c for seed in (1, 2, 3) for c in drawn_checks(component, seed)]
    print_verdicts("impl", (judge(c, correct_subjects()["impl"]) for c in checks))
"""
SETTINGS = {
    "two threads, another kernel": {
        "OMP_NUM_THREADS": "2",
        "OPENBLAS_NUM_THREADS": "2",
        "OPENBLAS_CORETYPE": "Nehalem",
    },
    "two threads": {"OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2"},
    "four threads": {"OMP_NUM_THREADS": "4", "OPENBLAS_NUM_THREADS": "4"},
    "OpenBLAS for Haswell": {"OPENBLAS_CORETYPE": "Haswell"},
    "OpenBLAS for Nehalem": {"OPENBLAS_CORETYPE": "Nehalem"},
    "OpenBLAS for Prescott": {"OPENBLAS_CORETYPE": "Prescott"},
    "torch without vectors": {"ATEN_CPU_CAPABILITY": "default", "MKL_CBWR": "COMPATIBLE"},
}


def answered(command: list[str], **settings: str) -> str:
    alone = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_WAIT_POLICY": "passive"}
    environment = os.environ | alone | settings
    done = subprocess.run([sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode in (0, 1), done.stdout[-2000:] + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def verdicts() -> list[str]:
    found = answered(["-c", TOLD.format(near=NEAR)]).splitlines()
    assert {line.split()[2] for line in found} == {"pass", "fail"}
    return found


@pytest.mark.long
@pytest.mark.parametrize("setting", some_at_night(SETTINGS, each=7))
def test_verdicts_do_not_depend_on_threads_and_kernels(verdicts, setting):
    assert answered(["-c", TOLD.format(near=NEAR)], **SETTINGS[setting]).splitlines() == verdicts


@pytest.fixture(scope="module")
def wrong(tmp_path_factory) -> Path:
    """Somebody's file with mistakes: verdicts of both kinds."""
    names = {m.id: m for m in mutants.mutants()}
    some = ("conv-dW-averaged", "relu-leaky", "pool-ties-all", "dropout-inverted")
    patch = tuple(part for name in some for part in names[name].patch)
    path = tmp_path_factory.mktemp("wrong") / "layers.py"
    path.write_text(mutants.Mutant("several", "", "", "", patch).source)
    return path


def suite(wrong: Path, *options: str) -> dict[str, str]:
    """test -> outcome"""
    names = "convolution", "relu", "pooling", "dropout", "affine"
    tests = [f"reference_tests/suite/test_layers.py::test_{name}" for name in names]
    output = answered(["-m", "pytest", "-q", "-rA", "--tb=no", f"--impl={wrong}", *options, *tests])
    found = {test: outcome for outcome, test in re.findall(r"^(PASSED|FAILED|XFAIL) (\S+)", output, re.M)}
    assert set(found.values()) >= {"PASSED", "FAILED"}, output[-2000:]
    return found


ORDERS = ["random order", "two workers"]


@pytest.fixture(scope="module")
def in_order(wrong) -> dict[str, str]:
    return suite(wrong, "-p", "no:randomly")


@pytest.mark.parametrize(
    "options", some_at_night([["--randomly-seed=3"], ["-n", "2"]], each=2), ids=["random order", "two workers"]
)
def test_verdicts_do_not_depend_on_the_order_of_tests(in_order, wrong, options):
    assert suite(wrong, *options) == in_order
