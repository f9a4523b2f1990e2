"""The hostile submissions: nothing gets through confined and bwrap; weaker levels leak what known_leaks.json says."""

import json
import threading

import pytest

from reference_tests.grading.sandbox import attacks
from reference_tests.grading.sandbox.levels import missing
from reference_tests.grading.sandbox.subject import ConfinedSubject

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
    assert len(attacks.attacks()) >= 30
    assert sorted(KNOWN_LEAKS) == attacks.attacks()
    assert all(set(row) == {"none", "process"} for row in KNOWN_LEAKS.values())


@pytest.mark.parametrize("level", ["none", "process", *attacks.PROMISED])
def test_controls_get_full_marks_and_none(attack_range, level):
    require(level)
    honest, wrong = (attack_range.run(name, level) for name in attacks.CONTROLS[:2])
    assert (honest.passed, honest.ended) == (len(attack_range.checks), ("pass",))
    assert not wrong.effects
    assert len(attack_range.free) < 3  # checks that any error passes, because there is no right answer


@pytest.mark.parametrize("level", attacks.PROMISED)
@pytest.mark.parametrize("name", attacks.attacks())
def test_strong_levels_let_nothing_through(attack_range, name, level):
    require(level)
    assert attack_range.run(name, level).effects == ()


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
