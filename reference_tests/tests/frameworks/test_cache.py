"""What is kept between runs, and what makes it void."""

import json
import sys

import pytest

from reference_tests.frameworks import cache
from reference_tests.frameworks.registry import FRAMEWORKS
from reference_tests.frameworks.runner import measure

from .fakes import fake, requests

ONE = "def S01(): return 1"
pytestmark = pytest.mark.slow  # each starts frameworks


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch, not_the_users_cache):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_measure_second_run_starts_no_process(tmp_path):
    framework = fake(tmp_path, "def S01(): return time.time()")
    first = measure(framework, requests("S01"))
    assert measure(framework, requests("S01")) == first
    assert measure(framework, requests("S01"), keep=False) != first


def test_measure_writes_no_file_without_cache_or_framework(tmp_path):
    measure(fake(tmp_path, ONE), requests("S01"), keep=False)
    assert "missing" in measure(fake(tmp_path, "import there_is_no_such_framework"), requests("S01"))["about"]
    assert not list(cache.cache_directory().glob("*"))


@pytest.mark.parametrize("what", ["probe", "switch", "setting", "version", "device", "interpreter", "threads"])
def test_cache_key_changes_with_what_the_answers_depend_on(tmp_path, monkeypatch, what):
    framework, python = fake(tmp_path, ONE, switches=("XLA_FLAGS",)), "python"
    monkeypatch.setattr(cache, "versions", lambda python, *packages: "numpy 1")
    before = cache.cache_key(framework, python)
    assert cache.cache_key(framework, python) == before
    if what == "probe":
        framework = fake(tmp_path, "def S01(): return 2", switches=("XLA_FLAGS",))
    elif what == "setting":
        framework = fake(tmp_path, ONE, switches=("XLA_FLAGS",), setting=(("OMP_NUM_THREADS", "1"),))
    elif what == "switch":
        monkeypatch.setenv("XLA_FLAGS", "--xla_cpu_enable_fast_math=true")
    elif what == "threads":
        monkeypatch.setenv("OMP_NUM_THREADS", "7")
    elif what == "version":
        monkeypatch.setattr(cache, "versions", lambda python, *packages: "numpy 2")
    elif what == "device":
        framework = fake(tmp_path, ONE, switches=("XLA_FLAGS",), device="cuda")
    else:
        python = "another"
    assert cache.cache_key(framework, python) != before


def test_questions_asked_before_start_no_process_beside_new_ones(tmp_path):
    framework = fake(tmp_path, "def S01(): return time.time()\ndef S03(): return time.time()")
    both = measure(framework, requests("S01", "S03"))["answers"]
    assert measure(framework, requests("S03"))["answers"] == {"S03": both["S03"]}
    (tmp_path / "fake_probe.py").write_text(
        (tmp_path / "fake_probe.py").read_text() + "\ndef S04(): return time.time()"
    )
    first = measure(framework, requests("S01"))["answers"]
    more = measure(framework, requests("S01", "S04"))["answers"]
    assert more["S01"] == first["S01"] and set(more) == {"S01", "S04"}
    assert measure(framework, [{**requests("S01")[0], "inputs": {"x": 1}}])["answers"]["S01"] != first["S01"]


def test_load_broken_file_is_measured_again(tmp_path):
    framework = fake(tmp_path, ONE)
    measure(framework, requests("S01"))
    (file,) = cache.cache_directory().glob("*.json")
    file.write_text("{")
    assert measure(framework, requests("S01"))["answers"]["S01"]["value"] == 1
    assert json.loads(file.read_text())


def test_versions_of_an_unknown_package_is_a_dash(tmp_path):
    assert cache.versions(sys.executable, "numpy", "no-such").split("\n")[1] == "no-such -"
    assert FRAMEWORKS["torch@cuda"].device == "cuda"
