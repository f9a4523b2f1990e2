"""A process that is stopped, or a machine that stands still, costs nobody any time: here processes are stopped."""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent

import numpy as np
import pytest

from reference_tests.grading.sandbox import levels
from reference_tests.grading.sandbox.subject import ConfinedSubject
from reference_tests.subject import parent
from reference_tests.subject.parent import RemoteSubject
from reference_tests.subject.protocol import Plan
from reference_tests.subject.timing.alarms import WALL
from reference_tests.subject.timing.stopwatch import Stopwatch
from reference_tests.subject.timing.usage import Usage

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="no process can be stopped here")
needs_proc = pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="the system does not tell what is stopped")
LEVEL = "process" if levels.missing("confined") else "confined"
PROGRAM = Plan([["make", "it", "Relu", []], ["call", "out", "it.forward", ["x"]]], {"x": np.ones(2)}, {})
WAITING = {  # in a process of its own that waits for 0.3 s, of the 0.6 s that it may
    "alarm": """
        from reference_tests.subject.timing.alarms import limit_time
        with limit_time(5.0, wall=0.6):
            print("waits", flush=True)
            for _ in range(30):
                time.sleep(0.01)
        """,
    "stopwatch": """
        from reference_tests.subject.timing.stopwatch import Stopwatch
        from reference_tests.subject.timing.usage import Usage
        watch = Stopwatch(grace=0.0, whole=0.6)
        watch.new_process(Usage)
        until = watch.begin(0.06)
        print("waits", flush=True)
        end = 0.3
        while end > 0:
            time.sleep(0.01)
            end -= 0.01
            if time.monotonic() > until:
                until = watch.look()
        """,
    "frame": """
        import os
        from reference_tests.subject import wire
        (read, write), (_, to) = os.pipe(), os.pipe()
        channel = wire.Channel(read, to)
        print("waits", flush=True)
        threading.Timer(0.3, wire.send, [write, {}, {}]).start()
        channel.receive_awake(0.6)
        """,
}
READ_SLOWLY = """
    import time

    class ReLU:
        def forward(self, inputs):
            time.sleep(0.1)
            self.on = inputs > 0
            return inputs * self.on

        def backward(self, grad):
            return grad * self.on
"""


def stop_for(pid, seconds):
    """Stop a process for so many seconds."""
    os.kill(pid, signal.SIGSTOP)
    time.sleep(seconds)
    os.kill(pid, signal.SIGCONT)


@contextmanager
def stopped_soon(pid, seconds, after=0.15):
    """Stop a process for so many seconds while the block runs."""
    timer = threading.Timer(after, stop_for, [pid, seconds])
    timer.start()
    yield
    timer.join()


@pytest.mark.slow
@pytest.mark.parametrize("what", WAITING)
def test_no_limit_passes_while_the_process_that_counts_is_stopped(what):
    code = "import threading, time\n" + dedent(WAITING[what])
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.readline()
        stop_for(process.pid, 1.5)
        assert process.wait(30) == 0, process.stderr.read().decode()


@needs_proc
@pytest.mark.slow
def test_a_program_that_is_stopped_has_its_time_when_it_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr(parent, "GRACE", 0.0)
    (tmp_path / "layers.py").write_text(dedent(READ_SLOWLY).replace("ReLU", "Relu").replace("0.1", "0.5"))
    with RemoteSubject(str(tmp_path / "layers.py"), seconds=0.1) as subject, stopped_soon(subject.child.pid, 1.5):
        assert subject.run(PROGRAM).stop is None and subject.starts == 1


@needs_proc
@pytest.mark.slow
@pytest.mark.skipif(bool(levels.missing("process")), reason="no process of its own here")
def test_a_layer_is_read_though_its_process_is_stopped_meanwhile(tmp_path, monkeypatch):
    (tmp_path / "layers.py").write_text(dedent(READ_SLOWLY))
    start = ConfinedSubject.confine

    def confine_and_stop(subject):
        start(subject)
        threading.Timer(0.15, stop_for, [subject.pid, 1.5]).start()

    monkeypatch.setattr(ConfinedSubject, "confine", confine_and_stop)
    before = time.monotonic()
    with ConfinedSubject(tmp_path / "layers.py", isolation=LEVEL, timeout=0.2) as subject:
        assert subject.has("Relu") and not subject.cut_short
    assert time.monotonic() - before > 1.5  # it was stopped while it was read


def test_a_process_that_stays_stopped_has_an_end(monkeypatch):
    watch = Stopwatch(grace=0.0)
    watch.new_process(lambda: Usage(stopped=True))
    watch.begin(0.01)
    start = time.monotonic()
    with pytest.raises(TimeoutError, match="by the clock"):
        while time.monotonic() - start < 5:
            watch.look()
            time.sleep(0.01)
    assert time.monotonic() - start > 2 * 0.01 * WALL - 0.05


@needs_proc
def test_the_system_tells_which_process_is_stopped():
    from reference_tests.subject.timing.usage import measure

    process = subprocess.Popen(["sleep", "9"])
    try:
        assert not measure(process.pid, False).stopped
        os.kill(process.pid, signal.SIGSTOP)
        while Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0] != "T":
            time.sleep(0.01)
        assert measure(process.pid, False).stopped
    finally:
        process.kill()
        process.wait()
