"""Right implementations, written in different ways, pass: on public numbers, on drawn ones, in float32."""

import pytest

from reference_tests.corpus import correct
from reference_tests.quality import false_alarms
from reference_tests.quality.subjects import has_component
from reference_tests.tests.sampling import sampled

WHOLE = ("whole", "factories", "float32_inside", "float64_only", "fortran_order", "read_only", "backwards_in_memory")


def test_there_are_at_least_twenty_ways_and_several_of_the_whole_contract():
    assert len(correct.WAYS) >= 20
    assert {way for way in correct.WAYS if len(has_component(correct.names(way))) == 14} == set(WHOLE)


@pytest.mark.parametrize("way", sampled(list(correct.WAYS), every=4))
def test_a_right_way_passes(way):
    assert false_alarms.of_way(way, [1]) == []


@pytest.mark.slow
@pytest.mark.parametrize("way", correct.WAYS)
def test_a_right_way_passes_on_twenty_seeds(way):
    assert false_alarms.of_way(way, range(1, 21)) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1001, 1011))
def test_no_false_alarm(seed):
    assert false_alarms.of_seed(seed) == []


def test_an_alarm_is_heard(monkeypatch):
    """One of the ways made wrong."""
    layer = false_alarms.correct_subjects()["fft"].names["Convolution"]
    monkeypatch.setattr(layer, "forward", lambda self, x, right=layer.forward: 1.001 * correct(self, x))
    checks = false_alarms.drawn_checks("convolution", 5)
    assert {a.who for a in false_alarms.alarms_in(checks, false_alarms.correct_subjects())} == {"fft"}
