"""The hostile set: at confined and bwrap nothing gets through; below, exactly what hostile/known_leaks.json says."""

import json
import threading

import pytest

from reference_tests.grading.sandbox import attacks
from reference_tests.grading.sandbox.levels import missing
from reference_tests.grading.sandbox.subject import ConfinedSubject

pytestmark = pytest.mark.slow  # each starts processes that mean harm

THROUGH = json.loads((attacks.HOSTILE / "known_leaks.json").read_text())


def needs(level):
    """Not looked for before a test runs: bubblewrap has to be tried."""
    if missing(level):
        pytest.skip(f"{level}: {missing(level)}")


@pytest.fixture(scope="module")
def ground():
    needs("process")
    with attacks.attack_range() as where:
        yield where


def test_there_are_thirty_of_them_and_the_table_has_each():
    assert len(attacks.attacks()) >= 30
    assert sorted(THROUGH) == attacks.attacks()
    assert all(set(row) == {"none", "process"} for row in THROUGH.values())


@pytest.mark.parametrize("level", ["none", "process", *attacks.PROMISED])
def test_the_honest_control_has_full_marks_and_the_wrong_one_none(ground, level):
    needs(level)
    honest, wrong = (ground.run(name, level) for name in attacks.CONTROLS[:2])
    assert (honest.passed, honest.ended) == (len(ground.checks), ("pass",))
    assert not wrong.effects
    assert len(ground.free) < 3  # what any error gets, where there is no right answer


@pytest.mark.parametrize("name", attacks.attacks())
def test_nothing_gets_through_confined(ground, name):
    needs("confined")
    assert ground.run(name, "confined").effects == ()


@pytest.mark.parametrize("name", attacks.attacks())
def test_nothing_gets_through_bwrap(ground, name):
    needs("bwrap")
    assert ground.run(name, "bwrap").effects == ()


@pytest.mark.parametrize("level", ["none", "process"])
@pytest.mark.parametrize("name", attacks.attacks())
def test_what_gets_through_below_is_what_the_table_says(ground, name, level):
    """With a question mark: only on some machines."""
    surely = {effect for effect in THROUGH[name][level] if not effect.endswith("?")}
    perhaps = {effect.rstrip("?") for effect in THROUGH[name][level]}
    assert surely <= set(ground.run(name, level).effects) <= perhaps


def test_answers_known_by_heart_count_with_published_numbers_only(ground):
    needs("confined")
    with attacks.attack_range(public=True) as published:
        assert published.run("known_answers", "confined").effects == ("points",)
    assert ground.run("known_answers", "confined").effects == ()


def test_a_neighbour_is_graded_while_another_hangs(ground):
    """Not a matter of seconds: the neighbour is done before the one that hangs has been given up."""
    needs("confined")
    order = []
    hanging = ground.place("endless_loop")

    def hang():
        with ConfinedSubject(hanging, timeout=2.0) as subject:
            started.set()
            assert subject.run(ground.checks[0][1][0]).stop.reason == "timeout"
        order.append("hanging")

    started, thread = threading.Event(), threading.Thread(target=hang)
    thread.start()
    assert started.wait(60)
    with ConfinedSubject(hanging.parent / "control_honest.py", server=ground.server) as subject:
        assert {v.status for v in attacks.verdicts(ground.checks, subject)} == {"pass"}
    order.append("neighbour")
    thread.join()
    assert order == ["neighbour", "hanging"]
