"""convcheck doctor: its report and its exit status."""

import errno
import json
import re
import sys
from types import SimpleNamespace

import pytest

from reference_tests.cli import doctor, run
from reference_tests.grading.sandbox import kernel
from reference_tests.grading.sandbox import levels as levels
from reference_tests.grading.sandbox.attacks import CONTROLS, HOSTILE, Outcome
from reference_tests.i18n import speaking

ALL = dict.fromkeys(levels.LEVELS, "")


def make_outcome(attack="reads_bait", level="confined", effects=(), ended=("values",)):
    return Outcome(attack, level, effects, ended, 0, 0.1)


@pytest.fixture
def run_doctor(monkeypatch, capsys):
    """A function that runs the doctor with given outcomes and levels, and returns exit status and output."""

    def run_doctor(outcomes, missing=ALL, *arguments):
        monkeypatch.setattr(doctor, "available", lambda: missing)
        monkeypatch.setattr(doctor, "run_attacks", lambda levels, quick: outcomes)
        return run(["doctor", *arguments]), capsys.readouterr().out

    return run_doctor


def test_doctor_exits_0_when_levels_hold(run_doctor):
    both = ("--level", "confined", "--level", "process")
    status, out = run_doctor([make_outcome(), make_outcome(level="process", effects=("read a file",))], ALL, *both)
    assert status == 0
    assert "held off" in out and "read a file" in out and "nothing got through at confined" in out


@pytest.mark.parametrize(
    "outcome, sentence",
    [
        (make_outcome(effects=("read a file",)), "confined: reads_bait read a file"),
        (make_outcome(level="bwrap", effects=("points",)), "bwrap: reads_bait points"),
        (make_outcome(CONTROLS[0], ended=("pass", "timeout")), "confined: the honest control does not get full marks"),
        (make_outcome(CONTROLS[1], effects=("points",)), "confined: control_wrong points"),
    ],
)
def test_doctor_exits_1_when_a_level_leaks(run_doctor, outcome, sentence):
    status, out = run_doctor([outcome], ALL, "--level", outcome.level)
    assert status == 1 and sentence in out


def test_doctor_exits_1_with_the_reason_without_confined(run_doctor):
    status, out = run_doctor([], ALL | {"confined": "no Landlock", "bwrap": "no Landlock"})
    assert status == 1
    assert "not on this machine: no Landlock" in out and "cannot be graded" in out


def test_doctor_exit_status_depends_on_the_selected_levels(run_doctor):
    assert run_doctor([], ALL | {"confined": "no"}, "--level", "process")[0] == 0
    assert run_doctor([], ALL | {"bwrap": "no"}, "--level", "bwrap")[0] == 1
    assert run_doctor([], ALL, "--level", "docker")[0] == 2


def test_json_report_has_levels_and_outcomes(run_doctor, tmp_path):
    run_doctor([make_outcome(effects=("points",))], ALL, "--level", "confined", "--json", str(tmp_path / "doctor.json"))
    report = json.loads((tmp_path / "doctor.json").read_text())
    assert report["held"] is False
    assert report["levels"]["confined"] == {"there": True, "why_not": ""}
    assert report["outcomes"][0]["attack"] == "reads_bait" and report["outcomes"][0]["effects"] == ["points"]
    assert json.loads(run_doctor([], ALL, "--json", "-")[1])["held"] is True
    assert run_doctor([], ALL, "--json", str(tmp_path / "no" / "where.json"))[0] == 2


def test_quick_attacks_exist():
    assert all((HOSTILE / f"{name}.py").is_file() for name in doctor.FEW)


@pytest.mark.slow
@pytest.mark.skipif(bool(levels.missing("confined")), reason=levels.missing("confined"))
def test_quick_doctor_stops_every_attack_on_this_machine(capsys):
    assert run(["doctor", "--quick", "--level", "confined"]) == 0
    assert capsys.readouterr().out.count("held off") == len(doctor.FEW)


@pytest.mark.parametrize(
    "why, how",
    [
        ("bubblewrap is not installed", "install bubblewrap"),
        ("bwrap: setting up uid map: Permission denied", "kernel.apparmor_restrict_unprivileged_userns=0"),
        ("bwrap: No permissions to create new namespace", "seccomp=unconfined"),
        (kernel.NO_LANDLOCK[errno.ENOSYS], "5.13 or later"),
        (kernel.NO_LANDLOCK[errno.EPERM], "landlock_restrict_self"),
        (kernel.NO_LANDLOCK[errno.EOPNOTSUPP], "lsm="),
        ("there is no fork on win32", "virtual machine"),
    ],
)
def test_doctor_says_how_to_get_what_is_missing_and_what_holds(run_doctor, why, how):
    assert any(how in sentence for sentence in levels.how_to_get(why))
    _, out = run_doctor([], ALL | {"bwrap": why})
    assert how in " ".join(out.split()) and "confined holds here" in out
    _, out = run_doctor([], ALL | {"confined": why, "bwrap": f"it needs confined: {why}"})
    assert out.count("to get it: ") == len(levels.how_to_get(why))  # not again: the second has the same reason
    assert "process holds here" in out


@pytest.mark.parametrize(
    "why", [*kernel.NO_LANDLOCK.values(), "it needs confined: there is no fork on win32", "bubblewrap is not installed"]
)
def test_reason_of_a_missing_level_is_said_in_japanese(why):
    with speaking("ja"):
        said = levels.say_reason(why)
        assert levels.say_reason(f"bwrap: {why}") == f"bwrap: {why}"  # what the system says stays
    assert re.search("[ぁ-ん]", said) and not re.search("there is|needs|kernel|refuses", said)
    assert levels.say_reason(why) == why


def test_doctor_says_that_all_holds(run_doctor):
    assert "confined and bwrap hold here" in run_doctor([], ALL)[1]


def test_levels_are_missing_without_fork(monkeypatch):
    monkeypatch.setattr(levels, "os", SimpleNamespace(name="nt"))
    monkeypatch.setattr(sys, "platform", "win32")
    missing = levels.missing.__wrapped__
    assert missing("none") == "" and all("no fork on win32" in missing(level) for level in levels.LEVELS[1:])
