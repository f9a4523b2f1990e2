"""A submission's own time counts, and no busy machine takes it away; what sleeps or waits is ended by the clock."""

import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import replace

import pytest

from reference_tests.grading.executor import Local, processors
from reference_tests.grading.sandbox import levels
from reference_tests.grading.sandbox.subject import ConfinedSubject
from reference_tests.grading.submissions.find import find
from reference_tests.subject.parent import RemoteSubject
from reference_tests.subject.source import LoadError
from reference_tests.subject.timing.alarms import WALL, OutOfTime, limit_time
from reference_tests.subject.timing.stopwatch import Stopwatch
from reference_tests.subject.timing.usage import Usage

from .. import PROGRAM, RIGHT, run_settings, write_files

NO_PROCESS = levels.missing("process")
needs_processes = pytest.mark.skipif(bool(NO_PROCESS), reason=NO_PROCESS)
LEVEL = "process" if levels.missing("confined") else "confined"
HEAD = "import os, signal, time\n\n\ndef burn(seconds):\n    until = time.process_time() + seconds\n"
HEAD += "    while time.process_time() < until:\n        pass\n\n\nclass Relu:\n    def forward(self, x):\n        "
BUSY = 6


@contextmanager
def busy_machine(count=BUSY):
    """Keep so many processes computing beside the block, each in a session of its own.

    Where the system shares out processors by session, all in one would be one competitor.
    """
    code = "import os\nparent = os.getppid()\nwhile os.getppid() == parent:\n    sum(range(100_000))"
    running = [subprocess.Popen([sys.executable, "-c", code], start_new_session=True) for _ in range(count)]
    try:
        yield
    finally:
        for one in running:
            one.kill()
            one.wait()


@pytest.fixture
def submitted(server, tmp_path):
    """A function that opens a submission whose forward is this line."""
    opened = []

    def submit(line, **more):
        (tmp_path / "layers.py").write_text(HEAD + line + "\n")
        how = {"isolation": LEVEL, "server": server, "timeout": 0.3} | more
        opened.append(ConfinedSubject(tmp_path / "layers.py", **how))
        return opened[-1]

    yield submit
    for subject in opened:
        subject.close()


# --- the stopwatch alone: usage comes as the system would tell it


def wait(watch, seconds, step=0.002, most=0.8):
    """Look until time is over, for `most` seconds of the clock. Return how long that was allowed, and why."""
    start, _ = time.monotonic(), watch.begin(seconds)
    while True:
        try:
            watch.look()
        except TimeoutError as over:
            return time.monotonic() - start, str(over)
        if time.monotonic() - start > most:
            return None
        time.sleep(step)


def test_a_process_that_waits_for_a_processor_has_time():
    start = time.monotonic()
    watch = Stopwatch(grace=0.0, whole=0.3)
    watch.new_process(lambda: Usage(0.01, time.monotonic() - start - 0.01))
    assert wait(watch, 1.0, most=0.4) is None and not watch.over


def test_processor_time_ends_a_program_however_fast_it_is_used():
    start = time.monotonic()
    watch = Stopwatch(grace=0.0, whole=9.0)
    watch.new_process(lambda: Usage(8 * (time.monotonic() - start), 0.0))  # eight processes
    passed, why = wait(watch, 0.8)
    assert why == "0.8 s" and passed < 0.5


def test_the_clock_ends_a_program_that_uses_no_processor():
    watch = Stopwatch(grace=0.0, whole=90.0)
    watch.new_process(Usage)
    passed, why = wait(watch, 0.02)
    assert why == f"{0.02 * WALL:g} s by the clock" and passed >= 0.02 * WALL


def test_sleeping_counts_for_the_whole_submission_over_all_its_processes():
    watch = Stopwatch(grace=0.0, whole=0.2)
    for _ in range(2):
        watch.new_process(lambda: Usage(0.0, 0.0))
        watch.begin(9.0)
        time.sleep(0.08)
        watch.look()
        watch.end()
    assert not watch.over
    watch.new_process(lambda: Usage(0.0, 0.0))
    assert wait(watch, 9.0)[1] == "the 0.2 s for the whole submission" and watch.over


def test_a_system_that_tells_nothing_has_the_clock():
    watch = Stopwatch(grace=0.0, whole=0.02)
    watch.new_process(Usage)
    assert wait(watch, 9.0)[1] == "0.2 s by the clock for the whole submission"


# --- alarms inside the process


def test_alarm_of_processor_time_does_not_ring_in_sleep():
    with limit_time(0.02, wall=5.0):
        time.sleep(0.1)
    with pytest.raises(OutOfTime), limit_time(0.02, wall=5.0):
        while True:
            pass


def test_alarm_by_the_clock_rings_in_sleep_and_outer_alarms_go_on():
    with pytest.raises(OutOfTime), limit_time(5.0, wall=0.02):
        time.sleep(5)
    with pytest.raises(OutOfTime), limit_time(0.05, wall=5.0):
        with limit_time(1.0, wall=1.0):
            pass
        while True:
            pass


# --- a real process


@needs_processes
@pytest.mark.slow
@pytest.mark.nightly  # by the clock: beside another test of -n 2 it may fail once in some runs
@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("time.sleep(9)", "1 s by the clock"),
        (
            "signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM, signal.SIGPROF}); time.sleep(9)",
            "1 s by the clock",
        ),
        ("burn(9)", "0.1 s"),
        ("r, w = os.pipe() if hasattr(os, 'never') else (3, 4); os.read(r, 1)", "1 s by the clock"),
    ],
)
def test_sleeping_blocking_and_endless_code_is_ended(submitted, line, text):
    subject = submitted(line, timeout=0.1)
    stop = subject.run(PROGRAM).stop
    assert (stop.reason, stop.step, stop.text) == ("timeout", "layer.forward", text)


@needs_processes
@pytest.mark.slow
@pytest.mark.nightly  # by the clock: beside another test of -n 2 it may fail once in some runs
def test_endless_code_that_blocks_its_alarms_is_ended_by_its_processor_time(submitted):
    subject = submitted("signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGPROF}); burn(9)", timeout=0.4)
    assert (subject.run(PROGRAM).stop.reason, subject.watch.over) == ("timeout", False)
    assert subject.watch.own < 3


@needs_processes
@pytest.mark.slow
@pytest.mark.nightly  # by the clock: beside another test of -n 2 it may fail once in some runs
def test_program_may_have_a_time_of_its_own(submitted):
    subject = submitted("burn(0.4); return x", timeout=0.2)
    more, less = replace(PROGRAM, seconds=2.0), replace(PROGRAM, seconds=0.1)
    stops = [trace.stop for trace in subject.run_all([more, more, less])]
    assert stops[:2] == [None, None] and (stops[2].reason, stops[2].text) == ("timeout", "0.1 s")
    assert subject.run(PROGRAM).stop.text == "0.2 s"


@needs_processes
@pytest.mark.slow
@pytest.mark.nightly  # by the clock: beside another test of -n 2 it may fail once in some runs
def test_sleep_is_no_processor_time(submitted):
    subject = submitted("time.sleep(0.5); return x", timeout=0.1)
    assert subject.run(PROGRAM).stop is None


@needs_processes
@pytest.mark.slow
@pytest.mark.nightly  # by the clock: beside another test of -n 2 it may fail once in some runs
def test_processor_time_of_what_a_submission_starts_is_its_own(submitted):
    """Four children compute while their parent waits: they are ended long before the clock's limit."""
    subject = submitted("[os.fork() or burn(20) for _ in range(4)]; time.sleep(60)", isolation="process", timeout=3.0)
    start = time.monotonic()
    assert subject.run(PROGRAM).stop.reason == "timeout"
    assert time.monotonic() - start < 3.0 * WALL


@needs_processes
@pytest.mark.slow
@pytest.mark.nightly  # by the clock: beside another test of -n 2 it may fail once in some runs
def test_time_of_the_whole_submission_is_processor_time(submitted):
    subject = submitted("burn(9)", timeout=60.0, submission_timeout=0.5)
    stop = subject.run(PROGRAM).stop
    assert (stop.reason, stop.text) == ("timeout", "the 0.5 s for the whole submission")
    assert subject.over and subject.run(PROGRAM).stop.text == "the 0.5 s for the whole submission"


@needs_processes
@pytest.mark.slow
@pytest.mark.nightly  # by the clock: beside another test of -n 2 it may fail once in some runs
def test_code_that_does_not_end_is_ended_while_it_is_loaded(submitted, server, tmp_path):
    (tmp_path / "endless.py").write_text("class Relu:\n    import time\n    time.sleep(60)\n")
    with pytest.raises(LoadError, match=r"takes more than 1 s by the clock to load"):
        ConfinedSubject(tmp_path / "endless.py", isolation=LEVEL, server=server, timeout=0.1)


# --- a busy machine


@needs_processes
@pytest.mark.slow
@pytest.mark.nightly  # by the clock: beside another test of -n 2 it may fail once in some runs
def test_slow_but_right_code_has_its_time_on_a_busy_machine(submitted):
    """It needs 70 % of the time that it has; six busy processes leave it a fraction of a processor."""
    subject = submitted("burn(0.7); return x * (x > 0)", timeout=1.0)
    with busy_machine():
        start = time.monotonic()
        traces = [subject.run(PROGRAM) for _ in range(3)]
        passed = time.monotonic() - start
    assert [trace.stop for trace in traces] == [None] * 3
    if processors() < BUSY:
        assert passed > 3 * 1.0  # by the clock, each would have been too slow


@pytest.mark.slow
@pytest.mark.nightly  # by the clock: beside another test of -n 2 it may fail once in some runs
def test_verify_leaves_slow_but_right_code_its_time_on_a_busy_machine(tmp_path):
    (tmp_path / "layers.py").write_text(HEAD + "burn(0.35); return x * (x > 0)\n")
    with RemoteSubject(str(tmp_path / "layers.py"), seconds=0.5) as subject, busy_machine():
        start = time.monotonic()
        traces = [subject.run(PROGRAM) for _ in range(4)]
        passed = time.monotonic() - start
    assert [trace.stop for trace in traces] == [None] * 4
    if processors() < BUSY:
        assert passed > 4 * 0.5  # by the clock, most would have been too slow


SLOW = RIGHT.replace("import numpy as np\n", "import time\nimport numpy as np\n").replace(
    "        self.on = x > 0\n",
    "        self.on = x > 0\n        until = time.process_time() + 0.01\n"
    "        while time.process_time() < until:\n            pass\n",
)


@needs_processes
@pytest.mark.slow
@pytest.mark.nightly  # by the clock: beside another test of -n 2 it may fail once in some runs
def test_six_busy_processes_change_no_mark(tmp_path):
    endless = RIGHT.replace("return np.where(self.on, dout, 0)", "while True: pass")
    folder = write_files(tmp_path / "class", right=SLOW, endless=endless)
    settings = run_settings(isolation=LEVEL, timeout=0.3, submission_timeout=60.0)

    def marks():
        return {r.submission: (r.outcome, r.score) for r in Local(2).run(settings, find([str(folder)]))}

    idle = marks()
    with busy_machine():
        assert marks() == idle
    assert idle["right.py"] == ("graded", 10.0) and 0 < idle["endless.py"][1] < 10


# --- once more, alone


ONCE = RIGHT.replace(
    "        self.on = x > 0\n",
    "        import os\n        import time\n\n        self.on = x > 0\n"
    "        if not os.path.exists({place!r}):\n            open({place!r}, 'w').close()\n            time.sleep(9)\n",
)


@needs_processes
@pytest.mark.slow
@pytest.mark.nightly  # by the clock: beside another test of -n 2 it may fail once in some runs
def test_submission_that_timed_out_is_graded_once_more_at_the_end(tmp_path):
    """At this level a submission can leave a mark, by which it is slow in its first run alone."""
    folder = write_files(tmp_path / "class", a=ONCE.format(place=str(tmp_path / "been")), b=RIGHT, c=RIGHT)
    settings = run_settings(isolation="process", timeout=0.1, submission_timeout=20.0)
    results = list(Local(2).run(settings, find([str(folder)])))
    assert [(r.submission, r.score, r.timed_out) for r in results][-1] == ("a.py", 10.0, False)
    assert len(results) == 3


@needs_processes
@pytest.mark.slow
@pytest.mark.nightly  # by the clock: beside another test of -n 2 it may fail once in some runs
def test_second_timeout_counts(tmp_path):
    endless = RIGHT.replace("return np.where(self.on, dout, 0)", "while True: pass")
    folder = write_files(tmp_path / "class", a=endless)
    settings = run_settings(isolation=LEVEL, timeout=0.1, submission_timeout=20.0)
    (result,) = Local(1).run(settings, find([str(folder)]))
    assert result.timed_out and result.outcome == "graded" and 0 < result.score < 10
    assert "timed_out" not in result.for_student()
