"""However a run ends, it leaves neither a process nor a file behind."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from reference_tests.grading import leftovers
from reference_tests.grading.sandbox.levels import missing

SLEEPS = "import time\n\n\nclass Relu:\n    def forward(self, x):\n        while True:\n            pass\n"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_run_that_is_ended_leaves_nothing(tmp_path, number):
    """However the run ends: no process and no folder of a submission is there a little later."""
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("a", "b", "c"):
        (folder / f"{name}.py").write_text(SLEEPS)
    there = tmp_path / "temporary"
    there.mkdir()
    if missing("confined"):
        pytest.skip(f"confined: {missing('confined')}")
    rubric = tmp_path / "relu.toml"
    rubric.write_text('title = "relu"\n\n[components.relu]\npoints = 10\n')
    words = ["grade", str(folder), "--out", str(tmp_path / "out"), "--rubric", str(rubric), "--jobs", "2"]
    run = subprocess.Popen(
        [sys.executable, "-m", "reference_tests", *words], env={**os.environ, "TMPDIR": str(there)},
        start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    wait_until(lambda: any(there.iterdir()) and descendants(run.pid), 60)
    started = descendants(run.pid)
    assert started
    run.send_signal(number)
    run.wait(30)
    wait_until(lambda: not any(map(is_running, started)), 20)
    wait_until(lambda: not any(there.iterdir()), 20)


def wait_until(is_so, seconds):
    """Wait until something is so. Fails if it does not come."""
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.05)


def descendants(pid):
    """Return the ids of all processes that a process has started, and theirs."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents[int(path.parent.name)] = int(path.read_text().rpartition(")")[2].split()[1])
    found, more = set(), {pid}
    while more:
        more = {one for one, parent in parents.items() if parent in more} - found
        found |= more
    return found


def is_running(pid):
    """Return whether a process runs, and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_leftovers_of_dead_processes_are_removed_and_no_others(tmp_path, monkeypatch):
    monkeypatch.setattr(leftovers.tempfile, "tempdir", str(tmp_path))
    space, pid = leftovers.pid_space(), os.getpid()
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    dead = tmp_path / f"convcheck-{space}-{child.pid}-1-abc"
    reused = tmp_path / f"convcheck-{space}-{pid}-1-abc"  # this process was not started at tick 1
    elsewhere, foreign = tmp_path / f"convcheck-{space + 1}-{child.pid}-1-abc", tmp_path / "convcheck-notes"
    for folder in (dead, reused, elsewhere, foreign):
        (folder / "submission").mkdir(parents=True)
    link = tmp_path / f"convcheck-{space}-{child.pid}-2-abc"
    link.symlink_to(foreign)
    with leftovers.owned_folder() as own:
        assert set(leftovers.remove_folders()) == {str(dead), str(reused)}
        assert Path(own).is_dir()
    assert elsewhere.is_dir()
    assert foreign.is_dir()
    assert link.is_symlink()
