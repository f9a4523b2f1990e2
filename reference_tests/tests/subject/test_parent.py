"""The worker: the same answers as in our process, and whatever happens to it costs one program."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from textwrap import dedent

import numpy as np
import pytest

from reference_tests.subject import parent as worker
from reference_tests.subject.load import load
from reference_tests.subject.parent import RemoteSubject
from reference_tests.subject.protocol import Plan
from reference_tests.subject.source import LoadError

EXAMPLES = Path(__file__).parents[2] / "corpus" / "examples"
ROOT = Path(__file__).parents[3]
X = np.array([[-1.0, 2.0, 3.0]], "f4")
NASTY = """
    import ctypes, os, signal, subprocess, sys, threading, time
    import numpy as np

    class Relu:
        def forward(self, x):
            return x
        def loop(self, x):
            while True: pass
        def stubborn(self, x):
            while True:
                try:
                    time.sleep(10)
                except BaseException:
                    pass
        def deaf(self, x):
            signal.signal(signal.SIGALRM, signal.SIG_IGN)
            signal.setitimer(signal.ITIMER_REAL, 0)
            while True: pass
        def crash(self, x):
            ctypes.string_at(0)
        def exit0(self, x):
            os._exit(0)
        def exit3(self, x):
            sys.exit(3)
        def greedy(self, x):
            return np.ones(1 << 50)
        def wide(self, x):
            return np.broadcast_to(np.float64(1), (1 << 15, 1 << 16))
        def recursion(self, x):
            return self.recursion(x)
        def garbage(self, x):
            for fd in range(3, 64):
                try: os.write(fd, b"garbage" * 9)
                except OSError: pass
            return x
        def forged(self, x):
            from reference_tests.subject import wire
            for fd in range(3, 64):
                try: wire.send(fd, {"stop": None}, {"i.no": x})
                except OSError: pass
            return x
        def closes(self, x):
            os.closerange(0, 64)
            while True: time.sleep(1)
        def writes(self, x):
            x[...] = 0
            print("a line for nobody", file=sys.stderr)
            os.write(1, b"another")
            return x
        def flattens(self, x):
            x.shape = (-1,)
            return x
        def retypes(self, x):
            x.dtype = "i2"
            return x
        def child(self, x):
            return np.array(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]).pid)
        def half(self, x):
            return x.astype("f2")
        def words(self, x):
            return "four words of text"
        def tuple(self, x):
            return x, "and more"
        def modules(self, x):
            return np.array(len({"torch", "scipy", "impl", "hypothesis", "pytest"} & set(sys.modules)))
        def where(self, x):
            return np.array(os.path.samefile(os.getcwd(), os.path.dirname(__file__)))
"""


def plan(method: str) -> Plan:
    program = [["make", "it", "Relu", []], ["call", "before", "it.forward", ["x"]]]
    return Plan([*program, ["call", "out", f"it.{method}", ["x"]]], {"x": X}, {})


@pytest.fixture(scope="module", autouse=True)
def impatient():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worker, "GRACE", 0.4)
        yield


@pytest.fixture(scope="module")
def nasty(tmp_path_factory):
    path = tmp_path_factory.mktemp("worker") / "layers.py"
    path.write_text(dedent(NASTY))
    with RemoteSubject(str(path), seconds=0.3) as remote:
        yield remote


def gone(pid: int) -> bool:
    """True as soon as the process has ended; waits a little."""
    for _ in range(100):
        try:
            os.kill(pid, 0)
            if Path(f"/proc/{pid}/stat").exists() and Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z":
                return True
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "method", "layout"),
    [("Relu", "forward", "C"), ("Tanh", "forward", "F"), ("Dropout", "forward", "reversed")],
)
def test_remote_subject_answers_like_the_local_one(name, method, layout):
    x = np.random.default_rng(0).standard_normal((2, 3, 4))
    program = [["make", "it", name, []], ["call", "out", f"it.{method}", ["x"]], ["call", "dx", "it.backward", ["d"]]]
    asked = Plan(program, {"x": x, "d": x + 1}, {"out": None, "dx": None}, layout)
    here = load(str(EXAMPLES / "one_file.py"))
    with RemoteSubject(str(EXAMPLES / "one_file.py")) as there:
        assert all(getattr(here, a) == getattr(there, a) for a in ("target", "path", "skipped", "files", "near"))
        assert all(here.has(n) == there.has(n) for n in ("Relu", "LRN", "Dropout", "net"))
        one, other = here.run(asked), there.run(asked)
    assert one.stop == other.stop
    for part in ("results", "left", "inputs"):
        mine, theirs = getattr(one, part), getattr(other, part)
        assert mine.keys() == theirs.keys()
        assert all(np.array_equal(mine[k], theirs[k]) and mine[k].dtype == theirs[k].dtype for k in mine)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "reason", "text"),
    [
        ("loop", "timeout", "0.3 s"),
        ("stubborn", "timeout", "3 s by the clock"),
        ("deaf", "timeout", "0.3 s"),
        ("crash", "signal", "SIGSEGV"),
        ("exit0", "exit", "status 0"),
        ("exit3", "exit", "SystemExit: 3"),
        ("greedy", "memory", "Unable to allocate"),
        ("wide", "memory", "a result of shape (32768, 65536), 17.2 GB"),
        ("recursion", "exception", "RecursionError"),
        ("garbage", "exit", "what came back cannot be read"),
        ("forged", "exit", "what came back cannot be read: not an answer"),
        ("closes", "exit", ""),  # it may still end by itself
    ],
)
def test_crash_costs_one_program_and_reports_reason_and_step(method, reason, text, nasty):
    trace = nasty.run(plan(method))
    assert trace.stop is not None
    assert (trace.stop.reason, trace.stop.step) == (reason, f"it.{method}")
    assert text in trace.stop.text
    again = nasty.run(plan("forward"))
    assert again.stop is None and np.array_equal(again.results["out"], X)


def test_writes_come_back_and_prints_are_discarded(nasty, capfd):
    trace = nasty.run(plan("writes"))
    assert not trace.inputs["x"].any() and not trace.left["before"].any()
    assert np.array_equal(trace.results["before"], X)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("method", "says"),
    [("words", "'four words of text'"), ("tuple", "tuple (array([[-1.,  2.,  3.]], dtype=float32), 'and more')")],
)
def test_result_without_numbers_comes_back_as_text(method, says, nasty):
    assert str(nasty.run(plan(method)).results["out"]) == says


@pytest.mark.parametrize("method, shape, kind", [("flattens", (3,), "f4"), ("retypes", (1, 6), "i2")])
def test_an_input_comes_back_in_the_shape_and_type_that_it_was_given(method, shape, kind, nasty):
    trace = nasty.run(plan(method))
    assert trace.stop is None
    assert trace.inputs["x"].shape == shape and trace.inputs["x"].dtype == kind


def test_half_precision_is_preserved(nasty):
    assert nasty.run(plan("half")).results["out"].dtype == np.float16


def test_child_has_no_framework_and_runs_in_the_targets_folder(nasty):
    assert nasty.run(plan("modules")).results["out"] == 0
    assert nasty.run(plan("where")).results["out"]


@pytest.mark.slow
def test_close_kills_grandchildren(nasty):
    pid = int(nasty.run(plan("child")).results["out"])
    nasty.close()
    assert gone(pid)


@pytest.mark.slow
def test_missing_result_is_absent(tmp_path):
    (tmp_path / "layers.py").write_text("def im2col(x): return {'W1': x}")
    asked = Plan([["call", "g", "im2col", ["x"]]], {"x": X}, {"g.W1": None, "g.b1": None})
    with RemoteSubject(str(tmp_path / "layers.py")) as there:
        for subject in (there, load(str(tmp_path / "layers.py"))):
            stop = subject.run(asked).stop
            assert (stop.reason, stop.step) == ("absent", "g.b1")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("class Relu:\n    while True: pass", "takes more than 0.3 s to load"),
        ("import signal\nclass Relu:\n    signal.setitimer(0, 0)\n    while True: pass", "more than 0.3 s to load"),
        ("class Relu:\n    import os\n    os._exit(0)", "ends its process while it is loaded (status 0)"),
        ("class Relu:\n    import ctypes\n    ctypes.string_at(0)", "ends its process while it is loaded (SIGSEGV)"),
        ("x = (", "layers.py, line 1: SyntaxError"),
    ],
)
def test_failure_while_loading_is_reported(code, says, tmp_path):
    (tmp_path / "layers.py").write_text(code)
    with pytest.raises(LoadError) as caught:
        RemoteSubject(str(tmp_path / "layers.py"), loading=0.3)
    assert says in str(caught.value)


@pytest.mark.slow
def test_restart_keeps_folder_and_maps(tmp_path, monkeypatch):
    (tmp_path / "mine.py").write_text("class Conv:\n    pass\ndef im2col(x): return x + 1")
    (tmp_path / "impl.py").write_text("raise RuntimeError('not this one')")
    monkeypatch.chdir(tmp_path)
    with RemoteSubject("mine", {"Relu": "Conv"}) as remote:
        monkeypatch.chdir("/")
        remote.close()  # it starts again where it was
        trace = remote.run(Plan([["call", "out", "im2col", ["x"]]], {"x": X}, {}))
        assert np.array_equal(trace.results["out"], X + 1) and remote.has("Relu")
    monkeypatch.chdir(tmp_path)
    with RemoteSubject("impl") as ours:
        assert Path(ours.path).parent == ROOT / "impl"


@pytest.mark.slow
def test_ctrl_c_kills_the_child(tmp_path):
    (tmp_path / "layers.py").write_text(dedent(NASTY))
    code = f"""
        import sys
        sys.path.insert(0, {str(ROOT)!r})
        import numpy as np
        from reference_tests.subject.parent import RemoteSubject
        from reference_tests.subject.protocol import Plan
        remote = RemoteSubject("layers.py", seconds=60)
        print(remote.child.pid, flush=True)
        remote.run(Plan([["make", "it", "Relu", []], ["call", "out", "it.loop", ["x"]]], {{"x": np.ones(3)}}, {{}}))
    """
    command, pipe = [sys.executable, "-c", dedent(code)], subprocess.PIPE
    parent = subprocess.Popen(command, cwd=tmp_path, stdout=pipe, stderr=pipe, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    time.sleep(0.1)
    parent.send_signal(signal.SIGINT)
    _, errors = parent.communicate(timeout=10)
    assert gone(child) and "KeyboardInterrupt" in errors


COUNTING = """
import os
import numpy as np
calls = []
class Relu:
    def forward(self, x):
        calls.append(x)
        if x.sum() < 0:
            os._exit(3)
        return x + len(calls)
"""


def test_apart_every_program_is_the_first(tmp_path):
    (tmp_path / "mine.py").write_text(COUNTING)

    def ask(subject, number):
        program = [["make", "layer", "Relu", []], ["call", "out", "layer.forward", ["x"]]]
        return subject.run(Plan(program, {"x": np.array([number])}, {}))

    with RemoteSubject(str(tmp_path / "mine.py")) as subject:
        assert [int(ask(subject, 0.0).results["out"][0]) for _ in range(2)] == [1, 2]
        alone = subject.apart()
        assert subject.apart() is alone
        assert [int(ask(alone, 0.0).results["out"][0]) for _ in range(2)] == [1, 1]
        assert ask(alone, -1.0).stop.reason == "exit"
        assert int(ask(alone, 0.0).results["out"][0]) == 1
        alone.forks, alone.forgets = False, True  # as where there are no forks
        assert [int(ask(alone, 0.0).results["out"][0]) for _ in range(2)] == [1, 1]
