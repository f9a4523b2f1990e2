"""A class of 200 in eight exports: each student has one submission, the marks that the work earns, and reasons."""

import csv
from collections import Counter

import pytest

from reference_tests import cli
from reference_tests.grading import journal
from reference_tests.grading.submissions.find import survey

from .. import SMALL_TOML
from .mixed_class import EXPORTS, FULL, KINDS, SOME, write_class

BOOKS = {"canvas": "canvas", "moodle_en": "moodle", "moodle_ja": "moodle", "moodle_de": "moodle"}


def students_of(submission):
    """Return the ids of a submission's students."""
    return tuple(student.id for student in submission.students)


def test_every_student_of_each_export_is_found_once(tmp_path):
    handed = write_class(tmp_path)
    assert sum(map(len, handed.values())) == 200
    for name, expected in handed.items():
        found = survey([str(tmp_path / name)])
        assert Counter(map(students_of, found.submissions)) == Counter(one.ids for one in expected), name
        late = {students_of(one) for one in found.submissions if one.late}
        assert late == {one.ids for one in expected if one.late}
        for one in expected:
            if one.names:
                (submission,) = [s for s in found.submissions if students_of(s) == one.ids]
                said = submission.students[0].name.replace(" ", "").casefold()
                assert said == one.names[0].replace(" ", "").casefold()


@pytest.mark.slow
@pytest.mark.nightly
@pytest.mark.parametrize("name", EXPORTS)
def test_every_submission_gets_its_marks_and_each_loss_a_reason(tmp_path, name):
    handed = {one.ids: one for one in write_class(tmp_path)[name]}
    (tmp_path / "rubric.toml").write_text(SMALL_TOML)
    book = ["--" + BOOKS[name], str(tmp_path / f"{name}.csv")] if name in BOOKS else []
    words = ["grade", str(tmp_path / name), "--out", str(tmp_path / "out"), "--rubric", str(tmp_path / "rubric.toml")]
    assert cli.run([*words, "--seed", "5", *book]) == 0
    results = list(journal.read_results(tmp_path / "out" / "results.jsonl"))
    with (tmp_path / "out" / "class.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["submission"]: row for row in csv.DictReader(file)}
    assert len(results) == len(handed) == len(rows)
    for result in results:
        one = handed[tuple(student["id"] for student in result.students)]
        kind, row = KINDS[one.kind], rows[result.submission]
        assert result.outcome == kind.outcome, (one, result.reason)
        wanted = 0 < result.score < FULL if kind.score == SOME else result.score == kind.score
        assert wanted, (one, result.score)
        if result.score < FULL:
            assert kind.reason and kind.reason in f"{row['why']} {row['reason']}", (one, row)
    if book:
        check_book(tmp_path / "out" / f"{BOOKS[name]}.csv", len(handed))
        assert not (tmp_path / "out" / f"{BOOKS[name]}-not-written.txt").read_text()


def check_book(path, count):
    """Check that a gradebook has a grade for so many students."""
    lines = path.read_text(encoding="utf-8").splitlines()
    body = [line for line in lines[1:] if "Points Possible" not in line]
    assert len(body) == count and all(line.rstrip().endswith(tuple("0123456789")) for line in body)
