"""convcheck verify-files: what a hook before a commit is told of the files that it hands over."""

import pytest

from reference_tests.cli import run
from reference_tests.tests.cli.test_watch import RIGHT, WRONG


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, text in {"right": RIGHT, "wrong": WRONG, "train": "print('no layer')\n", "broken": "def f(:\n"}.items():
        (tmp_path / f"{name}.py").write_text(text)
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize(
    "files, status", [("right train broken", 0), ("wrong right train", 1), ("train wrong", 1), ("train", 0)]
)
def test_worst_of_the_files_that_can_be_judged_decides(folder, files, status, capsys):
    assert run(["verify-files", *(f"{name}.py" for name in files.split())]) == status
    shown = capsys.readouterr()
    assert all(f"{name}.py:" in shown.out for name in files.split())
    assert ("train.py" in shown.err) == ("train" in files)


@pytest.mark.parametrize("arguments", (["--level", "all", "right.py"], ["right.py", "missing.py"], []))
def test_wrong_use_is_told_before_any_file_is_judged(folder, arguments, capsys):
    assert run(["verify-files", *arguments]) == 2
    assert "right.py:" not in capsys.readouterr().out
