"""A confined submission as a Subject: failures to load, the reason of each exit, the cost of a crash."""

import json
import os
import shutil
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from reference_tests.grading.sandbox import levels
from reference_tests.grading.sandbox import subject as confined
from reference_tests.grading.sandbox.forkserver import ForkServer
from reference_tests.grading.sandbox.subject import ConfinedSubject
from reference_tests.subject.protocol import Fault
from reference_tests.subject.source import LoadError

from .. import PROGRAM

NO_PROCESS = levels.missing("process")
pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(NO_PROCESS), reason=NO_PROCESS)]  # each starts processes
LEVEL = "process" if levels.missing("confined") else "confined"
RELU = (
    "import os, signal, sys, time, ctypes\nimport numpy as np\n\n\nclass Relu:\n    def forward(self, x):\n        {}\n"
)


@pytest.fixture
def submitted(server, tmp_path):
    """A function that opens a submission: a Relu with this line as its forward, or a whole file."""
    opened = []

    def submit(body, name="layers.py", **more):
        path = tmp_path / name
        if isinstance(body, bytes):
            path.write_bytes(body)
        else:
            path.write_text(body if "\n" in body else RELU.format(body))
        opened.append(ConfinedSubject(path, **{"isolation": LEVEL, "server": server, "timeout": 1.0} | more))
        return opened[-1]

    yield submit
    for subject in opened:
        subject.close()


def test_confined_subject_runs_a_program_like_any_subject(submitted):
    subject = submitted("return x * 2")
    assert subject.has("Relu") and not subject.has("Affine")
    assert subject.run(PROGRAM).results["out"].tolist() == [2.0, 2.0]
    assert (subject.target, subject.isolation, subject.restarts) == ("layers.py", LEVEL, 0)
    assert [Path(f).name for f in subject.files] == ["layers.py"]


@pytest.mark.parametrize("level", ["process", "confined", "bwrap"])
def test_large_product_needs_no_second_thread(submitted, level):
    """Where the library of NumPy's products wants a second thread and gets none, it ends the process (SIGINT)."""
    if why := levels.missing(level):
        pytest.skip(why)
    subject = submitted("return float((np.ones((600, 600)) @ np.ones((600, 600))).sum()) + 0 * x", isolation=level)
    trace = subject.run(PROGRAM)
    assert trace.stop is None and trace.results["out"].tolist() == [600.0**3] * 2


BORROWING = """
import sys
from common.functions import relu
from tqdm import tqdm
class Relu:
    def forward(self, x):
        return [relu(2 * x) for _ in tqdm(range(1))][0]
"""
STEALING = """
import sys
class Thief:
    wire = sys.modules["reference_tests.subject.wire"]
    wire.send(4, {"borrowed": ["im2col", "Relu"], "names": ["SimpleConvNet"]}, {})
    for text in wire.receive(3)[0]["texts"].values():
        exec(text, globals())
class Tanh: pass
"""


def test_submission_is_lent_functions_in_its_own_process(submitted):
    subject = submitted(BORROWING)
    assert {note.name for note in subject.notes if note.kind in ("lent", "stand-in")} == {"relu", "tqdm"}
    assert subject.run(PROGRAM).results["out"].tolist() == [2.0, 2.0]


def test_submission_that_asks_for_right_components_itself_gets_no_points_for_them(submitted):
    subject = submitted(STEALING)
    assert {"im2col", "Relu", "Tanh"} <= subject.names and subject.lent == {"im2col", "Relu"}
    assert [subject.has(name) for name in ("im2col", "Relu", "Tanh")] == [False, False, True]


def test_folder_and_notebook_are_loaded(submitted, server, tmp_path):
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "impl").mkdir()  # the submission's own, not convcheck's
    (tmp_path / "theirs" / "impl" / "layers.py").write_text(RELU.format("return x * 3"))
    for place in ("theirs", "theirs/impl"):
        with ConfinedSubject(tmp_path / place, isolation=LEVEL, server=server) as subject:
            assert subject.run(PROGRAM).results["out"].tolist() == [3.0, 3.0]
            assert not subject.has("Affine")
    notebook = {"cells": [{"cell_type": "code", "source": RELU.format("return x")}]}
    assert submitted(json.dumps(notebook).encode(), "note.ipynb").run(PROGRAM).results["out"].tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    "body, sentence",
    [
        ("caf\xe9 = 1\n".encode("latin-1"), "not UTF-8"),
        ("x = 1\n", "none of the names"),
        ("import os\nclass Relu:\n    os._exit(0)\n", "ends its process while it is loaded (status 0)"),
        ("import os\nclass Relu:\n    os.kill(os.getpid(), 11)\n", "ends its process while it is loaded (SIGSEGV)"),
        ("class Relu:\n    while True:\n        pass\n", "takes more than 1 s to load"),
        ("class Relu:\n    a = bytearray(1 << 32)\n", "none of layers.py's names could be loaded"),
        ("(" * 5000 + ")" * 5000 + "\n", "SyntaxError"),
    ],
    ids=["latin-1", "names", "exit", "segfault", "hangs", "memory", "nested"],
)
def test_load_failure_is_reported_in_one_line(submitted, body, sentence):
    with pytest.raises(LoadError) as error:
        submitted(body)
    assert sentence in str(error.value) and "\n" not in str(error.value).strip()


def test_link_or_missing_file_raises_load_error(server, tmp_path):
    (tmp_path / "link.py").symlink_to("/etc/passwd")
    with pytest.raises(LoadError, match="symbolic link"):
        ConfinedSubject(tmp_path / "link.py", isolation=LEVEL, server=server)
    with pytest.raises(LoadError, match=r"there is no nothing\.py"):
        ConfinedSubject(tmp_path / "nothing.py", isolation=LEVEL, server=server)


@pytest.mark.skipif(LEVEL != "confined", reason="only Landlock stops it")
def test_link_inside_a_folder_cannot_be_read(server, tmp_path):
    (tmp_path / "secret.py").write_text("class Affine:\n    pass\n")
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "layers.py").write_text(RELU.format("return x"))
    (tmp_path / "theirs" / "more.py").symlink_to(tmp_path / "secret.py")
    with ConfinedSubject(tmp_path / "theirs", server=server) as subject:
        assert subject.has("Relu") and not subject.has("Affine")


@pytest.mark.parametrize(
    "body, reason, text",
    [
        ("ctypes.string_at(0)", "signal", "SIGSEGV"),
        ("os.abort()", "signal", "SIGABRT"),
        ("os._exit(3)", "exit", "status 3"),
        ("os._exit(0)", "exit", "status 0"),
        ("sys.exit(0)", "exit", "SystemExit: 0"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "memory", "killed by the system, as it does when memory runs out"),
        ("return np.ones(1 << 30)", "memory", ""),
        ("os.closerange(3, 9)", "exit", "status 70"),
    ],
)
def test_each_exit_reports_reason_and_step(submitted, body, reason, text):
    subject = submitted(body)
    stop = subject.run(PROGRAM).stop
    assert (stop.reason, stop.step) == (reason, "layer.forward")
    assert stop.text.startswith(text)


def test_crash_costs_its_check_only(submitted):
    subject = submitted("return x if x[0] else ctypes.string_at(0)")
    crash = replace(PROGRAM, given={"x": np.zeros(2)})
    stops = [subject.run(program).stop for program in (PROGRAM, crash, PROGRAM, crash, PROGRAM)]
    assert [stop and stop.reason for stop in stops] == [None, "signal", None, "signal", None]
    assert subject.restarts == 2


def test_restarts_are_limited(submitted):
    subject = submitted("os._exit(5)", restarts=2)
    texts = [subject.run(PROGRAM).stop.text for _ in range(4)]
    assert texts == [*["status 5"] * 3, "status 5; not started again after 2 times"]


def test_submission_timeout_ends_all_programs(submitted):
    subject = submitted("time.sleep(0.4)", submission_timeout=1.0)
    stops = [subject.run(PROGRAM).stop for _ in range(6)]
    assert stops[0] is None
    assert stops[-1].reason == "timeout" and "1 s for the whole submission" in stops[-1].text


def test_oversized_answer_comes_as_type_and_shape(submitted):
    subject = submitted("return np.ones(1 << 20)")
    assert subject.run(PROGRAM).results["out"].shape == (1 << 20,)
    subject.max_bytes = 1 << 20
    trace = subject.run(PROGRAM)
    assert trace.stop is None
    assert str(trace.results["out"]) == "float64 array of shape (1048576,)"


def test_maps_rename_a_layer(server, tmp_path):
    (tmp_path / "layers.py").write_text(RELU.format("return x").replace("class Relu", "class Rectifier"))
    with ConfinedSubject(tmp_path / "layers.py", isolation=LEVEL, server=server, maps={"Relu": "Rectifier"}) as subject:
        assert subject.has("Relu")


def test_close_ends_the_process_and_its_pipes(server, submitted):
    subject = submitted("return x")
    subject.close()
    subject.close()
    mine = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children")
    if mine.exists():
        assert mine.read_text().split() == []
    for fd in (subject.write_fd, subject.read_fd):
        with pytest.raises(OSError):
            os.fstat(fd)


def test_killed_server_is_started_again(submitted, tmp_path):
    (tmp_path / "layers.py").write_text(RELU.format("return x"))
    with ForkServer() as server:
        for _ in range(2):
            with ConfinedSubject(tmp_path / "layers.py", isolation=LEVEL, server=server) as subject:
                assert subject.run(PROGRAM).stop is None
            server.process.kill()
            server.process.wait()


def test_threads_share_a_server(server, tmp_path):
    (tmp_path / "layers.py").write_text(RELU.format("return x"))

    def work(_):
        with ConfinedSubject(tmp_path / "layers.py", isolation=LEVEL, server=server) as subject:
            return subject.run(PROGRAM).results["out"].tolist()

    with ThreadPoolExecutor(3) as pool:
        assert [*pool.map(work, range(15))] == [[1.0, 1.0]] * 15


def test_server_that_does_not_start_raises_fault():
    with pytest.raises(Fault, match="not there"):
        ForkServer(["false"]).start()


@pytest.mark.skipif(LEVEL != "confined", reason="nothing is confined here")
def test_process_that_cannot_be_confined_raises_fault(submitted, monkeypatch):
    monkeypatch.setattr(confined.ConfinedSubject, "readable", lambda self: ["/nowhere"])
    with pytest.raises(Fault, match="does not start: FileNotFoundError"):
        submitted("return x")


def test_unknown_or_missing_level_is_refused(monkeypatch):
    with pytest.raises(ValueError, match="one of none, process, confined, bwrap"):
        levels.require("docker")
    monkeypatch.setattr(levels, "missing", lambda level: "no user" if level == "bwrap" else "")
    with pytest.raises(levels.Unavailable, match="no user"):
        ConfinedSubject("x.py", isolation="bwrap")


def test_bwrap_level_is_there_if_bubblewrap_works():
    """Otherwise all tests at that level are skipped, for instance when the server needs a file that is not bound."""
    works = shutil.which("bwrap") and subprocess.run(["bwrap", "--unshare-all", "--ro-bind", "/", "/", "true"])
    if not works or works.returncode:
        pytest.skip("bubblewrap does not work on this machine")
    assert levels.missing("bwrap") == levels.missing("confined")


def test_missing_bubblewrap_is_reported(monkeypatch):
    monkeypatch.setattr(levels, "find_bwrap", lambda: "")
    assert any("apt-get install bubblewrap" in how for how in levels.how_to_get(levels.try_bwrap()))
    monkeypatch.setattr(levels, "command_prefix", lambda level: ["false"])
    monkeypatch.setattr(levels, "find_bwrap", lambda: "/bin/false")
    assert "is not there" in levels.try_bwrap()


def test_submission_has_a_session_of_its_own(submitted):
    """Ctrl-C on the terminal reaches the grader only."""
    subject = submitted("raise ValueError(os.getsid(0) == os.getpid())" if LEVEL == "process" else "return x")
    assert os.getsid(0) != os.getsid(subject.pid)
    assert signal.getsignal(signal.SIGINT) is not signal.SIG_IGN


def test_random_numbers_of_a_submission_are_alike_in_every_run(tmp_path):
    """Marks would move with the mask of a wrong Dropout: both global generators begin alike in every process."""
    (tmp_path / "layers.py").write_text(RELU.format("import random; return x * np.random.rand() + random.random()"))
    drawn = []
    for _ in range(2):
        with (
            ForkServer() as server,
            ConfinedSubject(tmp_path / "layers.py", isolation=LEVEL, server=server) as subject,
        ):
            drawn.append(subject.run(PROGRAM).results["out"].tolist())
    assert drawn[0] == drawn[1]


def test_random_numbers_of_a_program_do_not_depend_on_those_before_it(submitted):
    """Under another seed of the class the programs come in another order; what is drawn in each stays."""
    subject = submitted("import random; return x * np.random.rand() + random.random()")
    first, second = (subject.run(PROGRAM).results["out"].tolist() for _ in range(2))
    assert first == second
