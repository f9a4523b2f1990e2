"""What the tests of grading share: a small rubric, a right and a wrong file, a submission graded in this process."""

from functools import cache
from pathlib import Path

from reference_tests.grading import rubric as rubrics
from reference_tests.grading import rubric_toml
from reference_tests.grading.checklist import Answers, Checklist, make_checklist, right_answers
from reference_tests.grading.grade_one import RunSettings, grade_one
from reference_tests.grading.result import Result
from reference_tests.grading.submissions.bundle import read
from reference_tests.grading.submissions.find import find

SEED = 20_261_122
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
    return rubric_toml.of(SMALL)


@cache
def paper_of(rubric: rubrics.Rubric, seed: int = SEED) -> tuple[Checklist, Answers]:
    paper = make_checklist(rubric, seed)
    found: Answers = {}
    for name in paper.components:
        found |= right_answers(paper, name)
    return paper, found


def setting(rubric: rubrics.Rubric | None = None, isolation: str = "none", **how) -> RunSettings:
    return RunSettings(rubric or small(), SEED, "given", "test", isolation, **how)


def graded(path: Path, rubric: rubrics.Rubric | None = None, isolation: str = "none", **how) -> Result:
    """One submission, in this process unless told otherwise."""
    paper, found = paper_of(rubric or small())
    submission = next(iter(find([str(path), str(path)])))
    return grade_one(submission, read(str(path)), setting(rubric, isolation, **how), paper, found, None)


def written(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    return folder
