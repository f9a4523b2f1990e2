"""A fault of ours in the explanation costs nobody the verdict, and our own tests and measures still see it."""

import json
from functools import cache

import pytest

from reference_tests import cli
from reference_tests.conformance import examination, messages, references
from reference_tests.conformance.diagnosis import Diagnoser
from reference_tests.conformance.examination import Request, examine, explain, explain_one
from reference_tests.conformance.judge import judge_all
from reference_tests.notebook import run_check
from reference_tests.quality import changed_answers
from reference_tests.quality.subjects import InProcessSubject
from reference_tests.reports import page_data, terminal
from reference_tests.tests.grading import RIGHT, graded

WRONG = RIGHT.replace("x > 0", "x > 0.5")
ONLY = Request(only=("relu",), fresh=0)
PLACES = [  # where a fault of ours is planted: in finding a name, in saying it, in what is run for it besides
    (Diagnoser, "assign"),
    (Diagnoser, "trials"),
    (examination, "find_kept"),
    (examination, "wrong_prerequisites"),
    (messages, "diagnosis"),
]


class Planted(Exception):
    """A fault of ours."""


def stop(*given, **named):
    raise Planted("with what a submission said")


@pytest.fixture
def for_a_user(monkeypatch):
    """A user's process, in which no fault is to be seen as it is."""
    monkeypatch.delenv("CONVCHECK_TRACEBACK")


def wrong_relu():
    names: dict = {}
    exec(WRONG, names)
    return InProcessSubject({"Relu": names["Relu"]})


def outcomes(found):
    return {v.check.id: (v.status, v.reason) for verdicts in found.components.values() for v in verdicts}


@cache
def usual_outcomes():
    return outcomes(examine(wrong_relu(), ONLY))


@pytest.mark.parametrize("where, name", PLACES)
def test_every_verdict_stays_and_one_says_what_stopped(where, name, for_a_user, monkeypatch):
    usual = usual_outcomes()
    monkeypatch.setattr(where, name, stop)
    found = examine(wrong_relu(), ONLY)
    assert outcomes(found) == usual and found.exit_status == 1
    failed = [v for v in found.components["relu"] if v.status == "fail"]
    assert not any(v.diagnosis for v in failed) and all(v.problems[0].what in v.message for v in failed)
    said = [v.message for v in failed if "Planted" in v.message]
    assert said and all("relu" in message and "test_faults.py:" in message for message in said)
    assert len(said) == 1 or where is messages  # each message was stopped by itself
    assert not any("submission" in v.message for v in failed)


@pytest.mark.parametrize("where, name", PLACES[::4])
def test_our_tests_see_the_fault_as_it_is(where, name, monkeypatch):
    monkeypatch.setattr(where, name, stop)
    with pytest.raises(Planted):
        examine(wrong_relu(), ONLY)


def test_the_fuzz_sees_the_fault_as_it_is(for_a_user, monkeypatch):
    monkeypatch.setattr(Diagnoser, "assign", stop)
    monkeypatch.setattr(changed_answers.find_faults, "__defaults__", (0, ("relu",)))
    assert changed_answers.main(["25"]) == 1


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_an_end_that_is_no_fault_passes_through(error, for_a_user, monkeypatch):
    def end(*given):
        raise error

    verdicts = list(judge_all(examination.requested_checks(wrong_relu(), ONLY), wrong_relu()))
    monkeypatch.setattr(Diagnoser, "assign", end)
    with pytest.raises(error):
        explain(verdicts)


def test_a_message_that_cannot_be_made_is_the_checks_id(for_a_user, monkeypatch):
    monkeypatch.setattr(messages, "failure", stop)
    found = examine(wrong_relu(), ONLY)
    assert all(v.check.id in v.message for v in found.components["relu"] if v.status == "fail")


def test_pytest_gives_the_verdict_of_one_check(for_a_user, monkeypatch):
    monkeypatch.setattr(Diagnoser, "assign", stop)
    subject, known = wrong_relu(), {}
    failed = [v for v in judge_all(examination.requested_checks(subject, ONLY), subject) if v.status == "fail"]
    first, second = (explain_one(v, subject, references.CPU, known) for v in failed[:2])
    assert first.status == second.status == "fail" and "Planted" in first.message
    assert second.check.id == failed[1].check.id and second.problems[0].what in second.message


def test_verify_ends_as_the_verdict_says(for_a_user, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(Diagnoser, "assign", stop)
    monkeypatch.setattr(terminal, "failure_lines", stop)
    monkeypatch.setattr(page_data, "failure_pictures", stop)
    (tmp_path / "layers.py").write_text(WRONG)
    options = (
        "--only",
        "relu",
        "--device",
        "none",
        "--json",
        str(tmp_path / "a.json"),
        "--html",
        str(tmp_path / "a.html"),
    )
    assert cli.run(["verify", str(tmp_path / "layers.py"), *options]) == 1
    assert "Planted" in capsys.readouterr().out and "Planted" in (tmp_path / "a.html").read_text()
    relu = json.loads((tmp_path / "a.json").read_text())["components"]["relu"]
    assert relu["status"] == "fail" and relu["passed"] and relu["passed"] < relu["total"]


def test_check_in_a_notebook_gives_the_verdict(for_a_user, monkeypatch):
    monkeypatch.setattr(Diagnoser, "assign", stop)
    there: dict = {}
    exec(WRONG, there)
    report = run_check(there, there, ("relu",), {}, "en")
    assert not report.ok and "Planted" in repr(report) and "Planted" in report._repr_html_()


def test_grade_gives_the_same_marks(for_a_user, monkeypatch, tmp_path):
    (tmp_path / "a.py").write_text(WRONG)
    usual = graded(tmp_path / "a.py")
    for where, name in ((Diagnoser, "assign"), (page_data, "failure_pictures")):
        monkeypatch.setattr(where, name, stop)
    found = graded(tmp_path / "a.py")
    assert (found.outcome, found.score) == (usual.outcome, usual.score) and 0 < found.score < found.max_score
    for name, component in found.components.items():
        assert [c.status for c in component.checks] == [c.status for c in usual.components[name].checks]
    assert "Planted" in json.dumps(found.components["relu"].shown)
