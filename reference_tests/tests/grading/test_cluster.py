"""Grading on a real Dask scheduler with two workers, one of them killed midway."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack

import pytest

from reference_tests.errors import UsageError
from reference_tests.grading import grade, journal
from reference_tests.grading.cluster import Cluster
from reference_tests.grading.settings import merge_settings, suite_version

from . import RIGHT, SMALL_TOML, wait_until, write_files
from .test_run import SLOW

pytestmark = pytest.mark.slow


def start(stack, *words):
    """Start a process that ends with the stack."""
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    stack.callback(process.wait)
    stack.callback(process.kill)
    return process


PYTHON = [sys.executable, "-m"]
COMMON = ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory"]
OTHER_VERSION = """
import sys
from reference_tests.grading import settings
settings.suite_version = lambda: "0.0.1+other"
from distributed.cli.dask_worker import main
main(sys.argv[1:])
"""


def grade_command(tmp_path, address, *more):
    """Return the command that grades the folder `in` on a scheduler."""
    words = [*PYTHON, "reference_tests", "grade", str(tmp_path / "in"), "--out", str(tmp_path / "out")]
    return [*words, "--rubric", str(tmp_path / "rubric.toml"), "--scheduler", address, *more]


@pytest.fixture
def cluster(tmp_path):
    """The scheduler's address, the two workers' processes, and the scheduler's."""
    pytest.importorskip("distributed")
    with ExitStack() as stack:
        file = tmp_path / "scheduler.json"
        words = ["distributed.cli.dask_scheduler", "--port", "0", "--no-dashboard", "--scheduler-file", str(file)]
        scheduler = start(stack, *PYTHON, *words)
        wait_until(file.exists, 60)
        time.sleep(0.2)
        address = json.loads(file.read_text())["address"]
        common = [*COMMON, str(tmp_path)]
        workers = [start(stack, *PYTHON, "distributed.cli.dask_worker", address, *common) for _ in range(2)]
        yield address, workers, scheduler


@pytest.mark.nightly
def test_killed_scheduler_ends_with_one_sentence_and_resume_finishes(tmp_path, cluster):
    address, _, scheduler = cluster
    (tmp_path / "rubric.toml").write_text(SMALL_TOML)
    write_files(tmp_path / "in", **{f"s{i:02}": SLOW for i in range(12)})
    results = tmp_path / "out" / "results.jsonl"
    run = subprocess.Popen(grade_command(tmp_path, address), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_until(lambda: len(list(journal.read_lines(results))) >= 2 or run.poll() is not None)
    scheduler.kill()
    _, errors = run.communicate(timeout=240)
    assert run.returncode == 2
    assert "Traceback" not in errors  # how far it is may be said as well, where it takes long
    said = [line for line in errors.splitlines() if line.startswith("convcheck:") and "seed of the class" not in line]
    assert said == [
        f"convcheck: --scheduler {address}: it has ended, or cannot be reached any more; what is graded stays, and "
        "--resume goes on"
    ]
    before = list(journal.read_lines(results))
    assert 2 <= len(before) < 12 and {line["outcome"] for line in before} == {"graded"}
    words = grade_command(tmp_path, address, "--resume", "--jobs", "2")
    del words[words.index("--scheduler") : words.index("--scheduler") + 2]
    assert subprocess.run(words, capture_output=True, check=False).returncode == 0
    after = list(journal.read_lines(results))
    assert after[: len(before)] == before and len(after) == 12
    assert {(line["outcome"], line["score"]) for line in after} == {("graded", 10)}


@pytest.mark.nightly
@pytest.mark.parametrize("late", [False, True])
def test_worker_of_another_version_is_refused_with_both_named(tmp_path, cluster, late):
    """late: it joins when the run has begun."""
    address, workers, _ = cluster
    (tmp_path / "rubric.toml").write_text(SMALL_TOML)
    write_files(tmp_path / "in", **{f"s{i:02}": SLOW for i in range(60 if late else 2)})
    other = [sys.executable, "-c", OTHER_VERSION, address, *COMMON, str(tmp_path)]
    with ExitStack() as stack:
        if not late:
            start(stack, *other)
            for worker in workers:  # so that it is surely there when the run begins
                worker.kill()
            time.sleep(8)
        words = grade_command(tmp_path, address)
        run = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if late:
            results = tmp_path / "out" / "results.jsonl"
            wait_until(lambda: list(journal.read_lines(results)) or run.poll() is not None)
            start(stack, *other)
        _, errors = run.communicate(timeout=240)
    assert run.returncode == 2
    assert "has 0.0.1+other, and this is " in errors and suite_version() in errors and "Traceback" not in errors


@pytest.mark.long
def test_killed_workers_submissions_are_graded_once_each(tmp_path, cluster):
    address, workers, _ = cluster
    (tmp_path / "rubric.toml").write_text(SMALL_TOML)
    write_files(tmp_path / "in", **{f"s{i:02}": SLOW for i in range(8)})
    out = tmp_path / "out"
    run = subprocess.Popen(
        grade_command(tmp_path, address), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    wait_until(lambda: len(list(journal.read_lines(out / "results.jsonl"))) >= 2 or run.poll() is not None)
    os.kill(workers[0].pid, signal.SIGKILL)
    _, errors = run.communicate(timeout=240)
    assert run.returncode == 0, errors[-2000:]
    lines = [json.loads(line) for line in (out / "results.jsonl").read_text().splitlines()]
    assert Counter(line["submission"] for line in lines) == {f"s{i:02}.py": 1 for i in range(8)}
    assert {(line["outcome"], line["score"]) for line in lines} == {("graded", 10)}


def test_cluster_gives_the_same_results_as_local_workers(tmp_path, cluster):
    address, *_ = cluster
    (tmp_path / "rubric.toml").write_text(SMALL_TOML)
    write_files(tmp_path / "in", alice=RIGHT, bob=RIGHT.replace("+ 1", ""))
    options = {"rubric": tmp_path / "rubric.toml", "seed": 9}
    both = [
        {r.submission: (r.content_hash, r.score, r.key) for r in grade([tmp_path / "in"], **options, **where)}
        for where in ({"jobs": 1}, {"scheduler": address})
    ]
    assert both[0] == both[1]


def test_absent_scheduler_raises_usage_error(monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr("reference_tests.grading.cluster.WAITING", 1.0)
    with pytest.raises(UsageError, match="--scheduler"):
        next(Cluster("tcp://127.0.0.1:9").run(merge_settings(), []))
