"""A folder of submissions: the rules by which it is read, and that nothing in it makes others vanish."""

import zipfile
from pathlib import Path

import pytest

from reference_tests.errors import UsageError
from reference_tests.grading.submissions.bundle import read_submission
from reference_tests.grading.submissions.find import file_time, survey

from .. import RIGHT, WRONG, write_files

TANH = "class Tanh:\n    pass\n"


def found(folder, **how):
    """Return {name of a submission: names of its files} and {name: reason} of what is skipped."""
    there = survey([str(folder)], **how)
    files = {s.name: [name for name, _ in read_submission(s).files] for s in there.submissions}
    return files, dict(there.skipped)


def put(folder, *names, text=RIGHT):
    """Write files of these names; one that ends with / is a folder with a layers.py in it."""
    for name in names:
        path = folder / (name + "layers.py" if name.endswith("/") else name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


STRAY = {
    "a student called submitted": ("submitted/", None),
    "a student called venv": ("venv/", None),
    "a student called build": ("build/", None),
    "a student called submission_1": ("submission_1/", None),
    "a settings file": ("convcheck.toml", "course's"),
    "a package's file": ("__init__.py", "course's"),
    "an empty list of Gradescope's": ("submission_metadata.yml", "course's"),
    "a hidden file": (".alice.py", "hidden"),
    "a file of a Mac": ("._alice.py", "hidden"),
    "a git folder": (".git/", "hidden"),
    "a cache": ("__pycache__/", "made by a tool"),
    "a roster": ("roster.csv", "course's"),
    "a readme": ("README.md", "course's"),
    "a file of nbgrader's": ("gradebook.db", "made by a tool"),
}


@pytest.mark.parametrize("what", STRAY)
def test_stray_entries_make_no_submission_vanish(tmp_path, what):
    name, why = STRAY[what]
    put(tmp_path, "alice.py", "bob.py", "carol/", name)
    files, skipped = found(tmp_path)
    plain = name.rstrip("/")
    assert files.keys() == {"alice.py", "bob.py", "carol", *([plain] if why is None else [])}
    assert skipped.keys() == ({plain} if why else set()) and (why or "") in skipped.get(plain, "")


def test_students_in_folders_beside_a_settings_file_are_a_class(tmp_path):
    put(tmp_path, "s1/", "s2/", "convcheck.toml")
    assert found(tmp_path)[0].keys() == {"s1", "s2"}


def test_a_real_environment_is_no_student(tmp_path):
    put(tmp_path, "alice.py", "venv/lib.py", "venv/pyvenv.cfg")
    assert found(tmp_path) == ({"alice.py": ["alice.py"]}, {"venv": "made by a tool"})


def test_one_submission_with_a_settings_file(tmp_path):
    put(tmp_path, "layers.py")
    put(tmp_path, "tanh.py", text=TANH)
    put(tmp_path, "convcheck.toml", text="")
    there = survey([str(tmp_path)])
    assert [s.path for s in there.submissions] == [str(tmp_path)]
    assert there.describe()[0] == "1 submission; layout: one submission"


def test_one_says_that_a_folder_is_one(tmp_path):
    put(tmp_path, "layers_v1.py", "layers_v2.py")
    assert len(survey([str(tmp_path)]).submissions) == 2
    assert len(survey([str(tmp_path)], one=True).submissions) == 1


def test_results_inside_are_left_out(tmp_path):
    put(tmp_path, "alice.py", "results/students/x.json", "old/results.jsonl", "old/run.json", "old/students/x.json")
    files, skipped = found(tmp_path, out=tmp_path / "results")
    assert files.keys() == {"alice.py"} and skipped.keys() == {"results", "old"}
    put(tmp_path, "results.jsonl", "run.json", "class.csv", "students/y.json")
    files, _ = found(tmp_path, out=tmp_path)
    assert files.keys() == {"alice.py", "results"}


def test_canvas_one_number_is_one_submission(tmp_path):
    put(
        tmp_path, "doejohn_1001_5001_relu.py", "doejohn_1001_5002_tanh-1.py", "leeethan_1003_5004_relu.py",
        "leeethan_1004_5005_relu.py", "smithann_LATE_1002_5003_layers-1.py", "wu_1005_text.html",
        "anon_aB3dE_5006_relu.py", "wang_LATE_1006_5007_conv-1.py", "wang_LATE_1006_5008_conv-2.py",
    )  # fmt: skip
    there = survey([str(tmp_path)])
    by_name = {s.name: s for s in there.submissions}
    files = {name: [f for f, _ in read_submission(s).files] for name, s in by_name.items()}
    assert files["doejohn_1001"] == ["relu.py", "tanh.py"]
    assert files["leeethan_1003_5004_relu.py"] == files["leeethan_1004_5005_relu.py"] == ["relu.py"]
    assert files["wang_1006"] == ["conv-1.py", "conv-2.py"]
    assert [s.name for s in there.submissions if s.late] == ["smithann_LATE_1002_5003_layers-1.py", "wang_1006"]
    assert by_name["leeethan_1004_5005_relu.py"].students[0].id == "1004"
    assert by_name["anon_aB3dE_5006_relu.py"].students[0].id == "aB3dE"
    assert "neither a .py" in read_submission(by_name["wu_1005_text.html"]).refused
    assert there.describe()[0] == "7 submissions; layout: Canvas; 2 of several files"


def test_files_that_the_shell_lists_are_joined(tmp_path):
    put(tmp_path, "doejohn_1001_5001_relu.py", "doejohn_1001_5002_tanh.py", "bob.py", "carol/")
    there = survey(map(str, sorted(tmp_path.iterdir())))
    assert [s.name for s in there.submissions] == ["bob.py", "carol", "doejohn_1001"]


def test_canvas_equal_names_keep_the_later_one(tmp_path):
    put(tmp_path, "ann_7_20_layers.py", text=WRONG)
    put(tmp_path, "ann_7_31_layers.py", text=RIGHT)
    (submission,) = survey([str(tmp_path)]).submissions
    bundle = read_submission(submission)
    assert dict(bundle.files)["layers.py"] == RIGHT.encode() and "later file" in bundle.notes[0]


def test_plain_names_with_numbers_are_not_joined(tmp_path):
    put(tmp_path, "lab_2.py", "hw_1_a.py", "team_3.py")
    assert len(found(tmp_path)[0]) == 3


MOODLE_NAMES = {
    "folders": ("Ann Li_301_assignsubmission_file_/", "Ann Li_301_assignsubmission_onlinetext_/"),
    "flat": ("Ann Li_301_assignsubmission_file_relu.py", "Ann Li_301_assignsubmission_file_tanh.py"),
    "Japanese": ("山田 太郎_301_assignsubmission_file_relu.py", "山田 太郎_301_assignsubmission_file_more.py"),
    "blind": ("Participant 301_301_assignsubmission_file_a.py", "Participant 301_301_assignsubmission_file_b.py"),
    "several kinds": (
        "Ann_Li_301_assignsubmission_onlinetext_onlinetext.html",
        "Ann_Li_301_assignsubmission_file_a.py",
    ),
}


@pytest.mark.parametrize("what", MOODLE_NAMES)
def test_moodle_one_participant_is_one_submission(tmp_path, what):
    names = MOODLE_NAMES[what]
    put(tmp_path, names[0])
    put(tmp_path, names[1].replace("/", "/x/") if names[1].endswith("/") else names[1])
    put(tmp_path, names[0].replace("301", "302"))  # of the same name, another participant
    first, second = survey([str(tmp_path)]).submissions
    assert (first.students[0].id, second.students[0].id) == ("Participant 301", "Participant 302")
    assert len(read_submission(first).files) == 2


def test_gradescope_list_of_absent_and_unlisted_folders(tmp_path):
    put(tmp_path, "submission_1/", "late_by_mail.py")
    listed = "".join(f"submission_{n}:\n  :submitters:\n  - :name: S{n}\n    :sid: {n}\n" for n in (1, 2))
    (tmp_path / "submission_metadata.yml").write_text(listed)
    files, skipped = found(tmp_path)
    assert files.keys() == {"submission_1", "late_by_mail.py"}
    assert "not there" in skipped["submission_2"]


def test_nbgrader_course_and_a_student_without_a_folder(tmp_path):
    put(tmp_path, "submitted/alice/ps1/", "submitted/bob/ps1/", "submitted/carol/", "nbgrader_config.py", "source/ps1/")
    files, skipped = found(tmp_path)
    assert files.keys() == {"alice/ps1", "bob/ps1", "carol"}
    assert "source" in skipped


EXPORTS = {  # what lies in a folder that an archive was unpacked into
    "GitHub Classroom": ("hw1-submissions", "hw1-alice/", "hw1-bob/"),
    "Moodle": ("Lab 3-4711", "Ann Li_301_assignsubmission_file/", "Ben Oh_302_assignsubmission_file/"),
    "Canvas": ("submissions (1)", "liann_301_9001_layers.py", "ohben_302_9002_layers.py"),
    "Blackboard": (
        "gradebook_1", "Lab_s301_attempt_2027-04-01-10-00-00_a.py", "Lab_s302_attempt_2027-04-01-10-00-00_a.py",
    ),
    "Teams": ("Lab 3", "Submitted files/Ann Li/Lab 3/", "Submitted files/Ben Oh/Lab 3/"),
}  # fmt: skip


@pytest.mark.parametrize("layout", EXPORTS)
def test_export_in_a_folder_beside_lists_of_the_course_is_found(tmp_path, layout):
    folder, *students = EXPORTS[layout]
    put(tmp_path, "roster.csv", "README.md", ".DS_Store", *(f"{folder}/{name}" for name in students))
    found = survey([str(tmp_path)])
    assert [one.layout for one in found.submissions] == [layout] * 2


def test_only_student_of_a_class_is_one_submission(tmp_path):
    put(tmp_path, "roster.csv", "ann/layers.py", "ann/old/layers.py", "ann/lab3-submissions/a.py")
    assert [one.name for one in survey([str(tmp_path)]).submissions] == ["ann"]


def test_classroom_folder_keeps_others(tmp_path):
    folder = put(tmp_path / "hw1-submissions", "hw1-alice/", "hw1-bob/", "mailed.py", "README.md")
    files, skipped = found(folder)
    assert files.keys() == {"hw1-alice", "hw1-bob", "mailed.py"} and skipped.keys() == {"README.md"}


def test_mixed_exports_are_counted(tmp_path):
    put(tmp_path, "doe_1_2_a.py", "Ann_301_assignsubmission_file_a.py", "bob.py", "carol/")
    assert survey([str(tmp_path)]).describe()[0].startswith("4 submissions; layout: a file or folder each 2")


def test_packed_class_is_not_one_submission(tmp_path):
    with zipfile.ZipFile(tmp_path / "submissions.zip", "w") as archive:
        for name in ("doe_1_2_a.py", "lee_3_4_a.py"):
            archive.writestr(name, RIGHT)
    with pytest.raises(UsageError, match="unpack it"):
        survey([str(tmp_path / "submissions.zip")])


def test_a_file_that_disappears_is_no_zero(tmp_path):
    write_files(tmp_path / "class", alice=RIGHT, bob=RIGHT)
    put(tmp_path / "class", "carol/")
    submissions = survey([str(tmp_path / "class")]).submissions
    for submission in submissions:
        path = Path(submission.path)
        if path.is_dir():
            (path / "layers.py").unlink()
            path.rmdir()
        else:
            path.unlink()
    assert all(read_submission(one).unread and file_time(one) == "" for one in submissions)
