"""What ran out of time is graded once more at the end, alone, and may wait for longer then."""

import pytest

from reference_tests.grading import messages
from reference_tests.grading.executor import Local
from reference_tests.grading.sandbox import levels
from reference_tests.grading.settings import PATIENCE
from reference_tests.grading.submissions.find import find

from .. import RIGHT, run_settings, write_files

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(levels.missing("process")), reason=levels.missing("process")),
]
FORWARD = "        self.on = x > 0\n"
FIRST_TIME = """        import os
        import time

        self.on = x > 0
        if not os.path.exists({place!r}):
            open({place!r}, "w").close()
            time.sleep({seconds})
"""
EVERY_TIME = """        import time

        self.on = x > 0
        if not vars(Relu).get("slept"):
            Relu.slept = True
            time.sleep({seconds})
"""


def grade(tmp_path, code, **limits):
    """Grade one submission at a level where it can leave a mark, by which it is slow in its first run alone."""
    folder = write_files(tmp_path / "class", a=code)
    (result,) = Local(1).run(run_settings(isolation="process", **limits), find([str(folder)]))
    return result


def waiting(how, tmp_path, seconds, layer="Relu"):
    code = RIGHT.replace(FORWARD, how.format(place=str(tmp_path / "been"), seconds=seconds))
    return code.replace("Relu", layer).replace("forward(self, x)", "forward(self, inputs)").replace(" x", " inputs")


def test_submission_whose_time_went_by_waiting_is_graded_once_more(tmp_path):
    found = grade(tmp_path, waiting(FIRST_TIME, tmp_path, 1.5), timeout=5.0, submission_timeout=1.0)
    assert (found.score, found.timed_out) == (10.0, False)


def test_submission_with_a_layer_not_read_in_time_is_graded_once_more(tmp_path):
    found = grade(tmp_path, waiting(FIRST_TIME, tmp_path, 9, "ReLU"), timeout=0.15, submission_timeout=20.0)
    assert (found.score, found.timed_out, found.components["relu"].status) == (10.0, False, "pass")


def test_second_grading_has_more_time_to_wait(tmp_path):
    """Its two processes wait for 1.4 s together."""
    code = waiting(EVERY_TIME, tmp_path, 0.7)
    found = grade(tmp_path, code, timeout=5.0, submission_timeout=1.0)
    assert PATIENCE * 1.0 > 1.4 and (found.score, found.timed_out) == (10.0, False)


def test_submission_out_of_processor_time_is_not_graded_once_more(tmp_path):
    endless = RIGHT.replace(FORWARD, FORWARD + "        while True: pass\n")
    found = grade(tmp_path, endless, timeout=9.0, submission_timeout=0.7)
    assert not found.timed_out and found.score < 10


def test_endless_waiting_costs_points_and_is_said_to_be_perhaps_the_machines(tmp_path):
    code = RIGHT.replace(FORWARD, FORWARD + "        import time\n        time.sleep(99)\n")
    found = grade(tmp_path, code, timeout=0.03, submission_timeout=20.0)
    assert found.timed_out and found.outcome == "graded" and 0 < found.score < 10
    assert messages.waited() in found.notes
    assert {c.message for c in found.components["relu"].checks if c.reason == "timeout" and not c.hidden}


def test_endless_computing_is_not_excused(tmp_path):
    code = RIGHT.replace(FORWARD, FORWARD + "        while True: pass\n")
    found = grade(tmp_path, code, timeout=0.1, submission_timeout=20.0)
    assert found.timed_out and 0 < found.score < 10 and messages.waited() not in found.notes
