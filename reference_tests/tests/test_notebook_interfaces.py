"""check() in a notebook, grade and pytest, of layers in another interface than the book's."""

import dataclasses
import subprocess
import sys

import pytest

from reference_tests.corpus.conventions import FOLDER
from reference_tests.grading import grade_one, rubric_toml
from reference_tests.grading.outputs import pages
from reference_tests.grading.rubric import RubricError
from reference_tests.notebook import UnclearRequest, run_check
from reference_tests.subject.source import LoadError
from reference_tests.tests.grading import graded, run_settings, small

pytestmark = pytest.mark.slow

CS231N = FOLDER / "cs231n" / "wrong_im2col_relu.py"


def defined(file=CS231N) -> dict:
    """Return the names that running a file defines."""
    names = {"__name__": "cells", "__file__": str(file)}
    exec(compile(file.read_text(encoding="utf-8"), str(file), "exec"), names)
    return names


def test_check_reads_functions_that_are_defined_so_far():
    names = defined()
    report = run_check(names, names, ["Relu"], {}, "en")
    assert report.found.status("relu") == "fail"
    assert "relu read as: relu_forward(x)" in repr(report)
    assert "relu read as: relu_forward(x)" in report._repr_html_()


def test_check_pins_a_convention():
    names = defined()
    with pytest.raises(UnclearRequest, match="there is no convention torch; there are book, cs231n"):
        run_check(names, names, ["Relu"], {}, "en", convention="torch")
    with pytest.raises(UnclearRequest):
        run_check(names, names, [], {}, "en", convention="book")


def test_pytest_says_how_layers_were_read(tmp_path):
    (tmp_path / "layers.py").write_text(CS231N.read_text(encoding="utf-8"))
    command = [sys.executable, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider", "--pyargs", "reference_tests"]
    command += ["--impl", "layers.py", "-k", "test_relu and one-image", "--convcheck-convention", "cs231n"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=180, check=False)
    assert "relu read as: relu_forward(x)" in done.stdout, done.stdout + done.stderr


def test_rubric_may_name_a_convention():
    content = {"convention": "cs231n", "components": {"relu": {"points": 1}}}
    assert rubric_toml.parse(content).convention == "cs231n"
    with pytest.raises(RubricError, match="convention"):
        rubric_toml.parse({**content, "convention": "cs232n"})


def test_grading_loads_in_the_convention_of_the_rubric():
    settings = run_settings(rubric=small(), isolation="none")
    with grade_one.open_subject(str(CS231N), settings, None) as subject:
        assert "Relu" in subject.interfaces
    pinned = run_settings(rubric=dataclasses.replace(small(), convention="book"), isolation="none")
    with pytest.raises(LoadError):
        grade_one.open_subject(str(CS231N), pinned, None)


def test_student_page_says_how_layers_were_read(tmp_path):
    (tmp_path / "a.py").write_text(CS231N.read_text(encoding="utf-8"))
    result = graded(tmp_path / "a.py")
    assert result.outcome == "graded"
    assert any(note.startswith("relu read as: relu_forward(x)") for note in result.notes)
    assert "relu read as: relu_forward(x)" in pages.student_page_renderer(small())(result)
