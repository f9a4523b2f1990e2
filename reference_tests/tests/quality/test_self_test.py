"""convcheck self-test: small samples of its rates, and that a bad rate is reported."""

import json

import pytest

from reference_tests import cli
from reference_tests.cli import selftest
from reference_tests.quality import detection, false_alarms, naming

FEW = {"caught": 4, "named": 3, "ways": 1, "seeds": 1, "alarms": 1, "modules": 1, "changes": 3}
QUICK = ("caught", "named", "fairly_passed", "quiet")


@pytest.fixture
def rates(monkeypatch, tmp_path):
    """Run self-test on a small sample; return its exit status and its JSON."""
    monkeypatch.setattr(selftest, "SAMPLE", FEW)

    def run(*only):
        asked = [word for name in only for word in ("--only", name)]
        status = cli.run(["self-test", "--seed", "3", *asked, "--json", str(tmp_path / "rates.json")])
        return status, json.loads((tmp_path / "rates.json").read_text())

    return run


@pytest.mark.slow
def test_small_sample_is_exit_status_0(rates, capsys):
    status, found = rates(*QUICK)
    said = capsys.readouterr().out.splitlines()
    assert status == 0
    assert [found[name]["count"] for name in QUICK] == [4, 3, 1, 1]
    assert next(line for line in said if line[:5].strip().isdigit()).endswith("no other (100.0 %)")


@pytest.mark.long
@pytest.mark.slow
def test_sample_of_mutations_adds_up(rates):
    pytest.importorskip("cosmic_ray", reason="cosmic-ray is not installed: it comes with the extra dev")
    _status, found = rates("survived")
    left = found["survived"]
    assert left["of"] == 3 == left["killed"] + left["timeouts"] + left["count"]


@pytest.mark.parametrize(
    ("name", "module", "bad"),
    [
        ("caught", detection, detection.Detection("conv-scaled", [])),
        ("named", naming, naming.Naming("conv-scaled", False, ["conv.flipped"])),
    ],
)
def test_bad_rate_is_exit_status_1_and_names_the_mutant(rates, monkeypatch, capsys, name, module, bad):
    monkeypatch.setattr(module, "by_id", lambda *_args, **_how: bad)
    status, found = rates(name)
    assert (status, found[name]["count"]) == (1, 0)
    assert "conv-scaled" in capsys.readouterr().out


def test_rates_are_said_in_japanese_too(rates, monkeypatch, capsys):
    monkeypatch.setattr(detection, "by_id", lambda *_args, **_how: detection.Detection("conv-scaled", []))
    monkeypatch.setenv("LANG", "ja_JP.UTF-8")
    rates("caught")
    said = capsys.readouterr().out
    assert "0 /     4 誤りをその部品で" in said and "乱数の種 3" in said


def test_false_alarm_is_exit_status_1(rates, monkeypatch):
    alarm = false_alarms.Alarm(*["fft"] * len(false_alarms.Alarm.__dataclass_fields__))
    monkeypatch.setattr(false_alarms, "of_seed", lambda _seed: [alarm])
    assert rates("quiet")[0] == 1


@pytest.mark.parametrize(
    "wrong",
    [["--only", "nothing"], ["--json", "/nowhere/rates.json"], ["--write"], ["--write", "--full", "--only", "named"]],
)
def test_usage_error_is_one_sentence(wrong, capsys):
    assert cli.run(["self-test", *wrong]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
