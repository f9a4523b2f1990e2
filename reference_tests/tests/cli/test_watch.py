"""convcheck watch: a real file is saved again and again, and the list follows it."""

import signal
import subprocess
import sys
import time

import pytest

from reference_tests.cli import run
from reference_tests.reports.solved import Solved, open_solved

WRONG = """
import numpy as np


class Relu:
    def forward(self, x):
        self.mask = x <= 0
        return np.abs(x)

    def backward(self, dout):
        dx = dout.copy()
        dx[self.mask] = 0
        return dx
"""
RIGHT = WRONG.replace("np.abs(x)", "np.where(self.mask, 0, x)")


def wait_for(file, text, seconds=60):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if text in file.read_text(encoding="utf-8"):
            return
        time.sleep(0.1)
    raise AssertionError(f"{text!r} is not in:\n{file.read_text(encoding='utf-8')}")


@pytest.mark.slow
def test_follows_a_file_from_save_to_save(tmp_path, monkeypatch):
    monkeypatch.setenv("CONVCHECK_CACHE", str(tmp_path / "cache"))
    file, shown = tmp_path / "layers.py", tmp_path / "shown.txt"
    file.write_text(WRONG)
    with shown.open("w") as out:
        command = [
            sys.executable,
            "-u",
            "-m",
            "reference_tests",
            "watch",
            "layers.py",
            "--only",
            "relu",
            "--lang",
            "en",
        ]
        watching = subprocess.Popen(command, cwd=tmp_path, stdout=out, stderr=subprocess.STDOUT)
        try:
            for source, text in (
                (WRONG, "0 of 1 solved"),
                (RIGHT, "solved just now"),
                (RIGHT + "\ndef half(", "was never closed"),
                (WRONG + "\n", "was solved, and is wrong again"),
                (RIGHT + "\n", "relu  solved\n"),
            ):
                file.write_text(source)
                wait_for(shown, text)
        finally:
            watching.send_signal(signal.SIGINT)
    assert watching.wait(20) == 0
    assert "Traceback" not in shown.read_text() and "Relu(" in shown.read_text()
    assert open_solved(file.resolve()).names == {"relu"}


def test_a_missing_file_is_one_sentence(capsys):
    assert run(["watch", "nowhere.py"]) == 2
    assert "nowhere.py: there is no such file or folder to watch" in capsys.readouterr().err


def test_solved_is_kept_and_a_damaged_file_is_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("CONVCHECK_CACHE", str(tmp_path))
    target = tmp_path / "layers.py"
    Solved(("relu", "lrn")).keep(target)
    assert open_solved(target).names == {"relu", "lrn"}
    next((tmp_path / "solved").iterdir()).write_text("{")
    assert open_solved(target).names == set()
