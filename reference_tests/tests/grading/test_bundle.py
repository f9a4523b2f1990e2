"""Hostile submissions each have a clear outcome; nothing is followed, run, waited for or written elsewhere."""

import io
import os
import re
import struct
import zipfile

import pytest

from reference_tests.grading.submissions import bundle
from reference_tests.grading.submissions.bundle import read

from . import RIGHT, graded, write_files

pytestmark = pytest.mark.slow  # most of these grade a submission


def make_zip(path, *entries):
    """Write an archive. entries: (name or ZipInfo, content)."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return path


def link(name, target):
    """Return an entry that is a symbolic link."""
    entry = zipfile.ZipInfo(name)
    entry.external_attr = 0o120777 << 16
    return entry, target


def make_encrypted(path):
    """Write an archive that states to be encrypted."""
    make_zip(path, ("a.py", RIGHT))
    data = bytearray(path.read_bytes())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + at] |= 1
    path.write_bytes(data)


def make_lying(path):
    """Write an archive whose file has more bytes than it states."""
    make_zip(path, ("a.py", b"x" * 5_000_000))
    data = path.read_bytes()
    path.write_bytes(data.replace(struct.pack("<I", 5_000_000), struct.pack("<I", 10)))


UNSAFE_ZIPS = {
    "slips out": (lambda p: make_zip(p, ("../../evil.py", RIGHT)), "leads out of it"),
    "slips out backwards": (lambda p: make_zip(p, ("..\\..\\evil.py", RIGHT)), "leads out of it"),
    "absolute": (lambda p: make_zip(p, ("/tmp/evil.py", RIGHT)), "leads out of it"),
    "a drive": (lambda p: make_zip(p, ("C:/evil.py", RIGHT)), "leads out of it"),
    "no archive": (lambda p: p.write_bytes(b"PK not really" * 99), "not a zip archive"),
    "empty": (lambda p: p.write_bytes(b""), "not a zip archive"),
    "half": (lambda p: p.write_bytes(make_zip(p, ("a.py", RIGHT * 99)).read_bytes()[:-30]), "not a zip archive"),
    "many files": (lambda p: make_zip(p, *((f"{i}.py", "") for i in range(3000))), "more than 2000 files"),
    "encrypted": (make_encrypted, "encrypted"),
    "lies about sizes": (make_lying, "damaged|not a zip"),
    "two of a name": (lambda p: make_zip(p, ("a.py", RIGHT), ("a.py", "")), "two files of the name"),
    "a name too long": (lambda p: make_zip(p, ("a" * 300 + ".py", RIGHT)), "too long"),
    "an export": (
        lambda p: make_zip(p, ("x/submission_metadata.yml", ""), ("x/submission_1/a.py", "")),
        "export of many",
    ),
}


@pytest.mark.parametrize("what", UNSAFE_ZIPS)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_unsafe_archive_is_refused_with_its_reason(tmp_path, what):
    make, why = UNSAFE_ZIPS[what]
    make(tmp_path / "homework.zip")
    before = set(tmp_path.iterdir())
    contents = read(str(tmp_path / "homework.zip"))
    assert not contents.files
    assert re.search(why, contents.refused), contents.refused
    assert set(tmp_path.iterdir()) == before
    assert not (tmp_path.parent / "evil.py").exists()
    assert graded(tmp_path / "homework.zip").outcome == "cannot be loaded"


def test_zip_bomb_is_refused_before_it_fills_the_memory(tmp_path):
    buffer = io.BytesIO()
    archive = zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
    with archive, archive.open("bomb.py", "w", force_zip64=True) as file:
        for _ in range(120):
            file.write(bytes(1 << 20))
    (tmp_path / "bomb.zip").write_bytes(buffer.getvalue())
    assert len(buffer.getvalue()) < 2 << 20
    assert "unpacks to too much" in read(str(tmp_path / "bomb.zip")).refused


def test_link_in_an_archive_is_left_out_with_a_note(tmp_path):
    make_zip(tmp_path / "a.zip", link("answers.py", "/etc/passwd"), ("work/layers.py", RIGHT))
    contents = read(str(tmp_path / "a.zip"))
    assert [name for name, _ in contents.files] == ["layers.py"]
    assert contents.notes == ("left out: answers.py: it is a link",)


def test_links_and_pipes_in_a_folder_are_left_out(tmp_path):
    home = write_files(tmp_path / "alice", layers=RIGHT)
    (home / "passwd.py").symlink_to("/etc/passwd")
    (home / "all").symlink_to("/")
    os.mkfifo(home / "pipe")
    contents = read(str(home))
    assert [name for name, _ in contents.files] == ["layers.py"]
    assert len(contents.notes) == 3
    assert graded(home).score == 10


def test_submission_that_is_a_link_a_pipe_or_another_format_is_refused(tmp_path):
    (tmp_path / "a.py").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "b.py")
    (tmp_path / "c.docx").write_bytes(b"PK")
    reasons = {name: read(str(tmp_path / name)).refused for name in ("a.py", "b.py", "c.docx", "none.py")}
    assert "link" in reasons["a.py"] and "no regular file" in reasons["b.py"]
    assert "a Word document" in reasons["c.docx"] and "cannot be read" in reasons["none.py"]


@pytest.mark.parametrize("name", ["-rf.py", "a b'; rm.py", "ノート.py", "a\nb.py", "numpy.py", "json.py"])
def test_file_with_an_unusual_name_is_graded(tmp_path, name):
    (tmp_path / name).write_text(RIGHT)
    assert graded(tmp_path / name).score == 10


def test_name_that_is_no_text_is_escaped(tmp_path):
    path = os.path.join(os.fsencode(tmp_path), b"caf\xe9.py")
    with open(path, "wb") as file:
        file.write(RIGHT.encode())
    result = graded(os.fsdecode(path))
    assert (result.submission, result.score) == ("caf\\xe9.py", 10)


@pytest.mark.parametrize(
    "content, why",
    [
        (bytes(range(256)) * 20, "null bytes|not UTF-8|invalid"),
        ("x = 'ü'".encode("latin-1"), "not UTF-8"),
        (b"", "a.py is empty"),
        (b"(" * 100_000, "SyntaxError|nested|too many"),
    ],
)
def test_garbage_cannot_be_loaded_and_the_reason_names_no_path(tmp_path, content, why):
    (tmp_path / "a.py").write_bytes(content)
    result = graded(tmp_path / "a.py", isolation="process")
    assert (result.outcome, result.score) == ("cannot be loaded", 0)
    assert re.search(why, result.reason), result.reason
    assert str(tmp_path) not in result.reason and "/tmp" not in result.reason


def test_file_beside_a_submission_is_not_imported(tmp_path):
    names = "conftest", "numpy", "sitecustomize", "json"
    write_files(tmp_path, alice=RIGHT, **dict.fromkeys(names, "raise SystemExit('planted')"))
    assert graded(tmp_path / "alice.py").score == 10


def test_module_that_shadows_numpy_is_noted_and_harms_no_other_submission(tmp_path):
    home = write_files(tmp_path / "mallory", layers=RIGHT, numpy="where = None", conftest="raise SystemExit")
    result = graded(home, isolation="process")
    assert result.notes == ["numpy.py hides the module numpy from this submission's own files"]
    (tmp_path / "alice.py").write_text(RIGHT)
    assert graded(tmp_path / "alice.py", isolation="process").score == 10


def test_large_notebook_is_refused_and_large_data_file_is_left_out(tmp_path, monkeypatch):
    monkeypatch.setattr(bundle, "FILE_SIZE", 1000)
    home = write_files(tmp_path / "alice", layers=RIGHT)
    (home / "data.npz").write_bytes(bytes(2000))
    contents = read(str(home))
    assert len(contents.files) == 1 and "data.npz" in contents.notes[0]
    (home / "notes.ipynb").write_bytes(b" " * 2000)
    assert "at most" in read(str(home)).refused


def test_zip_alone_in_a_folder_is_unpacked(tmp_path):
    home = tmp_path / "Alice Smith_12_assignsubmission_file_"
    home.mkdir()
    make_zip(home / "homework.zip", ("homework/layers.py", RIGHT), ("__MACOSX/x", "y"))
    assert graded(home).score == 10


def test_content_hash_changes_with_the_content_only(tmp_path):
    (tmp_path / "a.py").write_text(RIGHT)
    first = read(str(tmp_path / "a.py")).content_hash
    (tmp_path / "a.py").touch()
    assert read(str(tmp_path / "a.py")).content_hash == first
    (tmp_path / "a.py").write_text(RIGHT + "\n")
    assert read(str(tmp_path / "a.py")).content_hash != first


def test_placed_files_are_private_and_are_removed(tmp_path):
    (tmp_path / "a.py").write_text(RIGHT)
    with read(str(tmp_path / "a.py")).placed() as path:
        folder = os.path.dirname(os.path.dirname(path))
        assert os.stat(folder).st_mode & 0o077 == 0
        assert os.listdir(folder) == ["submission"]
    assert not os.path.exists(folder)
