"""What is kept between runs, and what makes it void."""

import json
import sys

import pytest

from reference_tests.frameworks import cache
from reference_tests.frameworks.registry import COLUMNS
from reference_tests.frameworks.runner import measure

from .fakes import asks, fake

pytestmark = pytest.mark.slow  # each starts frameworks


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch, not_the_users_cache):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_the_second_run_starts_no_process(tmp_path):
    column = fake(tmp_path, "def S01(): return time.time()")
    first = measure(column, asks("S01"))
    assert measure(column, asks("S01")) == first
    assert measure(column, asks("S01"), keep=False) != first


def test_no_cache_keeps_nothing(tmp_path):
    measure(fake(tmp_path, "def S01(): return 1"), asks("S01"), keep=False)
    assert not list(cache.directory().glob("*"))


@pytest.mark.parametrize("what", ["probe", "questions", "switch", "version", "device", "interpreter"])
def test_what_an_answer_depends_on(tmp_path, monkeypatch, what):
    column, questions, python = fake(tmp_path, "def S01(): return 1", switches=("XLA_FLAGS",)), asks("S01"), "python"
    monkeypatch.setattr(cache, "versions", lambda python, *packages: "numpy 1")
    before = cache.key(column, questions, python)
    assert cache.key(column, questions, python) == before
    if what == "probe":
        column = fake(tmp_path, "def S01(): return 2", switches=("XLA_FLAGS",))
    elif what == "questions":
        questions = asks("S03")
    elif what == "switch":
        monkeypatch.setenv("XLA_FLAGS", "--xla_cpu_enable_fast_math=true")
    elif what == "version":
        monkeypatch.setattr(cache, "versions", lambda python, *packages: "numpy 2")
    elif what == "device":
        column = fake(tmp_path, "def S01(): return 1", switches=("XLA_FLAGS",), device="cuda")
    else:
        python = "another"
    assert cache.key(column, questions, python) != before


def test_a_broken_file_counts_as_nothing(tmp_path):
    column = fake(tmp_path, "def S01(): return 1")
    measure(column, asks("S01"))
    (file,) = cache.directory().glob("*.json")
    file.write_text("{")
    assert measure(column, asks("S01"))["answers"]["S01"]["value"] == 1
    assert json.loads(file.read_text())


def test_a_missing_framework_is_asked_again(tmp_path):
    assert "missing" in measure(fake(tmp_path, "import there_is_no_such_framework"), asks("S01"))["about"]
    assert not list(cache.directory().glob("*"))


def test_versions_are_those_of_the_column(tmp_path):
    assert cache.versions(sys.executable, "numpy", "no-such").split("\n")[1] == "no-such -"
    assert COLUMNS["torch@cuda"].device == "cuda"
