"""Marks: the same file has the same mark under every seed, and answers learned by heart earn nothing."""

import random

import pytest

from reference_tests.conformance.contract import COMPONENTS
from reference_tests.corpus import correct, mutants
from reference_tests.quality import marks

FEW = (1, 2, 3)
MOST = 2.0  # points between two marks of one file


@pytest.mark.parametrize("component", ["shapes", "relu"])
def test_answers_learned_by_heart_earn_nothing(component):
    assert marks.of_memorized(component, (5,)).marks == (0,)


@pytest.mark.slow
@pytest.mark.parametrize("component", COMPONENTS)
def test_answers_of_any_component_learned_by_heart_earn_nothing(component):
    assert marks.of_memorized(component, (5,)).marks == (0,)


def test_right_relu_has_all_points_under_every_seed():
    names = correct.names("whole")
    found = marks.marks_of("whole", marks.InProcessSubject(names), ["relu", "shapes"], FEW)
    assert found.marks == (7.0, 7.0, 7.0) and not found.moving


def test_wrong_relu_loses_as_much_under_every_seed():
    found = marks.of_mutant("relu-one", FEW)
    assert found.spread == 0 and found.variance == 0
    whole = marks.rubric_of("").components
    assert 0 < found.marks[0] < sum(part.points for part in whole if part.name in ("relu", "simple_conv_net"))


@pytest.mark.slow
def test_sample_of_mutants_has_the_same_mark_under_every_seed():
    chosen = random.Random(2).sample([m.id for m in mutants.mutants("pooling", "softmax_with_loss", "lrn")], 12)
    found = [marks.of_mutant(mutant, FEW) for mutant in chosen]
    assert all(one.spread <= MOST for one in found), [one for one in found if one.spread > MOST]
    assert sum(one.spread == 0 for one in found) >= len(found) - 1, [one for one in found if one.spread]
