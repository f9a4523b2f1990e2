"""Shared by the tests of grading: a small rubric, a correct and a wrong submission, grading in this process."""

import time
from collections.abc import Callable, Generator, Iterable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from reference_tests.grading import rubric as rubrics
from reference_tests.grading import rubric_toml
from reference_tests.grading.checklist import Answers, Checklist, make_checklist, right_answers
from reference_tests.grading.grade_one import grade_one
from reference_tests.grading.result import Result
from reference_tests.grading.settings import RunSettings
from reference_tests.grading.submissions.bundle import read, read_submission
from reference_tests.grading.submissions.find import find
from reference_tests.grading.submissions.submission import Submission
from reference_tests.subject.protocol import Plan

SEED = 20_261_122
PROGRAM = Plan([["make", "layer", "Relu", []], ["call", "out", "layer.forward", ["x"]]], {"x": np.ones(2)}, {})
SMALL = {"total": 10, "hidden_share": 0.5, "drawn": 2, "components": {"relu": {"points": 6}, "shapes": {"points": 4}}}
SMALL_TOML = """total = 10
hidden_share = 0.5
drawn = 2
components.relu.points = 6
components.shapes.points = 4
"""
RIGHT = """import numpy as np


def conv_output_size(input_size, filter_size, stride=1, pad=0):
    if filter_size > input_size + 2 * pad:
        raise ValueError("the window is larger than the padded input")
    return (input_size + 2 * pad - filter_size) // stride + 1


class Relu:
    def forward(self, x):
        self.on = x > 0
        return np.where(self.on, x, 0)

    def backward(self, dout):
        return np.where(self.on, dout, 0)
"""
WRONG = RIGHT.replace("x > 0", "x > -9").replace("+ 1", "- 1")


@cache
def small() -> rubrics.Rubric:
    """Return the rubric SMALL."""
    return rubric_toml.parse(SMALL)


@cache
def checklist_of(rubric: rubrics.Rubric, seed: int = SEED) -> tuple[Checklist, Answers]:
    """Return a rubric's checklist and the right answers to it."""
    checklist = make_checklist(rubric, seed)
    return checklist, right_answers(checklist)


def run_settings(rubric: rubrics.Rubric | None = None, isolation: str = "none", **limits: Any) -> RunSettings:
    """Return settings for a run at a level, with the small rubric unless another is given."""
    return RunSettings(rubric or small(), SEED, "given", "test", isolation, **limits)


def graded(
    path: Path, rubric: rubrics.Rubric | None = None, isolation: str = "none", server: Any = None, **limits: Any
) -> Result:
    """Grade one submission, in this process unless another level is given. server: of its process."""
    checklist, answers = checklist_of(rubric or small())
    submission = next(iter(find([str(path), str(path)])))
    settings = run_settings(rubric, isolation, **limits)
    return grade_one(submission, read(str(path)), settings, checklist, answers, server)


class InThisProcess:
    """An executor that grades here, one after the other; for trusted code."""

    def run(self, settings: RunSettings, submissions: Iterable[Submission]) -> Generator[Result, None, None]:
        """Yield one result a submission."""
        checklist, answers = checklist_of(settings.rubric, settings.seed)
        for one in submissions:
            yield grade_one(one, read_submission(one), settings, checklist, answers, None)


def write_files(folder: Path, **files: str) -> Path:
    """Write NAME.py with these texts into a folder, which is made if it is not there, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    return folder


def wait_until(condition: Callable[[], object], seconds: float = 120) -> None:
    """Return as soon as the condition holds, or after that time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and not condition():
        time.sleep(0.02)
