"""Runs: each result is on the disk before it counts, a killed run resumes, and the files are the same every time."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from reference_tests import cli
from reference_tests.errors import UsageError
from reference_tests.grading import grade, journal, settings
from reference_tests.grading.outputs.files import slug
from reference_tests.grading.run import prepare
from reference_tests.grading.sandbox import levels

from . import RIGHT, SMALL_TOML, WRONG, wait_until, write_files

pytestmark = pytest.mark.slow  # each grades, in processes of its own

SLOW = RIGHT.replace("self.on = x > 0", "import time; time.sleep(0.02); self.on = x > 0")


@pytest.fixture(scope="module")
def rubric(tmp_path_factory):
    path = tmp_path_factory.mktemp("rubric") / "rubric.toml"
    path.write_text(SMALL_TOML)
    return path


def lines(out):
    """Read results.jsonl."""
    return [json.loads(line) for line in (out / "results.jsonl").read_text().splitlines()]


def without_times(path):
    """Read a file without the times in it."""
    text = path.read_text()
    text = re.sub(r"<!-- times -->.*<!-- end of times -->", "", text, flags=re.S)
    text = re.sub(r'"(seconds|execution_time)": [\d.]+', "", text)
    return re.sub(r",[\d.]+$", "", text, flags=re.M) if path.suffix == ".csv" else text


def test_two_runs_write_the_same_files_apart_from_times(tmp_path, rubric, capsys):
    write_files(tmp_path / "in", alice=RIGHT, bob=WRONG, carol="x = (")
    contents = []
    for jobs, out in (("2", tmp_path / "one"), ("1", tmp_path / "two")):
        options = ["--out", str(out), "--rubric", str(rubric), "--seed", "5", "--jobs", jobs]
        assert cli.run(["grade", str(tmp_path / "in"), *options]) == 0
        files = sorted(p for p in out.rglob("*") if p.is_file() and p.name != "results.jsonl")
        contents.append({p.relative_to(out).as_posix(): without_times(p) for p in files})
        assert {line["submission"] for line in lines(out)} == {"alice.py", "bob.py", "carol.py"}
    assert contents[0] == contents[1]
    printed = capsys.readouterr().out
    assert "3 submissions: 2 graded, 1 cannot be loaded" in printed and "isolation" in printed
    line = next(line for line in lines(tmp_path / "one") if line["submission"] == "alice.py")
    need = "submission content_hash outcome score max_score isolation seed suite_version rubric_hash components seconds"
    assert set(need.split()) <= line.keys()
    assert (line["score"], line["max_score"], line["seed"], line["outcome"]) == (10, 10, 5, "graded")
    check = line["components"]["relu"]["checks"][0]
    assert {"id", "title", "level", "status", "reason", "message", "diagnosis", "seconds", "points"} <= check.keys()
    student = json.loads((tmp_path / "one" / "students" / "alice.py.json").read_text())
    assert {"schema", "target", "ok", "environment", "components", "score"} <= student.keys() and "seed" not in student


@pytest.mark.long
def test_killed_run_resumes_and_loses_nothing(tmp_path, rubric):
    write_files(tmp_path / "in", **{f"s{i:02}": SLOW for i in range(8)})
    out = tmp_path / "out"
    command = [sys.executable, "-m", "reference_tests", "grade", str(tmp_path / "in"), "--out", str(out)]
    command += ["--rubric", str(rubric), "--jobs", "2"]
    first = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_until(lambda: len(list(journal.read_lines(out / "results.jsonl"))) >= 3)
    first.send_signal(signal.SIGKILL)
    first.wait()
    with (out / "results.jsonl").open("ab") as file:
        file.write(b'{"submission": "s07.py", "outcome": "gra')  # cut short by the kill
    before = {line["submission"]: line for line in journal.read_lines(out / "results.jsonl")}
    assert 3 <= len(before) < 8
    seed = json.loads((out / "run.json").read_text())["seed"]
    with pytest.raises(UsageError, match="--resume"):
        prepare(out, settings.merge_settings(str(rubric)), [str(tmp_path / "in")])
    assert subprocess.run([*command, "--resume"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0
    after = lines(out)
    assert Counter(line["submission"] for line in after) == {f"s{i:02}.py": 1 for i in range(8)}
    assert all(line == before[line["submission"]] for line in after if line["submission"] in before)
    assert {line["seed"] for line in after} == {seed}


def test_resume_regrades_changed_submissions_and_faults_on_request(tmp_path, rubric):
    write_files(tmp_path / "in", alice=RIGHT, bob=RIGHT, carol=RIGHT)
    out = tmp_path / "out"
    command = ["grade", str(tmp_path / "in"), "--out", str(out), "--rubric", str(rubric), "--jobs", "1"]
    assert cli.run(command) == 0
    assert cli.run(command) == 2
    old = {line["submission"]: line for line in lines(out)}
    broken = {**old["bob.py"], "outcome": "grader error", "score": None, "reason": "planted"}
    remaining = [old["alice.py"], broken, old["carol.py"]]
    (out / "results.jsonl").write_text("".join(json.dumps(line) + "\n" for line in remaining))
    (tmp_path / "in" / "carol.py").write_text(WRONG)
    assert cli.run([*command, "--resume"]) == 3
    new = {line["submission"]: line for line in lines(out)}
    assert new["alice.py"] == old["alice.py"] and new["bob.py"]["reason"] == "planted"
    assert new["carol.py"]["score"] < 10
    assert cli.run([*command, "--retry-errors"]) == 0
    assert {line["submission"]: line["outcome"] for line in lines(out)}["bob.py"] == "graded"


def test_ctrl_c_exits_130_and_ends_every_process(tmp_path, rubric):
    write_files(tmp_path / "in", **{f"s{i:02}": SLOW for i in range(12)})
    out = tmp_path / "out"
    command = [sys.executable, "-m", "reference_tests", "grade", str(tmp_path / "in"), "--out", str(out)]
    command += ["--rubric", str(rubric), "--jobs", "1"]
    run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_until(lambda: list(journal.read_lines(out / "results.jsonl")))
    mine = children_of(run.pid)
    run.send_signal(signal.SIGINT)
    printed, errors = run.communicate(timeout=30)
    assert run.returncode == 130, printed + errors
    assert "--resume goes on" in printed and "Traceback" not in errors
    wait_until(lambda: not any(os.path.exists(f"/proc/{pid}") for pid in mine), 10)  # once a server's socket is closed
    assert mine and not [pid for pid in mine if os.path.exists(f"/proc/{pid}")]


def children_of(pid):
    """Return a process's descendants: workers, their fork servers, submissions."""
    pids = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            parent = Path(f"/proc/{name}/stat").read_text().rpartition(")")[2].split()[1]
            pids += [int(name), *children_of(int(name))] if int(parent) == pid else []
    return pids


def test_grade_from_a_program_yields_results(tmp_path, rubric):
    write_files(tmp_path, alice=RIGHT, bob=WRONG)
    results = {r.submission: r for r in grade([tmp_path], rubric=rubric, seed=3, jobs=1, isolation="process")}
    assert (results["alice.py"].score, results["bob.py"].score) == (10, 0)
    assert results["alice.py"].isolation == "process" and results["alice.py"].components["relu"].status == "pass"


def test_dead_worker_is_replaced_and_its_submission_is_a_grader_error(tmp_path, rubric):
    """The new worker has the answers too."""
    write_files(tmp_path, alice="import os\n\n\nclass Relu:\n    os._exit(1)\n", bob=RIGHT)
    results = {r.submission: r for r in grade([tmp_path], rubric=rubric, jobs=1, isolation="none")}
    assert (results["alice.py"].outcome, results["alice.py"].score) == ("grader error", None)
    assert "ended twice without a result" in results["alice.py"].reason
    assert results["bob.py"].score == 10


def test_closing_the_results_ends_the_workers(tmp_path, rubric):
    write_files(tmp_path, alice=SLOW, bob=SLOW, carol=SLOW)
    coming = grade([tmp_path], rubric=rubric, jobs=1)
    assert next(coming).outcome == "graded"
    before = children_of(os.getpid())
    coming.close()
    assert set(before) - set(children_of(os.getpid()))


@pytest.mark.parametrize(
    "options, why",
    [
        ({"isolation": "vm"}, "--isolation vm: there are none, process, confined, bwrap"),
        ({"isolation": "process", "require_isolation": "confined"}, "this run would have process only"),
        ({"memory": "2 elephants"}, "write it as 2G"),
        ({"memory": "1M"}, "at least 256M"),
        ({"timeout": 0}, "above 0 seconds"),
        ({"seed": 0}, "above 0"),
        ({"rubric": "/nowhere.toml"}, "cannot be read"),
    ],
)
def test_wrong_option_raises_usage_error_before_anything_runs(options, why):
    with pytest.raises(UsageError, match=re.escape(why)):
        grade(["."], **options)


def test_missing_level_is_refused_unless_allow_unconfined(monkeypatch):
    missing = {"none": "", "process": "", "confined": "the kernel has no Landlock", "bwrap": "it needs confined"}
    monkeypatch.setattr(levels, "missing", missing.get)
    with pytest.raises(UsageError, match="no Landlock") as error:
        settings.merge_settings()
    assert "--allow-unconfined" in str(error.value)
    assert settings.merge_settings(allow_unconfined=True).isolation == "process"
    with pytest.raises(UsageError, match="only"):
        settings.merge_settings(allow_unconfined=True, require_isolation="confined")
    assert "can read the answers" in settings.isolation_warning("process")
    assert not settings.isolation_warning("confined")


def test_slugs_are_valid_and_distinct():
    names = ["a.py", "A.py", "../x", "a b", "a/b", "a\\nb", "", "..", "caf\udce9", "x" * 300]
    files = [slug(name) for name in names]
    assert len({f.lower() for f in files}) == len(names)
    assert all(re.fullmatch(r"[A-Za-z0-9._-]{0,99}", f) and not f.startswith(".") for f in files)
