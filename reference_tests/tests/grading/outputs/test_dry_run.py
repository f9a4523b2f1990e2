"""A dry run of a rubric: the model gets all points, the template none, and points that nobody can have are told."""

import json

import pytest

from reference_tests import cli
from reference_tests.cli.dry_run import run_dry
from reference_tests.grading import rubric_toml
from reference_tests.grading.checklist import public_checks
from reference_tests.grading.outputs.dry_run import try_rubric
from reference_tests.grading.result import UNLOADABLE

from .. import RIGHT, SMALL, WRONG, InThisProcess, run_settings, small, write_files

TEMPLATE = """def conv_output_size(input_size, filter_size, stride=1, pad=0):
    raise NotImplementedError


class Relu:
    def forward(self, x):
        pass

    def backward(self, dout):
        pass
"""
POINTS = (("relu", 6), ("shapes", 4), ("sigmoid", 3))
MORE = {**SMALL, "total": 13, "components": {name: {"points": n} for name, n in POINTS}}


def tried(tmp_path, model=RIGHT, template=TEMPLATE, rubric=None):
    """Try a rubric on these texts."""
    write_files(tmp_path, model=model, **({"template": template} if template else {}))
    beside = str(tmp_path / "template.py") if template else ""
    return try_rubric(run_settings(rubric or small()), str(tmp_path / "model.py"), beside, InThisProcess())


@pytest.mark.slow
def test_right_model_and_empty_template_are_as_they_should_be(tmp_path):
    found = tried(tmp_path)
    assert found.ok and (found.model.score, found.template.score) == (10, 0) and not found.warnings
    assert tried(tmp_path, template="").ok


@pytest.mark.slow
def test_wrong_model_is_told_with_the_reason(tmp_path):
    found = tried(tmp_path, model=WRONG)
    assert not found.ok and found.model.score < 10
    assert {name for name, *_ in found.model.components} == {"relu", "shapes"}
    assert all(points < most and why for _, points, most, why in found.model.components)


def test_template_that_earns_is_told(tmp_path):
    found = tried(tmp_path, template=RIGHT.partition("class Relu")[0])
    assert not found.ok and found.template.score == 4
    assert [(name, points) for name, points, *_ in found.template.components] == [("shapes", 4)]


def test_model_that_cannot_be_loaded_is_told(tmp_path):
    found = tried(tmp_path, model="x = (")
    assert not found.ok and found.model.outcome == UNLOADABLE and found.model.reason


@pytest.mark.slow
def test_component_that_the_model_lacks_is_told(tmp_path):
    found = tried(tmp_path, rubric=rubric_toml.parse(MORE))
    assert not found.ok
    assert [w for w in found.warnings if w.startswith("sigmoid: the model does not define it, so 3 points")]


@pytest.mark.slow
@pytest.mark.parametrize(
    "more", [{"groups": {"curves": {"components": ["relu", "sigmoid"], "best": 1}}, "total": 10}, {"bonus": True}]
)
def test_bonus_and_the_rest_of_a_group_may_be_absent(tmp_path, more):
    wanted = {**MORE["components"], "sigmoid": {"points": 3, **{k: v for k, v in more.items() if k == "bonus"}}}
    rubric = {**MORE, "components": wanted, "total": 10, **{k: v for k, v in more.items() if k == "groups"}}
    found = tried(tmp_path, rubric=rubric_toml.parse(rubric))
    assert found.ok and not found.warnings


def test_points_that_no_check_earns_are_told(tmp_path):
    """Here every public check of the sizes is expected to fail, and their points are lost to everybody."""
    ids = {check.case.id for check in public_checks("shapes") if check.level != "advice"}
    rubric = rubric_toml.parse({**SMALL, "drawn": 0, "xfail": dict.fromkeys(sorted(ids), "not taught")})
    found = tried(tmp_path, rubric=rubric)
    assert any(w.startswith("shapes/public: 4 points cannot be had") for w in found.warnings), found.warnings


@pytest.mark.slow
def test_unexpected_pass_of_the_model_is_told(tmp_path):
    rubric = rubric_toml.parse({**SMALL, "xfail": {"relu/one-image": "it squeezes"}})
    found = tried(tmp_path, rubric=rubric)
    assert any("relu/one-image" in w and "expected to fail: it squeezes" in w for w in found.warnings)
    assert not found.ok


def test_command_prints_and_exits(tmp_path, capsys):
    write_files(tmp_path, model=RIGHT, template=TEMPLATE, half=RIGHT.partition("class Relu")[0])
    model, template, half = (str(tmp_path / f"{name}.py") for name in ("model", "template", "half"))
    settings = run_settings(small())
    assert run_dry(settings, [model], template, "", InThisProcess()) == 0
    assert "all points to the model and none for nothing" in capsys.readouterr().out
    assert run_dry(settings, [half], half, str(tmp_path / "found.json"), InThisProcess()) == 1
    printed = capsys.readouterr().out
    assert "relu: 0 of 6" in printed and "shapes: 4 of 4" in printed
    report = json.loads((tmp_path / "found.json").read_text())
    assert report["ok"] is False and report["template"]["score"] == 4


@pytest.mark.parametrize(
    "arguments", [["--dry-run", "{0}", "{0}"], ["--dry-run", "nowhere.py"], ["{0}", "--template", "{0}"], ["{0}"]]
)
def test_wrong_use_is_refused(tmp_path, arguments, capsys):
    write_files(tmp_path, model=RIGHT)
    words = [word.format(tmp_path / "model.py") for word in arguments]
    assert cli.run(["grade", *words, "--isolation", "none"]) == 2
    assert "convcheck: " in capsys.readouterr().err
