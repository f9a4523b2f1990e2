"""An installed wheel works as the checkout does, from any directory: data, golden numbers, translations are in it."""

import os
import subprocess
import sys
import tarfile
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


def test_wheel_is_imported_before_the_checkout(installed, tmp_path):
    where = run(installed, tmp_path, "-c", "import impl, golden; print(impl.__file__, golden.__file__)").stdout.split()
    assert [Path(path).is_relative_to(installed) for path in where] == [True, True]


@pytest.mark.long
@pytest.mark.parametrize(
    "arguments, said",
    [
        (["-m", "reference_tests", "verify"], "27 agree"),
        (["-m", "convcheck", "verify", "--device", "none", "--only", "convolution"], "1 agrees"),
        (["-c", "import convcheck.impl.layers as a, impl.layers as b; print(a is b)"], "True"),
        (["-m", "reference_tests", "golden", "--check"], "every row is what its formula gives"),
        (["-m", "pytest", "-q", "--pyargs", "reference_tests", "--impl", "impl", "-k", "relu"], "passed"),
    ],
    ids=["verify", "own-name", "import", "golden", "pytest"],
)
def test_commands_work_from_another_folder(installed, tmp_path, arguments, said):
    done = run(installed, tmp_path, *arguments)
    assert (done.returncode, said in done.stdout) == (0, True), done.stdout + done.stderr


def test_wheel_has_compiled_translations(installed, tmp_path):
    (catalog,) = installed.rglob("convcheck.mo")
    catalog.with_suffix(".po").unlink(missing_ok=True)
    done = run(installed, tmp_path, "-m", "reference_tests", "explain", "--lang", "ja")
    assert (done.returncode, "本の 7.2.4 節" in done.stdout) == (0, True), done.stdout + done.stderr


def test_build_leaves_no_compiled_translations_behind(installed):
    assert list((CHECKOUT / "reference_tests").rglob("*.mo")) == []


def test_sdist_has_backend_and_translations(tmp_path):
    build = "import sys; sys.path.insert(0, '.ci'); import build_backend; build_backend.build_sdist(sys.argv[1])"
    subprocess.run([sys.executable, "-c", build, tmp_path], check=True, cwd=CHECKOUT, capture_output=True)
    (packed,) = tmp_path.glob("convcheck-*.tar.gz")
    with tarfile.open(packed) as files:
        names = {name.rpartition("/")[2] for name in files.getnames()}
    assert {"build_backend.py", "convcheck.po"} <= names
    assert not (CHECKOUT / "MANIFEST.in").exists()
