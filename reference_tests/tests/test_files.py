"""Files are written whole or not at all; reports go to a file or to standard output."""

import os

import pytest

from reference_tests.cli.options import require_writable, write_report
from reference_tests.errors import UsageError
from reference_tests.files import check_writable, write_atomically


@pytest.mark.parametrize(("content", "written"), [("甲\n", "甲\n".encode()), (b"\x00\xff", b"\x00\xff")])
def test_write_atomically_writes_text_and_bytes(content, written, tmp_path):
    path = tmp_path / "x.json"
    path.write_text("older")
    write_atomically(path, content)
    assert path.read_bytes() == written
    assert path.stat().st_mode & 0o777 == 0o644
    assert os.listdir(tmp_path) == ["x.json"]


def test_failed_write_keeps_the_older_file(tmp_path, monkeypatch):
    (tmp_path / "x").write_text("older")
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError("disk")))
    with pytest.raises(OSError, match="disk"):
        write_atomically(tmp_path / "x", "newer")
    assert (tmp_path / "x").read_text() == "older"
    assert os.listdir(tmp_path) == ["x"]


@pytest.mark.parametrize(("path", "error"), [("no/such/x.json", FileNotFoundError), (".", IsADirectoryError)])
def test_check_writable_refuses_folders_and_missing_ones(path, error, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error):
        check_writable(path)


def test_check_writable_leaves_nothing_behind(tmp_path):
    for path in ("", "-", str(tmp_path / "x.json")):
        check_writable(path)
    assert os.listdir(tmp_path) == []


def test_write_report_takes_a_dash_for_standard_output(tmp_path, capsys):
    write_report("--json", "-", "text\n")
    write_report("--json", str(tmp_path / "x"), "text\n")
    assert capsys.readouterr().out == (tmp_path / "x").read_text() == "text\n"


def test_unwritable_report_is_a_usage_error_that_names_the_option(tmp_path):
    for refuse in (lambda path: require_writable("--html", path), lambda path: write_report("--html", path, "")):
        with pytest.raises(UsageError, match=r"^--html .*no/x\.html: No such file or directory$"):
            refuse(str(tmp_path / "no" / "x.html"))
