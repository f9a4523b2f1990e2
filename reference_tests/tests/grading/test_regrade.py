"""One student graded anew into a run: nobody else's result changes, and what changed is said; one file to mail."""

import json
import re
import shutil
from collections import Counter
from dataclasses import replace

import pytest

from reference_tests.cli import grade as command
from reference_tests.errors import UsageError
from reference_tests.grading import run as runs
from reference_tests.grading.outputs.differences import of_some
from reference_tests.grading.outputs.files import slug
from reference_tests.grading.outputs.overview import summarize
from reference_tests.grading.outputs.report import write_report
from reference_tests.grading.rubric_toml import parse
from reference_tests.i18n import speaking

from . import RIGHT, SMALL, WRONG, InThisProcess, run_settings, write_files


def prepared(tmp_path, **how):
    """Prepare a run of the folder `in`."""
    return runs.prepare(tmp_path / "out", run_settings(), [str(tmp_path / "in")], **how)


def lines(tmp_path):
    """Read results.jsonl by submission."""
    read = [json.loads(one) for one in (tmp_path / "out" / "results.jsonl").read_text().splitlines()]
    assert set(Counter(one["submission"] for one in read).values()) <= {1}
    return {one["submission"]: one for one in read}


@pytest.fixture(scope="module")
def run_of_three(tmp_path_factory):
    """A run of three, of whom two then change their files, and a fourth comes late."""
    home = tmp_path_factory.mktemp("regrade")
    write_files(home / "in", alice=RIGHT, bob=WRONG, carol=RIGHT)
    list(runs.grade_rest(prepared(home), InThisProcess(), lambda result: None))
    write_files(home / "in", bob=RIGHT, carol=WRONG, dora=RIGHT)
    return home


@pytest.fixture
def graded_class(run_of_three, tmp_path):
    """A copy of it, to be changed."""
    shutil.copytree(run_of_three, tmp_path, dirs_exist_ok=True)
    return tmp_path


@pytest.mark.parametrize("name", ["bob", "bob.py", "BOB"])
def test_one_is_graded_anew_and_nobody_else(graded_class, name):
    before, settings = lines(graded_class), (graded_class / "out" / "run.json").read_text()
    run = prepared(graded_class, resume=True, regrade=[name])
    assert [one.name for one in run.todo] == ["bob.py"] and "nothing else changes" in " ".join(run.remarks)
    list(runs.grade_rest(run, InThisProcess(), lambda result: None))
    after = lines(graded_class)
    assert {n: line for n, line in after.items() if n != "bob.py"} == {n: before[n] for n in ("alice.py", "carol.py")}
    assert (graded_class / "out" / "run.json").read_text() == settings
    (change,) = of_some(run.beside, run.out, run.regraded).changes
    assert (change.submission, change.change, change.score[1]) == ("bob.py", "gained", 10.0)


def test_late_work_is_graded_into_the_run(graded_class):
    run = prepared(graded_class, resume=True, regrade=["dora"])
    list(runs.grade_rest(run, InThisProcess(), lambda result: None))
    assert lines(graded_class).keys() == {"alice.py", "bob.py", "carol.py", "dora.py"}
    assert [one.change for one in of_some(run.beside, run.out, run.regraded).changes] == ["added"]


def test_regrade_of_another_run_or_name_is_refused_and_touches_nothing(graded_class):
    before = (graded_class / "out" / "results.jsonl").read_bytes()
    with pytest.raises(UsageError, match="did you mean bob"):
        prepared(graded_class, resume=True, regrade=["bobb"])
    other = run_settings(parse({**SMALL, "title": "another"}))
    with pytest.raises(UsageError, match="another rubric"):
        runs.prepare(graded_class / "out", other, [str(graded_class / "in")], resume=True, regrade=["bob"])
    with pytest.raises(UsageError, match="needs a run"):
        runs.prepare(graded_class / "new", run_settings(), [str(graded_class / "in")], resume=True, regrade=["bob"])
    assert (graded_class / "out" / "results.jsonl").read_bytes() == before
    assert not (graded_class / "new").exists()


def test_two_students_of_one_name_are_not_guessed_among(tmp_path):
    write_files(tmp_path / "in", lee_1_2_relu="", lee_3_4_relu="")
    prepared(tmp_path)
    with pytest.raises(UsageError, match=r"lee may be any of lee_1_2_relu.py, lee_3_4_relu.py"):
        prepared(tmp_path, resume=True, regrade=["lee"])
    assert [one.name for one in prepared(tmp_path, resume=True, regrade=["3"]).todo] == ["lee_3_4_relu.py"]


def test_command_keeps_reports_and_says_what_changed(graded_class, capsys, monkeypatch):
    monkeypatch.setattr(runs, "make_executor", lambda *_: InThisProcess())
    run = prepared(graded_class, resume=True, regrade=["bob"])
    report = graded_class / "report.html"
    assert command.grade_class(run, 1, "", [], keep=True, report=str(report)) == 0
    printed = capsys.readouterr().out
    assert "1 of 1 changed: 1 gained" in printed and "relu" in printed and "graded files are kept in" in printed
    assert (graded_class / "out" / "kept" / f"{lines(graded_class)['bob.py']['content_hash']}.zip").exists()
    text = report.read_text()
    assert not re.search(r"""(src|href)="(?!#)|url\(|@import|<script""", text)
    ids = re.findall(r'\bid="([^"]*)"', text)
    assert len(ids) == len(set(ids)) and set(re.findall(r'href="#([^"]*)"', text)) <= set(ids)
    assert all(f"student-{name}.py" in ids for name in ("alice", "bob", "carol"))


def test_report_is_one_page_in_the_language_of_the_rubric(run_of_three, tmp_path):
    """A student's page is in it whole, but for what only a script uses."""
    shutil.copytree(run_of_three, tmp_path, dirs_exist_ok=True)
    run = prepared(tmp_path, resume=True, regrade=["dora"])
    japanese = replace(run.settings, rubric=parse({**SMALL, "language": "ja"}))
    run = replace(run, settings=japanese)
    with speaking("ja"):
        write_report(tmp_path / "report.html", run, summarize(run.results()), slug)
    text = (tmp_path / "report.html").read_text()
    assert [text.count(tag) for tag in ("<html", "<body", "</body>", "<style>")] == [1, 1, 1, 1]
    assert not re.search("<script|<button|<noscript|<input", text)
    assert "すべての提出物" in text and "Every submission" not in text
    assert text.count('<details class="one"') == 3
