"""An installed wheel works as the checkout does, from any directory: data and golden numbers travel with it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import impl

pytestmark = pytest.mark.slow
CHECKOUT = Path(impl.__file__).parent.parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """A folder with the wheel's contents, to be put before everything else that is installed."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", CHECKOUT, "--no-deps", "-w", folder / "made"], check=True, cwd=folder)
    (wheel,) = (folder / "made").glob("convcheck-*.whl")
    subprocess.run([*pip, "install", "--no-deps", "--target", folder / "site", wheel], check=True, cwd=folder)
    return folder / "site"


def run(installed: Path, cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, cwd=cwd, env=environment, timeout=300
    )


def test_it_is_the_wheel_that_is_imported(installed, tmp_path):
    where = run(installed, tmp_path, "-c", "import impl, golden; print(impl.__file__, golden.__file__)").stdout.split()
    assert [Path(path).is_relative_to(installed) for path in where] == [True, True]


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["-m", "reference_tests", "verify"], "27 agree"),
        (["-m", "reference_tests", "golden", "--check"], "every row is what its formula gives"),
        (["-m", "pytest", "-q", "--pyargs", "reference_tests", "--impl", "impl", "-k", "relu or drawn"], "passed"),
    ],
    ids=["verify", "golden", "pytest"],
)
def test_the_commands_work_from_elsewhere(installed, tmp_path, arguments, said):
    done = run(installed, tmp_path, *arguments)
    assert (done.returncode, said in done.stdout) == (0, True), done.stdout + done.stderr
