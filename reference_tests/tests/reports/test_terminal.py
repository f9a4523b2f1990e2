"""What the terminal shows of a failure: numbers that align, * at the wrong ones, the case in letters."""

import io
import json
import re

import numpy as np
import pytest
from rich.console import Console

from reference_tests.conformance.examination import Request, examine
from reference_tests.conformance.types import Diagnosis
from reference_tests.i18n import speaking
from reference_tests.reports import terminal
from reference_tests.reports.grids import failure_lines
from reference_tests.subject.load import load

RELU_CELL = "class Relu:\n    def forward(self, x):\n        return x\n"


def lines(verdict, width=100) -> list[str]:
    with speaking("en"):
        return [text.plain.rstrip() for text in failure_lines(verdict, width)]


def test_failure_shows_the_slice_with_wrong_places_marked(failing):
    verdict, arrays = failing("convolution/one-image/forward", "out", (0, 2, 1, 3), (0, 2, 0, 0))  # out (1, 5, 3, 4)
    shown = lines(verdict)
    assert shown[0].strip() == "out[0, 2]"
    assert shown[1].split() == ["got", "should", "be"]
    rows = [re.findall(r"(-?[\d.]+)(\*?)", line) for line in shown[2:5]]
    assert all(len(row) == 8 for row in rows)
    stars = [[bool(star) for _, star in row] for row in rows]
    assert stars == [[True] + 7 * [False], 3 * [False] + [True] + 4 * [False], 8 * [False]]
    np.testing.assert_allclose(
        [[float(x) for x, _ in row] for row in rows], np.hstack([arrays.got[0, 2], arrays.want[0, 2]]), atol=0.051
    )
    ends = {tuple(m.end() for m in re.finditer(r"\d(?=[* ]|$)", line.ljust(80))) for line in shown[2:5]}
    assert len(ends) == 1


def test_failure_shows_the_pattern_of_all_slices(failing):
    verdict, _ = failing("convolution/one-image/forward", "out", (0, 2, 1, 3), (0, 4, 0, 0))
    shown = lines(verdict)
    at = next(i for i, line in enumerate(shown) if "wrong numbers in all of out: 2 of 60" in line)
    assert shown[at + 1].split("  ")[-1].strip() == "[0, 4]"
    assert [line.count("*") for line in shown[at + 2 : at + 5]] == [1, 1, 0]


def test_narrow_terminal_stacks_the_blocks(failing):
    verdict, _ = failing("convolution/one-image/forward", "out", (0, 2, 1, 3))
    assert max(map(len, lines(verdict, 50))) <= 50
    assert len(lines(verdict, 50)) > len(lines(verdict, 100))


def test_large_answer_is_not_shown(failing):
    verdict, _ = failing("im2col/rows-over-N-then-OH-then-OW", "out", (0, 0))
    assert lines(verdict) == []


def test_smallest_case_is_drawn_in_letters(failing):
    verdict, _ = failing("convolution/one-image/forward", "out", (0, 0, 0, 0))
    small, _ = failing("convolution/drawn-2-1-1-1-1-1-1-1-1/forward", "out", (0, 0, 1, 0))
    verdict.diagnosis = Diagnosis("", "", smallest=small)
    shown = lines(verdict)
    assert shown[0].strip() == "the case: x[0, 0]"
    case = small.check.case
    drawn = shown[1 : 1 + case.shapes["x"][2] + 2 * case.params["pad"]]
    assert sum(line.count("[") for line in drawn) == case.shapes["W"][2] * case.shapes["W"][3]
    assert next(i for i, line in enumerate(drawn) if "[" in line) == case.params["stride"]


@pytest.mark.slow
def test_verify_draws_the_first_failure_of_a_component(examined):
    out = io.StringIO()
    with speaking("en"):
        terminal.print_examination(Console(file=out, width=100, highlight=False), examined, hint=True)
    said = out.getvalue()
    assert said.count("the case: x[0, 0]") == 1
    assert "--html FILE shows every failure" in said


def test_a_broken_cell_is_one_message(tmp_path):
    cells = [RELU_CELL.replace("x):", "x)"), RELU_CELL.replace("Relu", "Tanh")]
    notebook = {"cells": [{"cell_type": "code", "source": c} for c in cells], "metadata": {}, "nbformat": 4}
    (tmp_path / "mine.ipynb").write_text(json.dumps(notebook))
    with load(str(tmp_path / "mine.ipynb")) as subject:
        found = examine(subject, Request(only=("relu",), fresh=0))
    out = Console(file=io.StringIO(), width=200)
    terminal.print_examination(out, found)
    assert out.file.getvalue().count("a colon is missing") == 1
    assert "more of relu" not in out.file.getvalue()


ADVISED = {  # a layer -> whether its advice says anything beside what is wrong anyway
    "return dout.nothing": False,
    "dout[:] = dout * self.on; return dout": True,
    "dout[:] = 0; return dout": True,
}


@pytest.mark.slow
@pytest.mark.parametrize("backward", ADVISED)
def test_advice_is_not_what_is_wrong_anyway(backward, tmp_path):
    head = "class Relu:\n    def forward(self, x):\n        self.on = x > 0\n        return x * self.on\n"
    (tmp_path / "mine.py").write_text(f"{head}    def backward(self, dout):\n        {backward}\n")
    with speaking("en"):
        found = examine(load(str(tmp_path / "mine.py")), Request(only=("relu",), fresh=0))
        advice = terminal.advice_lines(found)
    assert bool(advice) is ADVISED[backward]
    assert len(advice) == len(set(advice)) and all("dout" in line for line in advice)
