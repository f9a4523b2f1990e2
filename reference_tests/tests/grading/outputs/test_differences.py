"""Two runs compared: for each submission what changed, and what differs between the runs."""

import csv
import io
import json

import pytest

from reference_tests import cli
from reference_tests.errors import UsageError
from reference_tests.grading.outputs import differences

PUBLIC, HIDDEN = "relu/one-image/forward", "relu/drawn-like-one-image@{seed}/forward"


def line(name, points=5.0, seed=1, outcome="graded", status="pass", content="h", rubric="r"):
    """Return a line of results.jsonl with a public and a hidden check of one component."""
    checks = [{"id": PUBLIC, "status": status, "hidden": False}]
    checks += [{"id": HIDDEN.format(seed=seed), "status": status, "hidden": True}]
    found = {"submission": name, "outcome": outcome, "content_hash": content, "seed": seed, "rubric_hash": rubric}
    graded = {"relu": {"points": points, "checks": checks}}
    score = points if outcome == "graded" else None
    return {**found, "score": score, "students": [{"id": name, "name": f"={name}"}], "components": graded}


def write(folder, *lines, tail=""):
    """Write a run's results."""
    folder.mkdir()
    (folder / "results.jsonl").write_text("".join(json.dumps(one) + "\n" for one in lines) + tail)
    return folder


@pytest.fixture
def runs(tmp_path):
    """Two runs in which each kind of change is there once."""
    first = write(
        tmp_path / "first", line("same"), line("up", 2.0, status="fail"), line("down"), line("gone"),
        line("ungraded", outcome="grader error"), line("moved", content="old"),
    )  # fmt: skip
    second = write(
        tmp_path / "second", line("same", seed=2), line("up", 5.0, 2), line("down", 1.0, 2, status="fail"),
        line("ungraded", seed=2), line("moved", seed=2, content="new"), line("new", seed=2), tail='{"submission": "x',
    )  # fmt: skip
    return first, second


def test_each_kind_of_change_is_found(runs):
    found = differences.compare(*runs)
    kinds = {one.submission: one.change for one in found.changes}
    assert kinds == {
        "same": "same", "up": "gained", "down": "lost", "gone": "gone", "ungraded": "gained", "moved": "same",
        "new": "added",
    }  # fmt: skip
    by_name = {one.submission: one for one in found.changes}
    assert (by_name["up"].difference, by_name["down"].difference) == (3.0, -4.0)
    assert by_name["up"].components == {"relu": (2.0, 5.0)}
    assert by_name["up"].checks == {PUBLIC: ("fail", "pass")} and by_name["up"].hidden == {"relu": ("0/1", "1/1")}
    assert by_name["moved"].files_changed and not by_name["same"].files_changed
    assert found.causes == ["the seed of the hidden cases"]
    assert [one.submission for one in found.moved][:3] == ["gone", "new", "ungraded"]


def test_a_run_agrees_with_itself(runs, capsys):
    assert cli.run(["grade-diff", str(runs[0]), str(runs[0])]) == 0
    assert "0 of 6 changed" in capsys.readouterr().out


def test_command_prints_a_row_for_each_change_and_exits_1(runs, capsys):
    assert cli.run(["grade-diff", *map(str, runs), "--lang", "en"]) == 1
    printed = capsys.readouterr().out
    assert "5 of 7 changed" in printed and "relu 2 -> 5" in printed and "the seed of the hidden cases" in printed
    assert "+3" in printed and "-4" in printed and "only in the second run" in printed


def test_words_are_japanese_on_request(runs, capsys):
    assert cli.run(["grade-diff", *map(str, runs), "--lang", "ja"]) == 1
    assert "only in" not in capsys.readouterr().out


def test_json_and_csv_have_everybody(runs, capsys, tmp_path):
    table = tmp_path / "changes.csv"
    assert cli.run(["grade-diff", *map(str, runs), "--json", "-", "--csv", str(table)]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["counts"] == {"gained": 2, "lost": 1, "other": 0, "added": 1, "gone": 1, "same": 2}
    rows = {row["submission"]: row for row in csv.DictReader(io.StringIO(table.read_text()))}
    assert rows.keys() == {one["submission"] for one in report["changes"]}
    assert (rows["up"]["score_before"], rows["up"]["score_after"], rows["up"]["difference"]) == ("2", "5", "3")
    assert rows["up"]["student_name"] == "'=up"  # no formula for a spreadsheet
    assert rows["up"]["checks"] == f"{PUBLIC} fail -> pass; relu/hidden 0/1 -> 1/1"


def test_lines_that_were_set_aside_can_be_compared(runs):
    aside = runs[0] / "results-1.jsonl"
    aside.write_text(json.dumps(line("same", 1.0)) + "\n")
    found = differences.of_some(aside, runs[0], {"same"})
    assert [(one.submission, one.change, one.difference) for one in found.changes] == [("same", "gained", 4.0)]


@pytest.mark.parametrize("what", ["nothing", "folder", "file"])
def test_path_without_results_is_refused(tmp_path, what):
    path = tmp_path / what
    if what == "folder":
        path.mkdir()
    if what == "file":
        path.write_text("not json\n\n{}\n")
    with pytest.raises(UsageError, match="no result"):
        differences.compare(path, path)
