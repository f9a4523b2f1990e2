"""The hostile submissions: nothing gets through confined and bwrap; weaker levels leak what known_leaks.json says."""

import json
import shutil
import subprocess
import sys
import threading

import pytest

from reference_tests.grading import grade
from reference_tests.grading.sandbox import attacks
from reference_tests.grading.sandbox.levels import missing
from reference_tests.grading.sandbox.subject import ConfinedSubject
from reference_tests.tests.sampling import slow_but, some_at_night

pytestmark = pytest.mark.slow  # each starts hostile processes

KNOWN_LEAKS = json.loads((attacks.HOSTILE / "known_leaks.json").read_text())


def require(level):
    """Skip the test if this machine lacks the level. Called in the test, because bubblewrap has to be tried out."""
    if missing(level):
        pytest.skip(f"{level}: {missing(level)}")


@pytest.fixture(scope="module")
def attack_range():
    """A place with baits where attacks run."""
    require("process")
    with attacks.attack_range() as where:
        yield where


def test_known_leaks_lists_every_attack():
    assert len(attacks.attacks()) >= 110
    assert sorted(KNOWN_LEAKS) == attacks.attacks()
    assert all(set(row) == {"none", "process"} for row in KNOWN_LEAKS.values())


@pytest.mark.parametrize("level", ["none", "process", *attacks.PROMISED])
def test_controls_get_full_marks_and_none(attack_range, level):
    require(level)
    honest, wrong = (attack_range.run(name, level) for name in attacks.CONTROLS[:2])
    assert (honest.passed, honest.ended) == (len(attack_range.checks), ("pass",))
    assert not wrong.effects
    assert len(attack_range.free) < 3  # checks that any error passes, because there is no right answer


@pytest.mark.parametrize("name", attacks.attacks())
def test_confined_lets_nothing_through(attack_range, name):
    require("confined")
    assert attack_range.run(name, "confined").effects == ()


@pytest.mark.parametrize("name", slow_but([], attacks.attacks(), each=8))
def test_bwrap_lets_nothing_through(attack_range, name):
    require("bwrap")
    assert attack_range.run(name, "bwrap").effects == ()


@pytest.mark.nightly
@pytest.mark.parametrize("level", ["none", "process"])
@pytest.mark.parametrize("name", attacks.attacks())
def test_weaker_levels_leak_exactly_what_known_leaks_says(attack_range, name, level):
    """An effect with a question mark occurs on some machines only."""
    always = {effect for effect in KNOWN_LEAKS[name][level] if not effect.endswith("?")}
    possible = {effect.rstrip("?") for effect in KNOWN_LEAKS[name][level]}
    assert always <= set(attack_range.run(name, level).effects) <= possible


def test_memorized_answers_pass_with_published_numbers_only(attack_range, monkeypatch):
    require("confined")
    assert attack_range.run("known_answers", "confined").effects == ()
    monkeypatch.setattr(attacks.secrets, "randbelow", lambda _: -1)  # the seed of the published numbers is 0
    with attacks.attack_range() as published:
        assert published.run("known_answers", "confined").effects == ("points",)


def test_neighbour_is_graded_while_another_submission_hangs(attack_range):
    """Compared by order, not by seconds: the neighbour is done before the submission that hangs is given up."""
    require("confined")
    order = []
    hanging = attack_range.place("endless_loop")

    def hang():
        with ConfinedSubject(hanging, timeout=2.0) as subject:
            started.set()
            assert subject.run(attack_range.checks[0][1][0]).stop.reason == "timeout"
        order.append("hanging")

    started, thread = threading.Event(), threading.Thread(target=hang)
    thread.start()
    assert started.wait(60)
    with ConfinedSubject(hanging.parent / "control_honest.py", server=attack_range.server) as subject:
        assert {v.status for v in attacks.judge_checks(attack_range.checks, subject)} == {"pass"}
    order.append("neighbour")
    thread.join()
    assert order == ["neighbour", "hanging"]


RUBRIC = 'title = "relu"\n\n[components.relu]\npoints = 10\n'
HUNG = 3.0  # seconds that a submission may take: many of the attacks take all they get


CLASSES = [  # the level, and how many attacks one is taken of
    ("confined", 24),
    *(pytest.param(level, 1, marks=pytest.mark.nightly, id=f"{level}, all") for level in attacks.PROMISED),
]


@pytest.mark.long
@pytest.mark.parametrize("level, every", CLASSES)
def test_a_class_of_attacks_is_graded_without_a_grader_error_or_a_gain(level, every, tmp_path):
    """Attacks at once, as a class, with an honest neighbour. The wrong controls say what a wrong answer earns."""
    require(level)
    (tmp_path / "relu.toml").write_text(RUBRIC)
    folder = tmp_path / "in"
    folder.mkdir()
    chosen = [*attacks.CONTROLS, *attacks.attacks()[::every]]
    for name in chosen:
        shutil.copy(attacks.HOSTILE / f"{name}.py", folder)
    limits = {"isolation": level, "timeout": 0.5, "submission_timeout": HUNG, "memory": "512M"}
    done = {r.submission: r for r in grade([folder], rubric=tmp_path / "relu.toml", jobs=2, **limits)}
    assert len(done) == len(chosen)
    assert "graded" in (outcomes := {r.outcome for r in done.values()}) and outcomes <= {"graded", "cannot be loaded"}
    assert done["control_honest.py"].score == 10.0
    free = max(done[f"{name}.py"].score for name in attacks.CONTROLS[1:])
    assert {n: r.score for n, r in done.items() if r.score > free} == {"control_honest.py": 10.0}
    assert all(r.reason for r in done.values() if r.outcome == "cannot be loaded")


AFFINE = """
import numpy as np


class Affine:
    def __init__(self, W, b):
        self.W, self.b = W, b

    def forward(self, x):
        self.shape, self.x = x.shape, x.reshape(len(x), -1)
        return np.dot(self.x, self.W) + self.b

    def backward(self, dout):
        self.dW, self.db = np.dot(self.x.T, dout), dout.sum(axis=0)
        return np.dot(dout, self.W.T).reshape(self.shape)
"""


@pytest.mark.nightly
@pytest.mark.parametrize("level", attacks.PROMISED)
def test_right_products_have_all_points_at_each_level(level, tmp_path):
    """Also the large backward, in which NumPy's library would like to have threads."""
    require(level)
    (tmp_path / "affine.toml").write_text(RUBRIC.replace("relu", "affine"))
    (tmp_path / "alice.py").write_text(AFFINE)
    (result,) = grade([tmp_path / "alice.py"], rubric=tmp_path / "affine.toml", jobs=1, isolation=level)
    assert (result.score, result.restarts) == (10.0, 0)


def peak_of(name, folder):
    """The peak of a process that grades one attack, in kilobytes."""
    (folder / "relu.toml").write_text(RUBRIC)
    command = [sys.executable, "-c", PEAK, str(attacks.HOSTILE / f"{name}.py"), str(folder / "relu.toml")]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@pytest.fixture(scope="module")
def honest_peak(tmp_path_factory):
    require("confined")
    return peak_of("control_honest", tmp_path_factory.mktemp("honest"))


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc")
@pytest.mark.parametrize("name", some_at_night(["fat_answers", "many_results", "fat_frames", "fat_headers"], each=4))
def test_the_graders_memory_does_not_depend_on_the_answers(tmp_path, honest_peak, name):
    """It is no more than 100 MB above what it is with the honest control."""
    assert peak_of(name, tmp_path) - honest_peak < 100 << 10


PEAK = """
import sys
from resource import RUSAGE_SELF, getrusage
from reference_tests.grading.checklist import make_checklist, right_answers
from reference_tests.grading.grade_one import grade_one
from reference_tests.grading.sandbox.forkserver import ForkServer
from reference_tests.grading.settings import merge_settings
from reference_tests.grading.submissions.bundle import read
from reference_tests.grading.submissions.find import find
settings = merge_settings(sys.argv[2], seed=5, timeout=2.0, submission_timeout=3.0)
checklist = make_checklist(settings.rubric, settings.seed)
with ForkServer() as server:
    (one,) = find([sys.argv[1]])
    result = grade_one(one, read(one.path), settings, checklist, right_answers(checklist), server)
assert result.outcome == "graded", result.reason
print(getrusage(RUSAGE_SELF).ru_maxrss)
"""
