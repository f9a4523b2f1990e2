"""Marks: the same file has the same mark under every seed, and answers learned by heart earn nothing."""

import random

import numpy as np
import pytest

from reference_tests.conformance import judge, strata
from reference_tests.conformance.contract import COMPONENTS, layer
from reference_tests.corpus import correct, mutants
from reference_tests.quality import marks
from reference_tests.quality.subjects import InProcessSubject

FEW = (1, 2, 3)
MOST = 2.0  # points between two marks of one file


@pytest.mark.slow
@pytest.mark.parametrize("component", COMPONENTS)
def test_answers_learned_by_heart_earn_nothing(component):
    assert marks.of_memorized(component, (5,)).marks == (0,)


@pytest.mark.slow
def test_right_relu_has_all_points_under_every_seed():
    names = correct.names("whole")
    found = marks.marks_of("whole", lambda: marks.InProcessSubject(names), ["relu", "shapes"], FEW)
    assert found.marks == (7.0, 7.0, 7.0) and not found.moving


@pytest.mark.slow
def test_wrong_relu_loses_as_much_under_every_seed():
    found = marks.of_mutant("relu-one", FEW)
    assert found.spread == 0 and found.variance == 0
    whole = marks.rubric_of("").components
    assert 0 < found.marks[0] < sum(part.points for part in whole if part.name in ("relu", "simple_conv_net"))


@pytest.mark.slow
@pytest.mark.parametrize("many", [4, pytest.param(12, marks=pytest.mark.nightly)])
def test_sample_of_mutants_has_the_same_mark_under_every_seed(many):
    chosen = random.Random(2).sample([m.id for m in mutants.mutants("pooling", "softmax_with_loss", "lrn")], many)
    found = [marks.of_mutant(mutant, FEW) for mutant in chosen]
    assert all(one.spread <= MOST for one in found), [one for one in found if one.spread > MOST]
    assert sum(one.spread == 0 for one in found) >= len(found) - 1, [one for one in found if one.spread]


LARGE = [name for name in COMPONENTS if hasattr(layer(name), "LARGE")]


def by_differences(right):
    """Return a layer whose backward moves every number of x a little, and asks a right forward twice."""

    def forward(self, x, *more):
        self.x, self.more = np.array(x, float), more
        return right.forward(self, self.x, *more)

    def backward(self, dout=1):
        dx = np.zeros(self.x.shape)
        for place in np.ndindex(dx.shape):
            was, sums = self.x[place], []
            for step in (1e-5, -1e-5):
                self.x[place] = was + step
                sums.append(np.sum(right.forward(self, self.x, *self.more) * dout))
            self.x[place], dx[place] = was, (sums[0] - sums[1]) / 2e-5
        return dx

    return type(right.__name__, (right,), {"forward": forward, "backward": backward})


@pytest.mark.slow
@pytest.mark.parametrize("component", ["relu", "pooling", "lrn"])
def test_backward_by_finite_differences_is_right_when_small_and_out_of_time_when_large(component):
    names = mutants.executed(mutants.base(), "<by differences>")
    names[layer(component).OP.name] = by_differences(names[layer(component).OP.name])
    small = next(iter(strata.drawn_checks(layer(component), 5)))[-1]
    large = strata.large_checks(layer(component), 5, 1.0)[-1]
    assert judge.judge(small, InProcessSubject(names)).status == "pass"
    assert judge.judge(large, InProcessSubject(names, seconds=large.budget)).reason == "timeout"


@pytest.mark.slow
@pytest.mark.parametrize("component", LARGE)
def test_right_ways_compute_the_large_backward_in_time(component):
    checks = strata.large_checks(layer(component), 5, 5.0)
    ready = [judge.prepare(check) for check in checks]
    ways = [correct.names(way) for way in correct.WAYS] + [mutants.executed(mutants.base(), "<plain>")]
    subjects = [InProcessSubject(names, seconds=5.0) for names in ways]
    asked = [subject for subject in subjects if subject.has(layer(component).OP.name)]
    for check, answers in zip(checks, ready):
        assert {judge.judge(check, subject, ready=answers).status for subject in asked} == {"pass"}
