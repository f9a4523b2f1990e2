"""A class has one seed: kept beside the rubric, read by later runs, overridden by --seed only, and told to nobody."""

import json

import pytest

from reference_tests.errors import UsageError
from reference_tests.grading import class_seed, run, settings

from . import SMALL_TOML, small


@pytest.fixture
def course(tmp_path):
    """Return a course's folder with a rubric and one submission."""
    (tmp_path / "rubric.toml").write_text(SMALL_TOML)
    (tmp_path / "class").mkdir()
    (tmp_path / "class" / "ann.py").write_text("x = 1\n")
    return tmp_path


def prepare(course, out, seed=None, resume=False):
    """Prepare a run of the course's class."""
    made = settings.merge_settings(small(), seed=seed, isolation="none")
    kept = class_seed.path_of(course / "rubric.toml")
    return run.prepare(course / out, made, [str(course / "class")], resume, seed_file=kept)


def test_later_run_has_the_same_seed_and_says_where_it_is_kept(course):
    first, later = prepare(course, "out"), prepare(course, "late-work")
    assert first.settings.seed == later.settings.seed
    assert f"kept in {course / 'rubric.seed'}" in " ".join(later.remarks)
    assert (course / "rubric.seed").stat().st_mode & 0o077 == 0
    assert json.loads((course / "late-work" / "run.json").read_text())["seed"] == first.settings.seed


def test_given_seed_overrides_says_so_and_is_not_kept(course):
    kept = prepare(course, "out").settings.seed
    given = prepare(course, "other", seed=5)
    assert given.settings.seed == 5
    assert "--seed 5 is used in place of the kept one" in " ".join(given.remarks)
    assert class_seed.read_seed(course / "rubric.seed") == kept
    assert prepare(course, "other", resume=True).settings.seed == 5
    assert prepare(course, "third").settings.seed == kept


def test_given_seed_of_the_first_run_is_not_kept_by_resuming_it(course):
    assert prepare(course, "out", seed=5).settings.seed == 5
    assert prepare(course, "out", resume=True).settings.seed == 5
    assert not (course / "rubric.seed").exists()


def test_resumed_run_goes_on_with_its_own_seed(course):
    seed = prepare(course, "out").settings.seed
    (course / "rubric.seed").write_text("7\n")
    resumed = prepare(course, "out", resume=True)
    assert resumed.settings.seed == seed
    assert "goes on with its own seed" in " ".join(resumed.remarks)
    assert prepare(course, "new").settings.seed == 7


@pytest.mark.parametrize("text", ["", "no number\n", "1\n2\n", "-3\n", "0\n"])
def test_file_without_a_seed_is_refused(course, text):
    (course / "rubric.seed").write_text(text)
    with pytest.raises(UsageError, match=r"rubric\.seed: it should hold the seed"):
        prepare(course, "out")


def test_two_runs_at_the_same_time_keep_one_seed(course):
    path = course / "rubric.seed"
    assert [class_seed.keep_seed(path, 11), class_seed.keep_seed(path, 12)] == [11, 11]


def test_course_that_cannot_be_written_keeps_the_seed_in_out(tmp_path):
    made = settings.merge_settings(small(), isolation="none")
    kept, said = class_seed.keep_for_later(made, tmp_path / "nowhere" / "rubric.seed")
    assert kept == made
    assert "kept in --out alone" in " ".join(said)


def test_rubric_and_seed_in_the_class_folder_are_no_submissions(course):
    for name in ("rubric.toml", "rubric.seed"):
        (course / "class" / name).write_text(SMALL_TOML if name.endswith("toml") else "9\n")
    made = settings.merge_settings(small(), isolation="none")
    kept = class_seed.path_of(course / "class" / "rubric.toml")
    prepared = run.prepare(course / "out", made, [str(course / "class")], seed_file=kept)
    assert [submission.name for submission in prepared.submissions] == ["ann.py"]
    assert prepared.settings.seed == 9


def test_shipped_rubric_keeps_no_seed_beside_itself():
    assert class_seed.path_of(None) is None and class_seed.path_of("book") is None
