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
from reference_tests.grading.settings import merge_settings

from . import RIGHT, SMALL_TOML, wait_until, write_files
from .test_run import SLOW

pytestmark = pytest.mark.slow


def start(stack, *words):
    """Start a process that ends with the stack."""
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    stack.callback(process.wait)
    stack.callback(process.kill)
    return process


@pytest.fixture
def cluster(tmp_path):
    """The scheduler's address and the two workers' processes."""
    pytest.importorskip("distributed")
    with ExitStack() as stack:
        file = tmp_path / "scheduler.json"
        python = [sys.executable, "-m"]
        scheduler = ["distributed.cli.dask_scheduler", "--port", "0", "--no-dashboard", "--scheduler-file", str(file)]
        start(stack, *python, *scheduler)
        wait_until(file.exists, 60)
        time.sleep(0.2)
        address = json.loads(file.read_text())["address"]
        common = ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", str(tmp_path)]
        workers = [start(stack, *python, "distributed.cli.dask_worker", address, *common) for _ in range(2)]
        yield address, workers


def test_killed_workers_submissions_are_graded_once_each(tmp_path, cluster):
    address, workers = cluster
    (tmp_path / "rubric.toml").write_text(SMALL_TOML)
    write_files(tmp_path / "in", **{f"s{i:02}": SLOW for i in range(24)})
    out = tmp_path / "out"
    command = [sys.executable, "-m", "reference_tests", "grade", str(tmp_path / "in"), "--out", str(out)]
    command += ["--rubric", str(tmp_path / "rubric.toml"), "--scheduler", address]
    run = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    wait_until(lambda: len(list(journal.read_lines(out / "results.jsonl"))) >= 4 or run.poll() is not None)
    os.kill(workers[0].pid, signal.SIGKILL)
    _, errors = run.communicate(timeout=240)
    assert run.returncode == 0, errors[-2000:]
    lines = [json.loads(line) for line in (out / "results.jsonl").read_text().splitlines()]
    assert Counter(line["submission"] for line in lines) == {f"s{i:02}.py": 1 for i in range(24)}
    assert {(line["outcome"], line["score"]) for line in lines} == {("graded", 10)}


def test_cluster_gives_the_same_results_as_local_workers(tmp_path, cluster):
    address, _ = cluster
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
