"""The formats that a submission comes in, and the names that its files have."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile

import pytest

from reference_tests.grading.submissions import bundle, tar
from reference_tests.grading.submissions.bundle import read

from .. import RIGHT

CODE = RIGHT.encode()


def zipped(**files):
    """Return the bytes of a zip archive; __ stands for a dot in a name."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "."), content)
    return buffer.getvalue()


def tarred(*entries):
    """Return the bytes of a tar archive of (name, content); content None makes a link to /etc/passwd."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in entries:
            entry = tarfile.TarInfo(name)
            if content is None:
                entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/passwd"
                archive.addfile(entry)
            else:
                entry.size, entry.mtime = len(content), 1_700_000_000
                archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


TAR = tarred(("hw/./layers.py", CODE), ("hw/data.txt", b"1"))
READ = {
    "a.tar": TAR,
    "a.tar.gz": gzip.compress(TAR),
    "a.TGZ": gzip.compress(TAR),
    "a.tar.bz2": bz2.compress(TAR),
    "a.tar.xz": lzma.compress(TAR),
    "misnamed.tar": gzip.compress(TAR),
    "in-zip.zip": zipped(inner__zip=zipped(hw__zip=zipped(layers__py=CODE))),
    "tar-in-zip.zip": zipped(work__tgz=gzip.compress(TAR), report__txt="x"),
    "zip-in-tar.tar": tarred(("work.zip", zipped(layers__py=CODE))),
    "layers.py.txt": CODE,
    "layers.PY": CODE,
    "layers.Py.TXT": CODE,
    "mac.zip": zipped(layers__py=CODE, __MACOSX_x="", **{"._layers__py": b"\0\5\26\7"}),
    "txt.zip": zipped(layers__py__txt=CODE),
}


@pytest.mark.parametrize("name", READ)
def test_format_is_read(tmp_path, name):
    (tmp_path / name).write_bytes(READ[name])
    found = read(str(tmp_path / name))
    assert not found.refused and dict(found.files)["layers.py"] == CODE


REFUSED = {
    "a.rar": (b"Rar!\x1a\x07\1\0", "a RAR archive"),
    "a.7z": (b"7z\xbc\xaf\x27\x1c\0\4", "a 7z archive"),
    "renamed.zip": (b"Rar!\x1a\x07\0", "a RAR archive"),
    "a.pdf": (b"%PDF-1.7", "a PDF"),
    "report.docx": (b"PK\3\4", "a Word document"),
    "inner.zip": (zipped(work__rar=b"Rar!\x1a\x07\0"), "a RAR archive"),
    "inner7.tar": (tarred(("work.7z", b"7z\xbc\xaf\x27\x1c")), "a 7z archive"),
    "broken.tar.gz": (gzip.compress(TAR)[:-40], "not a tar archive"),
    "text.tar": (b"x" * 2000, "not a tar archive"),
    "leads-out.tar": (tarred(("../evil.py", CODE)), "leads out"),
    "absolute.tar": (tarred(("/etc/evil.py", CODE)), "leads out"),
    "twice.tar": (tarred(("a.py", CODE), ("a.py", b"")), "two files"),
    "bomb.tar.gz": (gzip.compress(tarred(("big.py", bytes(110 << 20))), 1), "unpacks to too much"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_format_is_refused_by_name(tmp_path, name):
    content, why = REFUSED[name]
    (tmp_path / name).write_bytes(content)
    found = read(str(tmp_path / name))
    assert why in found.refused and not found.files and not found.unread


@pytest.mark.slow
def test_padding_between_files_of_a_tar_counts(tmp_path, monkeypatch):
    monkeypatch.setattr(tar, "HEADERS", 1 << 20)
    monkeypatch.setattr(bundle, "TOTAL_SIZE", 1 << 20)
    (tmp_path / "a.tar.gz").write_bytes(gzip.compress(tarred(*[(f"d{n}/", b"") for n in range(9000)])))
    assert "unpacks to more" in read(str(tmp_path / "a.tar.gz")).refused


def test_links_in_a_tar_are_left_out(tmp_path):
    (tmp_path / "a.tar").write_bytes(tarred(("passwd.py", None), ("work/layers.py", CODE)))
    found = read(str(tmp_path / "a.tar"))
    assert [name for name, _ in found.files] == ["layers.py"] and "it is a link" in found.notes[0]


def test_archive_beside_code_stays_packed_and_is_said(tmp_path):
    (tmp_path / "a.zip").write_bytes(zipped(layers__py=CODE, data__zip=zipped(x__py="raise SystemExit")))
    found = read(str(tmp_path / "a.zip"))
    assert [name for name, _ in found.files] == ["data.zip", "layers.py"]
    assert found.notes == ("not unpacked, since there is code beside it: data.zip",)


def test_thousands_of_data_files_cost_no_code(tmp_path, monkeypatch):
    monkeypatch.setattr(bundle, "FILES", 20)
    files = {f"data{n:03}__txt": "0" for n in range(50)}
    (tmp_path / "a.zip").write_bytes(zipped(**files, zlayers__py=CODE))
    found = read(str(tmp_path / "a.zip"))
    assert dict(found.files)["zlayers.py"] == CODE and len(found.files) == 21
    assert found.notes == ("left out: 30 more files that are no code",)


def test_notes_are_bounded(tmp_path):
    names = [(f"l{n:03}.py", None) for n in range(200)]
    (tmp_path / "a.tar").write_bytes(tarred(("layers.py", CODE), *names))
    notes = read(str(tmp_path / "a.tar")).notes
    assert len(notes) == bundle.NOTES + 1 and notes[-1].startswith("and 150 more")


def test_students_own_copy_of_a_list_is_no_export(tmp_path):
    (tmp_path / "a.zip").write_bytes(zipped(layers__py=CODE, submission_metadata__yml="x"))
    assert not read(str(tmp_path / "a.zip")).refused
