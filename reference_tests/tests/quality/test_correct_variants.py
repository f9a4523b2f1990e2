"""Correct implementations, written in different ways, pass: on public numbers, on generated ones, in float32."""

import pytest

from reference_tests.conformance.contract import COMPONENTS
from reference_tests.corpus import correct
from reference_tests.quality import false_alarms
from reference_tests.quality.subjects import has_component
from reference_tests.tests.sampling import some_at_night

WHOLE = ("whole", "factories", "float32_inside", "float64_only", "fortran_order", "read_only", "backwards_in_memory")


def test_at_least_twenty_variants_and_seven_whole_contracts():
    assert len(correct.WAYS) >= 20
    assert {way for way in correct.WAYS if len(has_component(correct.names(way))) == 14} == set(WHOLE)


@pytest.mark.slow
@pytest.mark.parametrize("way", correct.WAYS)
def test_correct_variant_passes(way):
    assert false_alarms.of_way(way, [1]) == []


@pytest.mark.slow
@pytest.mark.parametrize("way", some_at_night(correct.WAYS, each=8))
def test_correct_variant_passes_on_more_seeds(way):
    assert false_alarms.of_way(way, range(2, 21)) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", some_at_night(range(1001, 1011), each=5))
def test_generated_cases_raise_no_false_alarm(seed):
    assert false_alarms.of_seed(seed) == []


@pytest.mark.slow
@pytest.mark.parametrize("component", some_at_night(COMPONENTS, each=3))
def test_fifty_generated_cases_of_a_component_raise_no_false_alarm(component):
    """In float32 too. A thousand seeds: `python -m reference_tests.quality.false_alarms 1 1000`."""
    assert false_alarms.of_drawn(component, range(2001, 2051)) == []


def test_float32_may_cancel_where_little_is_left():
    """x - ratio * x, in float32, with a ratio of 0.9."""
    assert false_alarms.of_drawn("dropout", [71, 91, 100]) == []


def test_wrong_variant_raises_an_alarm(monkeypatch):
    """One of the variants is made wrong by a factor of 1.001."""
    layer = false_alarms.correct_subjects()["fft"].names["Convolution"]
    monkeypatch.setattr(layer, "forward", lambda self, x, right=layer.forward: 1.001 * right(self, x))
    checks = false_alarms.drawn_checks("convolution", 5)
    assert {a.who for a in false_alarms.alarms_in(checks, false_alarms.correct_subjects())} == {"fft"}
