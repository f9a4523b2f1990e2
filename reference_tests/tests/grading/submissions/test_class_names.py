"""Class folders in which names of plain files say whose they are: Blackboard, Teams, Google Classroom, numbers."""

import zipfile

import pytest

from reference_tests.errors import UsageError
from reference_tests.grading.submissions.bundle import read_submission
from reference_tests.grading.submissions.find import survey

from .. import RIGHT, WRONG
from .test_class_folders import put


def read(folder):
    """Return {name of a submission: (id and name of its student, {file: content})}, and {name: reason} of the rest."""
    there = survey([str(folder)])
    files = {
        s.name: ((s.students[0].id, s.students[0].name), dict(read_submission(s).files)) for s in there.submissions
    }
    return files, dict(there.skipped), there.describe()[0]


RECEIPT = "Name: Ann Li (ann_1)\nAssignment: Lab 3\nDate Submitted: Monday\n\nSubmission Field:\n"


def test_blackboard_grades_the_last_attempt_of_each_user(tmp_path):
    put(tmp_path, "Lab 3_ann_1_attempt_2026-05-01-23-59-59.txt", text=RECEIPT)
    put(tmp_path, "Lab 3_ann_1_attempt_2026-05-01-23-59-59_my_layers.py")
    put(tmp_path, "Lab 3_ben_attempt_2026-05-01-10-00-00_layers.py")
    put(tmp_path, "Lab 3_ben_attempt_2026-05-02-09-00-00_layers.py", text=WRONG)
    put(tmp_path, "Lab 3_cy_attempt_2026-05-02-09-00-00.txt", text="Name: Cy Oh (cy)\nAssignment: Lab 3\n")
    files, skipped, said = read(tmp_path)
    assert files == {
        "Lab 3_ann_1": (("ann_1", "Ann Li"), {"my_layers.py": RIGHT.encode()}),
        "Lab 3_ben": (("ben", ""), {"layers.py": WRONG.encode()}),
        "Lab 3_cy": (("cy", "Cy Oh"), {}),  # who handed in a text alone is no less a student
    }
    assert sorted(skipped) == [
        "Lab 3_ann_1_attempt_2026-05-01-23-59-59.txt",
        "Lab 3_ben_attempt_2026-05-01-10-00-00_layers.py",
    ]
    assert "earlier attempt" in skipped["Lab 3_ben_attempt_2026-05-01-10-00-00_layers.py"]
    assert said == "3 submissions; layout: Blackboard"


def test_receipt_of_another_user_gives_nobody_a_name(tmp_path):
    put(tmp_path, "Lab_a_attempt_2026-05-01-10-00-00.txt", text="Name: Eve Adams (eve)\nAssignment: Lab\n")
    put(tmp_path, "Lab_a_attempt_2026-05-01-10-00-00_layers.py", "Lab_b_attempt_2026-05-01-10-00-00_layers.py")
    assert [who for who, _ in read(tmp_path)[0].values()] == [("a", ""), ("b", "")]


def test_packed_export_of_blackboard_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        for who in ("a", "b"):
            archive.writestr(f"Lab_{who}_attempt_2026-05-01-10-00-00_layers.py", RIGHT)
    with pytest.raises(UsageError, match="unpack it"):
        survey([str(tmp_path / "export.zip")])


def test_teams_grades_the_last_version_that_was_handed_in(tmp_path):
    put(
        tmp_path, "Submitted files/Ann Li/Lab 3/Version 9/", "Submitted files/Ben/Lab 3/", "Working files/Ann Li/Lab 3/"
    )
    put(tmp_path, "Submitted files/Ann Li/Lab 3/Version 10/", text=WRONG)
    for folder in (tmp_path, tmp_path / "Submitted files"):
        files, skipped, said = read(folder)
        assert files == {
            "Ann Li": (("", "Ann Li"), {"layers.py": WRONG.encode()}),
            "Ben": (("", "Ben"), {"layers.py": RIGHT.encode()}),
        }
        assert "Ann Li/Version 9" in skipped and said == "2 submissions; layout: Teams"
    assert "Working files" in read(tmp_path)[1]


def test_a_student_called_submitted_files_is_one_of_a_class(tmp_path):
    put(tmp_path, "Submitted files/", "Ann Li/")
    assert read(tmp_path)[0].keys() == {"Submitted files", "Ann Li"}


def test_google_classroom_joins_a_copy_and_other_documents(tmp_path):
    put(tmp_path, "Ann Li - Lab 3.py", "Ben Oh - Lab 3.py", "Cy - layers.py")
    put(tmp_path, "Copy of Ann Li - Lab 3.py", text=WRONG)
    put(tmp_path, "Ben Oh - Notes.gdoc", text="{}")
    files, _, said = read(tmp_path)
    assert [(name, *who) for name, (who, _) in files.items()] == [
        ("Ann Li - Lab 3", "", "Ann Li"),
        ("Ben Oh - Lab 3", "", "Ben Oh"),
        ("Cy - layers.py", "", "Cy"),
    ]
    assert files["Ann Li - Lab 3"][1] == {"Lab 3.py": RIGHT.encode(), "Copy of Lab 3.py": WRONG.encode()}
    assert said == "3 submissions; layout: Google Classroom; 2 of several files"


@pytest.mark.parametrize(
    "copy", ["佐藤 - Lab 3 のコピー.py", "佐藤 - Lab 3 のコピー (1).py", "佐藤 のコピー - Lab 3.py"]
)
def test_google_classroom_joins_a_copy_that_has_a_japanese_name(tmp_path, copy):
    put(tmp_path, "佐藤 - Lab 3.py", "鈴木 - Lab 3.py", "鈴木 - Lab 4.py", "田中 - コピー機.py", copy)
    assert sorted(read(tmp_path)[0]) == sorted(
        ["佐藤 - Lab 3", "鈴木 - Lab 3.py", "鈴木 - Lab 4.py", "田中 - コピー機.py"]
    )


def test_student_numbers_join_versions_of_a_file(tmp_path):
    put(tmp_path, "2610001.py", "2610001_v2.py", "2610002.py", "2610003_sato.py", "s2610004 final.py", "s2610004.ipynb")
    files, _, said = read(tmp_path)
    assert {name: (who[0], sorted(there)) for name, (who, there) in files.items()} == {
        "2610001": ("2610001", ["2610001.py", "2610001_v2.py"]),
        "2610002.py": ("2610002", ["2610002.py"]),
        "2610003_sato.py": ("2610003", ["2610003_sato.py"]),
        "s2610004": ("s2610004", ["s2610004 final.py", "s2610004.ipynb"]),
    }
    assert said == "4 submissions; layout: student numbers; 2 of several files"


NEVER_JOINED = {
    "a number of the course": ("10001_ann.py", "10001_ben.py", "10002_cy.py"),
    "a date": ("20260501.py", "20260501_v2.py", "20260502.py"),
    "one number": ("10001.py", "10001_v2.py", "ann.py"),
    "short numbers": ("lab1.py", "lab1_v2.py", "lab2.py"),
    "versions without a number": ("ann.py", "ann_v2.py", "ben.py"),
    "what browsers add": ("layers.py", "layers (1).py", "layers (2).py"),
    "copies of a template": ("Lab 3.py", "Copy of Lab 3.py", "Copy of Lab 3 (1).py"),
    "titles before students": ("Lab 3 - ann.py", "Lab 3 - ben.py", "Lab 4 - ann.py", "Lab 4 - ben.py"),
    "other cases": ("A2610001.py", "a2610001.py", "b2610002.py"),
}


@pytest.mark.parametrize("what", NEVER_JOINED)
def test_files_of_perhaps_two_students_are_not_joined(tmp_path, what):
    names = NEVER_JOINED[what]
    assert read(put(tmp_path, *names))[0].keys() == {*names}


def test_student_whose_folder_has_a_tools_name_is_graded(tmp_path):
    put(tmp_path, "ann/", "node_modules/", "site-packages/", "__pycache__/")
    put(tmp_path, "__MACOSX/._ann", text="")
    files, skipped, _ = read(tmp_path)
    assert files.keys() == {"ann", "node_modules", "site-packages"} and skipped.keys() == {"__pycache__", "__MACOSX"}
