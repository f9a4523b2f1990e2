"""Right implementations, written in different ways, pass: on public numbers, on drawn ones, in float32."""

import pytest

from reference_tests.self_tests import right
from reference_tests.self_tests.rates import fair
from reference_tests.self_tests.rates.subjects import there
from reference_tests.self_tests.sampling import sampled

WHOLE = ("whole", "factories", "float32_inside", "float64_only", "fortran_order", "read_only", "backwards_in_memory")


def test_there_are_at_least_twenty_ways_and_several_of_the_whole_contract():
    assert len(right.WAYS) >= 20
    assert {way for way in right.WAYS if len(there(right.names(way))) == 14} == set(WHOLE)


@pytest.mark.parametrize("way", sampled(list(right.WAYS), every=4))
def test_a_right_way_passes(way):
    assert fair.of_way(way, [1]) == []


@pytest.mark.slow
@pytest.mark.parametrize("way", right.WAYS)
def test_a_right_way_passes_on_twenty_seeds(way):
    assert fair.of_way(way, range(1, 21)) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1001, 1011))
def test_no_false_alarm(seed):
    assert fair.of_seed(seed) == []


def test_an_alarm_is_heard(monkeypatch):
    """One of the ways made wrong."""
    layer = fair.everyone()["fft"].names["Convolution"]
    monkeypatch.setattr(layer, "forward", lambda self, x, right=layer.forward: 1.001 * right(self, x))
    checks = fair.drawn_checks("convolution", 5)
    assert {a.who for a in fair.alarms(checks, fair.everyone())} == {"fft"}
