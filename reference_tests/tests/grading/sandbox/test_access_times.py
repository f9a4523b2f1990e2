"""Times of access: once they are settled, what a submission reads changes none of them."""

import os
import time
from pathlib import Path

import pytest

from reference_tests.grading.sandbox.access_times import files_under, notes_nothing, settle_access_times

OLD = time.time() - 3 * 24 * 60 * 60


@pytest.fixture
def library(tmp_path):
    """A folder of files and folders, of which no access was noted for days."""
    for name in ("a.py", "sub/b.py", "sub/deep/c.so"):
        (tmp_path / "lib" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "lib" / name).write_text("text")
    for path in list(files_under(str(tmp_path / "lib"))):
        os.utime(path, (OLD, OLD - 1))
    return str(tmp_path / "lib")


def accesses(library):
    """Return the time of access of all that is there."""
    return {path: os.lstat(path).st_atime_ns for path in files_under(library)}


def read_all(library):
    """Read every file and list every folder."""
    for path in list(files_under(library)):
        os.listdir(path) if os.path.isdir(path) else Path(path).read_bytes()


def test_reading_changes_no_time_once_they_are_settled(library):
    noted = not notes_nothing(library)
    before = accesses(library)
    assert (settle_access_times([library]) > 0) == noted
    settled = accesses(library)
    assert (settled != before) == noted
    read_all(library)
    assert accesses(library) == settled
    assert settle_access_times([library]) == 0


def test_without_it_reading_is_seen(library):
    """Otherwise the test above could not fail; on a mount that notes nothing, nothing is seen."""
    before = accesses(library)
    read_all(library)
    assert (accesses(library) != before) != notes_nothing(library)


def test_missing_paths_pipes_and_links_are_passed_over(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/nowhere")
    assert settle_access_times([str(tmp_path / "nowhere"), str(tmp_path / "pipe"), str(tmp_path / "link")]) == 0
