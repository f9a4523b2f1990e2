"""Keeping what was graded: the bytes by their hash, bounded, and what is not kept is said."""

from reference_tests.grading.outputs import graded_files
from reference_tests.grading.result import GRADED, Result
from reference_tests.grading.submissions.bundle import read
from reference_tests.grading.submissions.find import survey

from .. import RIGHT, WRONG, write_files


def opened(tmp_path):
    """Return the zips of a run of the folder `in`, and its submissions."""
    submissions = survey([str(tmp_path / "in")]).submissions
    return graded_files.open_folder(tmp_path / "out", submissions), {one.name: one for one in submissions}


def result_of(submission):
    """Return a result of a submission as it is now."""
    content = read(submission.path).content_hash
    return Result(submission.name, content, GRADED, 1.0, 1.0, "none", 1, "given", "test", "r")


def test_graded_files_are_kept_by_hash_once_and_can_be_graded_again(tmp_path):
    write_files(tmp_path / "in", alice=RIGHT, bob=RIGHT, carol=WRONG)
    zips, submissions = opened(tmp_path)
    for one in submissions.values():
        zips.store(result_of(one))
    assert zips.count == 3 and not zips.left_out
    for one in submissions.values():
        again = read(str(tmp_path / "out" / "kept" / f"{read(one.path).content_hash}.zip"))
        assert (again.content_hash, again.files) == (read(one.path).content_hash, read(one.path).files)


def test_a_run_that_goes_on_keeps_nothing_twice(tmp_path):
    write_files(tmp_path / "in", alice=RIGHT, bob=WRONG)
    for _ in range(2):
        zips, submissions = opened(tmp_path)
        for one in submissions.values():
            zips.store(result_of(one))
    assert zips.count == 0 and len(list(zips.folder.iterdir())) == 2
    assert zips.size == sum(file.stat().st_size for file in zips.folder.iterdir())


def test_files_that_are_not_kept_are_said(tmp_path, monkeypatch):
    write_files(tmp_path / "in", alice=RIGHT, bob=WRONG, carol=RIGHT + "# more\n")
    (tmp_path / "in" / "dora.rar").write_bytes(b"Rar!\x1a\x07\x00")
    zips, submissions = opened(tmp_path)
    results = {name: result_of(one) for name, one in submissions.items()}
    write_files(tmp_path / "in", bob=RIGHT)  # another file since
    zips.store(results["alice.py"])
    monkeypatch.setattr(graded_files, "MOST", zips.size)
    for name in ("bob.py", "carol.py", "dora.rar"):
        zips.store(results[name])
    assert zips.left_out.keys() == {"bob.py", "carol.py", "dora.rar"}
    said = "\n".join(zips.describe())
    assert "have changed since" in said and "at most" in said and "nothing of it was graded" in said


def test_odd_names_and_times_are_packed(tmp_path):
    folder = write_files(tmp_path / "in" / "alice", layers=RIGHT)
    (folder / "b\udcff.py").write_text(RIGHT)
    (folder / "layers.py").touch()
    _, submissions = opened(tmp_path)
    bundle = read(submissions["alice"].path)
    for times in (0, 1 << 40):
        packed = graded_files.pack(
            type(bundle)(bundle.content_hash, bundle.files, times=((bundle.files[0][0], times),))
        )
        assert packed.startswith(b"PK")
