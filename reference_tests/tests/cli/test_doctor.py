"""convcheck doctor: what it says, and its exit status."""

import json
import sys
from types import SimpleNamespace

import pytest

from reference_tests.cli import doctor, run
from reference_tests.grading.sandbox import levels as isolation
from reference_tests.grading.sandbox.attacks import CONTROLS, HOSTILE, Outcome

ALL = dict.fromkeys(isolation.LEVELS, "")


def outcome(attack="reads_bait", level="confined", effects=(), ended=("values",)):
    return Outcome(attack, level, effects, ended, 0, 0.1)


@pytest.fixture
def said(monkeypatch, capsys):
    """-> exit status and output, for these outcomes on a machine with these levels."""

    def ask(found, missing=ALL, *arguments):
        monkeypatch.setattr(doctor, "available", lambda: missing)
        monkeypatch.setattr(doctor, "outcomes", lambda levels, quick, out: found)
        return run(["doctor", *arguments]), capsys.readouterr().out

    return ask


def test_levels_that_hold(said):
    both = ("--level", "confined", "--level", "process")
    status, out = said([outcome(), outcome(level="process", effects=("read a file",))], ALL, *both)
    assert status == 0
    assert "stopped" in out and "read a file" in out and "nothing got through at confined" in out


@pytest.mark.parametrize(
    "found, sentence",
    [
        (outcome(effects=("read a file",)), "confined: reads_bait read a file"),
        (outcome(level="bwrap", effects=("points",)), "bwrap: reads_bait points"),
        (outcome(CONTROLS[0], ended=("pass", "timeout")), "confined: the honest control does not get full marks"),
        (outcome(CONTROLS[1], effects=("points",)), "confined: control_wrong points"),
    ],
)
def test_a_level_that_does_not_hold_is_exit_status_1(said, found, sentence):
    status, out = said([found], ALL, "--level", found.level)
    assert status == 1 and sentence in out


def test_a_machine_without_confined_is_exit_status_1_and_says_why(said):
    status, out = said([], ALL | {"confined": "no Landlock", "bwrap": "no Landlock"})
    assert status == 1
    assert "not on this machine: no Landlock" in out and "cannot be graded" in out


def test_asking_for_a_level_that_is_there_is_enough(said):
    assert said([], ALL | {"confined": "no"}, "--level", "process")[0] == 0
    assert said([], ALL | {"bwrap": "no"}, "--level", "bwrap")[0] == 1
    assert said([], ALL, "--level", "docker")[0] == 2


def test_json(said, tmp_path):
    said([outcome(effects=("points",))], ALL, "--level", "confined", "--json", str(tmp_path / "doctor.json"))
    told = json.loads((tmp_path / "doctor.json").read_text())
    assert told["held"] is False
    assert told["levels"]["confined"] == {"there": True, "why_not": ""}
    assert told["outcomes"][0]["attack"] == "reads_bait" and told["outcomes"][0]["effects"] == ["points"]
    assert json.loads(said([], ALL, "--json", "-")[1])["held"] is True
    assert said([], ALL, "--json", str(tmp_path / "no" / "where.json"))[0] == 2


def test_the_few_are_among_the_hostile_set():
    assert all((HOSTILE / f"{name}.py").is_file() for name in doctor.FEW)


@pytest.mark.slow
@pytest.mark.skipif(bool(isolation.missing("confined")), reason=isolation.missing("confined"))
def test_it_runs_on_this_machine(capsys):
    assert run(["doctor", "--quick", "--level", "confined"]) == 0
    assert capsys.readouterr().out.count("stopped") == len(doctor.FEW)


def test_where_there_is_no_fork_the_levels_are_missing(monkeypatch):
    monkeypatch.setattr(isolation, "os", SimpleNamespace(name="nt"))
    monkeypatch.setattr(sys, "platform", "win32")
    missing = isolation.missing.__wrapped__
    assert missing("none") == "" and all("no fork on win32" in missing(level) for level in isolation.LEVELS[1:])
