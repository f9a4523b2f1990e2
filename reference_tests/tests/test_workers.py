"""Plain pytest shares its tests among workers; whoever asks for one process, or for some files, gets one."""

import importlib.util
import os
from pathlib import Path

import pytest

import impl

CONFTEST = Path(impl.__file__).parents[1] / "conftest.py"
pytestmark = pytest.mark.skipif(not CONFTEST.exists(), reason="an installed wheel has no conftest.py beside it")


def workers_of(given: list[str], root: Path, processors: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """Return how many workers a run with these arguments gets in a folder whose pytest knows its tests' place."""
    spec = importlib.util.spec_from_file_location("conftest_of_all", CONFTEST)
    assert spec and spec.loader
    spec.loader.exec_module(conftest := importlib.util.module_from_spec(spec))
    (root / "pytest.ini").write_text("[pytest]\ntestpaths = tests\n")
    (root / "tests").mkdir()
    monkeypatch.chdir(root)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(processors)), raising=False)
    config = pytest.Config.fromdictargs({}, given)
    conftest.pytest_cmdline_main(config)
    return getattr(config.option, "numprocesses", 0) or 0


@pytest.mark.parametrize(
    "given, processors, workers",
    [
        ([], 2, 2),
        (["-k", "relu"], 2, 2),
        ([], 64, 4),
        ([], 1, 0),
        (["tests"], 2, 0),
        (["-n", "0"], 2, 0),
        (["-n", "3"], 2, 3),
        (["--pdb"], 2, 0),
        (["-s"], 2, 0),
        (["--collect-only"], 2, 0),
    ],
)
def test_tests_are_shared_where_all_are_asked(given, processors, workers, tmp_path, monkeypatch):
    pytest.importorskip("xdist")
    assert workers_of(given, tmp_path, processors, monkeypatch) == workers


def test_one_process_runs_where_there_is_no_xdist(tmp_path, monkeypatch):
    assert workers_of(["-p", "no:xdist"], tmp_path, 2, monkeypatch) == 0
