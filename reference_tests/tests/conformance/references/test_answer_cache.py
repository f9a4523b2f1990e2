"""Answers on the disk: the same numbers, for the same question only; damage and two writers cost nothing but time."""

import sqlite3
import subprocess
import sys

import numpy as np
import pytest

from reference_tests import cli
from reference_tests.conformance import references
from reference_tests.conformance.contract import layer
from reference_tests.conformance.references import answer_cache

ANSWER = {"out": np.arange(6.0).reshape(2, 3).T, "db": np.array(2.5), "places": np.array([1, 2])}
WRITER = """
import sys, numpy as np
from pathlib import Path
from reference_tests.conformance.references import answer_cache
with answer_cache.opened(Path(sys.argv[1])):
    for i in range(1200):
        answer_cache.put("test", f"{sys.argv[2]} {i}".encode(), {"out": np.array(float(i))})
"""


@pytest.fixture
def file(tmp_path):
    return tmp_path / "folder" / "answers.sqlite"


def same(a, b):
    return a.keys() == b.keys() and all(np.array_equal(a[k], b[k]) and a[k].dtype == b[k].dtype for k in a)


def test_an_answer_comes_back_as_it_was(file):
    with answer_cache.opened(file):
        assert answer_cache.get("test", b"q") is None
        answer_cache.put("test", b"q", ANSWER)
    with answer_cache.opened(file):
        assert same(answer_cache.get("test", b"q"), ANSWER)
        assert answer_cache.get("test", b"other") is None and answer_cache.get("other", b"q") is None
    assert answer_cache.get("test", b"q") is None


def test_another_version_of_a_library_gets_no_old_answer(file, monkeypatch):
    with answer_cache.opened(file):
        answer_cache.put("test", b"q", ANSWER)
        monkeypatch.setattr(answer_cache, "salt", lambda: b"torch of tomorrow")
        assert answer_cache.get("test", b"q") is None


def test_the_references_are_asked_once(file, monkeypatch):
    case, module = layer("convolution").CASES[0], layer("convolution")
    references.forget()
    with answer_cache.opened(file):
        first = references.right_answer(case.question(), module.allowed)
    references.forget()
    monkeypatch.setattr(references, "ask_all", lambda *_: pytest.fail("asked again"))
    with answer_cache.opened(file):
        assert same(references.right_answer(case.question(), module.allowed), first)
    references.forget()


def test_a_damaged_answer_is_worked_out_again(file):
    with answer_cache.opened(file):
        answer_cache.put("test", b"q", ANSWER)
    with sqlite3.connect(file) as damaged:
        ((whole,),) = damaged.execute("SELECT answer FROM answers").fetchall()
        damaged.execute("UPDATE answers SET answer = ?", (whole[:-1] + bytes([whole[-1] ^ 1]),))
    with answer_cache.opened(file):
        assert answer_cache.get("test", b"q") is None
        answer_cache.put("test", b"q", ANSWER)
        assert same(answer_cache.get("test", b"q"), ANSWER)


@pytest.mark.parametrize("cut", [0, 100, 5000])
def test_a_damaged_file_is_begun_anew(file, cut):
    with answer_cache.opened(file):
        for i in range(200):
            answer_cache.put("test", f"{i}".encode(), ANSWER)
    whole = file.read_bytes()
    file.write_bytes(whole[:cut] + b"no data base" * 100 + whole[cut + 1200 :])
    with answer_cache.opened(file):
        assert all(same(answer_cache.get("test", f"{i}".encode()) or ANSWER, ANSWER) for i in range(200))
        answer_cache.put("test", b"q", ANSWER)


def test_an_unwritable_cache_is_no_error(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with answer_cache.opened(tmp_path / "file" / "answers.sqlite"):
        answer_cache.put("test", b"q", ANSWER)
        assert answer_cache.get("test", b"q") is None


@pytest.mark.slow
def test_two_processes_write_at_once(file):
    command = [sys.executable, "-c", WRITER, str(file)]
    both = [subprocess.Popen([*command, name]) for name in "ab"]
    assert [one.wait(60) for one in both] == [0, 0]
    with answer_cache.opened(file):
        held = sum(bool(answer_cache.get("test", f"{name} {i}".encode())) for name in "ab" for i in range(1200))
    assert held == 2400


def test_the_cache_drops_the_oldest_above_its_limit(file, monkeypatch):
    monkeypatch.setattr(answer_cache, "CAP", 20_000)
    for part in range(4):
        with answer_cache.opened(file):
            for i in range(40):
                answer_cache.put("test", f"{part} {i}".encode(), {"out": np.full(50, float(i))})
    with answer_cache.opened(file):
        assert answer_cache.get("test", b"3 39") is not None  # the newest stay
        assert answer_cache.get("test", b"0 0") is None
    assert file.stat().st_size < 60_000


@pytest.mark.slow
def test_verify_says_the_same_with_and_without(tmp_path, monkeypatch, capsys):
    """And without torch where every answer is known but those of cases drawn afresh."""
    monkeypatch.setenv("CONVCHECK_CACHE", str(tmp_path))
    outputs = []
    for more in ([], [], ["--no-cache"]):
        references.forget()
        assert cli.run(["verify", "--only", "pooling", "--seed", "5", *more]) == 0
        outputs.append([line[:60] for line in capsys.readouterr().out.splitlines()])
    assert outputs[0] == outputs[1] == outputs[2]
    assert answer_cache.default().exists()


@pytest.mark.slow
def test_the_slowest_are_listed(capsys):
    assert cli.run(["verify", "--only", "relu", "--slowest"]) == 0
    lines = capsys.readouterr().out.rstrip().splitlines()[-10:]
    seconds = [float(line.split()[0]) for line in lines]
    assert len(seconds) == 10 and seconds == sorted(seconds, reverse=True)
    assert all(line.split()[2].startswith("relu/") for line in lines)


def test_answers_are_read_while_another_process_works(file):
    """A run beside another one had none of its answers, and waited two seconds to learn it."""
    with answer_cache.opened(file):
        answer_cache.put("test", b"q", ANSWER)
    with answer_cache.opened(file):
        for i in range(3 * answer_cache.EVERY // 2):
            answer_cache.put("other", f"{i}".encode(), {"out": np.ones(2000)})
        with sqlite3.connect(file, timeout=0) as beside:
            assert beside.execute("SELECT COUNT(*) FROM answers").fetchone()[0] > answer_cache.EVERY
            beside.execute("CREATE TABLE IF NOT EXISTS mine (key BLOB)")
            beside.execute("INSERT INTO mine VALUES ('a')")
        assert same(answer_cache.get("test", b"q"), ANSWER)
        assert answer_cache.get("other", b"0") is not None
    with answer_cache.opened(file):
        assert answer_cache.get("other", f"{3 * answer_cache.EVERY // 2 - 1}".encode()) is not None
