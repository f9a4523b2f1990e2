"""A framework's process: a crash costs one answer, so does a hang; only the adapter file is needed."""

import shutil
import sys
from pathlib import Path

import pytest

from reference_tests.frameworks.parent import ask
from reference_tests.frameworks.questions import QUESTIONS
from reference_tests.frameworks.registry import FRAMEWORKS, PROBES, Framework
from reference_tests.frameworks.runner import measure, requests_for

from .fakes import fake, requests

pytestmark = pytest.mark.slow  # each starts frameworks


SIGNALS = "SIGFPE", "SIGSEGV", "SIGABRT"
ENDS: list[tuple[str, dict]] = [(f"os.kill(os.getpid(), signal.{name})", {"killed": name}) for name in SIGNALS]
ENDS += [("os._exit(3)", {"killed": "exit code 3"}), ("time.sleep(60)", {"timeout": 2.0})]


@pytest.mark.parametrize("body, end", ENDS, ids=lambda value: value if isinstance(value, str) else "")
def test_crash_or_hang_costs_one_answer(tmp_path, body, end):
    framework = fake(tmp_path, f"def S01(): return 1\ndef S03(): {body}\ndef S04(): return 4")
    about, answers = ask(framework, requests("S01", "S03", "S04"), limit=2.0)
    assert about["about"]["version"] == "1.0"
    assert (answers["S01"]["value"], answers["S04"]["value"]) == (1, 4)
    assert end.items() <= answers["S03"].items()


def test_crash_at_import_ends_the_framework(tmp_path):
    about, answers = ask(fake(tmp_path, "os.kill(os.getpid(), signal.SIGFPE)"), requests("S01", "S03"))
    assert about["ended"]["killed"] == "SIGFPE"
    assert [a["killed"] for a in answers.values()] == ["SIGFPE", "SIGFPE"]


def test_framework_not_installed_is_missing(tmp_path):
    about, answers = ask(fake(tmp_path, "import there_is_no_such_framework"), requests("S01"))
    assert "there_is_no_such_framework" in about["missing"] and answers == {}


def test_printed_text_is_no_answer(tmp_path):
    probe = "def S01():\n    print('{\"id\": \"S01\"}'); os.write(1, b'noise\\n'); return 1"
    _, answers = ask(fake(tmp_path, probe), requests("S01"))
    assert answers["S01"]["value"] == 1


def test_exception_is_a_refusal_but_a_mistake_of_ours_is_a_fault(tmp_path):
    probes = "def S01(): raise ValueError('no\\n  way')\ndef S03(): return undefined\n"
    _, answers = ask(fake(tmp_path, probes), requests("S01", "S02", "S03", "S04"))
    assert answers["S01"]["refused"] == "ValueError" and answers["S01"]["message"] == "no way"
    assert answers["S02"]["absent"] == "not here"
    assert answers["S03"]["fault"].startswith("NameError")
    assert answers["S04"]["absent"] == "no probe"


def test_row_goes_before_reason_and_reason_before_default_call(tmp_path):
    adapter = fake(tmp_path, "def conv(): return 'default'\nPROBES = {'S01': lambda: 'row'}\n")
    questions = [{"id": id, "call": "conv", "inputs": {}} for id in ("S01", "S02", "S03")]
    _, answers = ask(adapter, questions)
    assert answers["S01"]["value"] == "row"
    assert answers["S02"]["absent"] == "not here"
    assert answers["S03"]["value"] == "default"


def test_mistake_of_a_learner_is_a_refusal(tmp_path):
    _, answers = ask(fake(tmp_path, "def S01(): return undefined\n", name="target"), requests("S01"))
    assert answers["S01"]["refused"] == "NameError"


def test_answer_that_varies_is_marked_unstable(tmp_path):
    framework = fake(tmp_path, "def S01(): return time.time()\ndef S03(): return 3")
    answers = measure(framework, requests("S01", "S03"), keep=False)["answers"]
    assert answers["S01"]["unstable"] and not answers["S03"]["unstable"]


def test_interpreter_needs_nothing_but_the_adapter_file(tmp_path, monkeypatch):
    """Alone in a folder, run by a Python that sees neither the current folder nor PYTHONPATH."""
    shutil.copy(PROBES / "scipy_probe.py", tmp_path)
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I "$@"\n')
    python.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    framework = Framework("scipy", "scipy", folder=tmp_path)
    about, answers = ask(framework, requests_for([q for q in QUESTIONS if q.id in ("S17", "C01")]), str(python))
    assert about["about"]["version"]
    assert answers["S17"]["value"]["shape"] == [7, 7] and answers["C01"]["value"]["data"] == [123.0]


def test_files_of_the_current_folder_are_not_imported(tmp_path, monkeypatch):
    for name in ("json", "numpy", "scipy", "impl"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('the wrong one')")
    monkeypatch.chdir(tmp_path)
    for name in ("scipy", "impl"):
        about, answers = ask(FRAMEWORKS[name], requests_for([q for q in QUESTIONS if q.id == "C01"]))
        assert "about" in about and "value" in answers["C01"]


@pytest.mark.skipif(Path("/proc/driver/nvidia/version").exists(), reason="there is a CUDA device")
@pytest.mark.parametrize("name", ["torch@cuda", "jax@cuda"])
def test_device_not_there_is_missing(name):
    pytest.importorskip(FRAMEWORKS[name].packages[0])
    about, answers = ask(FRAMEWORKS[name], requests_for(QUESTIONS[:1]))
    assert "CUDA" in about["missing"] and answers == {}
