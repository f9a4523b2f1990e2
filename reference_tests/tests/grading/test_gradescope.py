"""Gradescope: the documented fields, and an autograder zip that grades as `convcheck grade` does."""

import json
import os
import subprocess
import sys
import tomllib
import zipfile

import pytest

from reference_tests import cli
from reference_tests.grading.outputs.gradescope import as_results, build

from . import RIGHT, SMALL_TOML, WRONG, graded, write_files

TOP = {"score", "execution_time", "output", "output_format", "test_output_format", "test_name_format", "visibility"}
TOP |= {"stdout_visibility", "extra_data", "tests", "leaderboard"}
TEST = {"score", "max_score", "status", "name", "name_format", "number", "output", "output_format", "tags"}
TEST |= {"visibility", "extra_data"}
VISIBILITY = {"hidden", "after_due_date", "after_published", "visible"}


def check_documented(results):
    """Assert that results.json is as Gradescope documents it."""
    assert results.keys() <= TOP and isinstance(results["tests"], list)
    assert results["visibility"] in VISIBILITY and results["stdout_visibility"] in VISIBILITY
    assert results["output_format"] in {"text", "html", "simple_format", "md", "ansi"}
    assert isinstance(results["score"], int | float) and isinstance(results["execution_time"], int | float)
    for test in results["tests"]:
        assert test.keys() <= TEST and test["visibility"] in VISIBILITY
        assert test["status"] in {"passed", "failed"} and 0 <= test["score"] <= test["max_score"]
        assert isinstance(test["name"], str) and isinstance(test["number"], str) and isinstance(test["output"], str)
    json.dumps(results, allow_nan=False)


@pytest.mark.slow
def test_gradescope_results_have_the_documented_fields(tmp_path):
    for text in (RIGHT, WRONG, "x = ("):
        (tmp_path / "a.py").write_text(text)
        check_documented(as_results(graded(tmp_path / "a.py")))


@pytest.mark.slow
def test_gradescope_points_add_up_and_failures_have_a_message(tmp_path):
    (tmp_path / "a.py").write_text(RIGHT.replace("x > 0", "x > 0.3"))
    result = graded(tmp_path / "a.py")
    results = as_results(result)
    assert abs(sum(test["score"] for test in results["tests"]) - results["score"]) < 0.01
    by_name = {test["name"]: test for test in results["tests"]}
    assert by_name["shapes"]["status"] == "passed" and by_name["relu"]["status"] == "failed"
    assert "should be" in by_name["relu"]["output"]
    assert "should be" not in by_name["relu (hidden cases)"]["output"]


@pytest.mark.slow
def test_autograder_zip_grades_a_submission(tmp_path, monkeypatch):
    (tmp_path / "rubric.toml").write_text(SMALL_TOML)
    zipped = tmp_path / "autograder.zip"
    options = ["--out", str(zipped), "--rubric", str(tmp_path / "rubric.toml"), "--allow-unconfined"]
    assert cli.run(["gradescope", "build", *options]) == 0
    home = tmp_path / "autograder"
    with zipfile.ZipFile(zipped) as archive:
        names = archive.namelist()
        modes = {entry.filename: entry.external_attr >> 16 & 0o777 for entry in archive.infolist()}
        archive.extractall(home / "source")
    assert {"setup.sh", "run_autograder", "seed", "rubric.toml", "convcheck/pyproject.toml"} <= set(names)
    assert modes["setup.sh"] == modes["run_autograder"] == 0o755
    backend = tomllib.loads((home / "source" / "convcheck" / "pyproject.toml").read_text())["build-system"]
    for path in backend.get("backend-path", []):  # pip builds the package from the zip
        assert f"convcheck/{path}/{backend['build-backend']}.py" in names
    assert not any(f"/{left}/" in name for name in names for left in ("tests", "corpus", "quality"))
    for script in ("setup.sh", "run_autograder"):
        subprocess.run(["bash", "-n", home / "source" / script], check=True)
    write_files(home / "submission", layers=RIGHT)
    metadata = {"created_at": "2026-05-01T17:30:12.5-07:00", "users": [{"id": 3, "name": "Alice", "email": "a@b.c"}]}
    (home / "submission_metadata.json").write_text(json.dumps(metadata))
    start = next(line for line in (home / "source" / "run_autograder").read_text().splitlines() if "exec " in line)
    words = start.replace("/autograder", str(home)).split()[2:]
    assert "--lang en" in start  # there no variable says it
    environment = {**os.environ, "PYTHONPATH": str(home / "source" / "convcheck")}
    command = [sys.executable, "-P", "-m", "reference_tests", *words]
    run = subprocess.run(command, cwd="/", env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    results = json.loads((home / "results" / "results.json").read_text())
    check_documented(results)
    assert results["score"] == 10
    seed = (home / "source" / "seed").read_text().strip()
    assert seed in run.stdout and seed not in json.dumps(results)


@pytest.mark.slow
def test_packages_of_the_rubric_are_installed_by_the_autograder(tmp_path):
    (tmp_path / "rubric.toml").write_text('packages = ["scipy", "not_here"]\n' + SMALL_TOML)
    build(tmp_path / "a.zip", tmp_path / "rubric.toml", 5, [])
    setup = zipfile.ZipFile(tmp_path / "a.zip").read("setup.sh").decode()
    assert setup.splitlines()[-1].endswith("pip install --no-cache-dir scipy not_here")
