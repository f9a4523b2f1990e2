"""The layouts that submissions come in, and what each tells of students and times."""

import zipfile

import pytest

from reference_tests.errors import UsageError
from reference_tests.grading.submissions.find import find
from reference_tests.grading.submissions.layouts import parse_time
from reference_tests.grading.submissions.submission import Student

from . import RIGHT, WRONG, write_files


def names(*paths):
    """Return the names of the submissions found there."""
    return [s.name for s in find(map(str, paths))]


def test_folder_holds_files_folders_archives_and_notebooks(tmp_path):
    write_files(tmp_path, alice=RIGHT)
    write_files(tmp_path / "bob", layers=RIGHT)
    (tmp_path / "carol.ipynb").write_text("{}")
    zipfile.ZipFile(tmp_path / "dave.zip", "w").close()
    (tmp_path / "erin.docx").write_text("")
    (tmp_path / ".DS_Store").write_text("")
    (tmp_path / "__MACOSX").mkdir()
    assert names(tmp_path) == ["alice.py", "bob", "carol.ipynb", "dave.zip", "erin.docx"]


def test_folder_with_the_books_layout_is_one_submission(tmp_path):
    for place, text in (("common/layers.py", "class Relu: pass"), ("ch07/net.py", "from common.layers import *")):
        (tmp_path / place).parent.mkdir()
        (tmp_path / place).write_text(text)
    assert names(tmp_path) == [tmp_path.name]
    (tmp_path / "common" / "layers.py").rename(tmp_path / "common" / "other.py")
    assert names(tmp_path) == ["ch07", "common"]


def test_several_paths_are_a_submission_each(tmp_path):
    for who in ("alice", "bob"):
        write_files(tmp_path / who, layers=RIGHT, more=RIGHT)
    assert names(tmp_path / "alice", tmp_path / "bob") == ["alice", "bob"]
    assert names(tmp_path / "alice") == ["layers.py", "more.py"]


def test_equal_names_are_lengthened_by_their_folder(tmp_path):
    for place in ("a", "b"):
        write_files(tmp_path / place, hw=RIGHT)
    both = [tmp_path / "a" / "hw.py", tmp_path / "b" / "hw.py", tmp_path / "a" / "hw.py"]
    assert names(*both) == ["a/hw.py", "b/hw.py"]


METADATA = """---
submission_1001:
  :submitters:
  - :name: Alice Smith
    :email: alice@example.org
    :sid: '17'
  - :name: Bob O'Neil
    :email: bob@example.org
    :sid: '18'
  :created_at: 2026-05-01 17:30:12.123456000 Z
  :score: 0.0
  :results:
    :tests:
    - :name: not a person
submission_1002:
  :submitters:
  - :name: "Carol"
    :email: carol@example.org
  :created_at: 2026-05-03 09:00:00 UTC
"""


def test_gradescope_export_tells_students_and_time(tmp_path):
    (tmp_path / "submission_metadata.yml").write_text(METADATA)
    for number in (1001, 1002):
        write_files(tmp_path / f"submission_{number}", layers=RIGHT)
    first, second = find([str(tmp_path)])
    people = (Student("17", "Alice Smith", "alice@example.org"), Student("18", "Bob O'Neil", "bob@example.org"))
    assert first.students == people
    assert first.submitted == "2026-05-01T17:30:12+00:00"
    assert second.students == (Student("", "Carol", "carol@example.org"),)


def test_nbgrader_export_tells_student_and_time(tmp_path):
    for student in ("alice", "bob"):
        home = tmp_path / "submitted" / student / "ps1"
        home.mkdir(parents=True)
        (home / "ps1.ipynb").write_text("{}")
        (home / "timestamp.txt").write_text("2026-05-02 03:04:05.678 UTC\n")
    for given in (tmp_path, tmp_path / "submitted"):
        submissions = find([str(given)])
        assert [(s.name, s.students, s.submitted) for s in submissions] == [
            (f"{who}/ps1", (Student(who),), "2026-05-02T03:04:05+00:00") for who in ("alice", "bob")
        ]


def test_github_classroom_export_tells_student(tmp_path):
    home = tmp_path / "cnn-submissions"
    for who in ("alice", "bob-smith"):
        (write_files(home / f"cnn-{who}", layers=RIGHT) / ".git").mkdir()
    assert [s.students for s in find([str(home)])] == [(Student("alice"),), (Student("bob-smith"),)]


@pytest.mark.parametrize(
    "name, student",
    [
        ("smithalice_LATE_123_4567_layers.py", Student("123", "smithalice")),
        ("smithalice_123_4567_layers-1.py", Student("123", "smithalice")),
        ("Alice Smith_98_assignsubmission_file_", Student("Participant 98", "Alice Smith")),
        ("alice@example.org.py", Student("alice@example.org", "alice@example.org", "alice@example.org")),
    ],
)
def test_student_is_read_from_the_name(tmp_path, name, student):
    path = tmp_path / name
    path.mkdir() if name.endswith("_") else path.write_text(RIGHT)
    (tmp_path / "other.py").write_text(WRONG)
    assert next(s for s in find([str(tmp_path)]) if s.name == name).students == (student,)


def test_missing_or_empty_path_raises_usage_error(tmp_path):
    for path, why in ((tmp_path / "nowhere", "there is no"), (tmp_path, "is empty")):
        with pytest.raises(UsageError, match=why):
            find([str(path)])


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01 10:00:00 Z", "2026-05-01"])
def test_parse_time_of_an_invalid_time_is_empty(text):
    assert parse_time(text) == ""
