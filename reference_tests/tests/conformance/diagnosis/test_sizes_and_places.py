"""What the size of the wrong numbers tells, and their place: seen where it is so, and not where it is chance."""

import numpy as np
import pytest

from reference_tests.conformance.contract import layer
from reference_tests.conformance.diagnosis.magnitude import name_clipped
from reference_tests.conformance.diagnosis.patterns import name_constant
from reference_tests.conformance.diagnosis.regions import name_region
from reference_tests.conformance.mistakes.kinds import kind_of
from reference_tests.conformance.types import Problem
from reference_tests.subject.protocol import Question


def numbers(*shape: int) -> np.ndarray:
    return np.random.default_rng(sum(shape)).standard_normal(shape)


def wrong(got: np.ndarray, want: np.ndarray, what: str = "dx") -> tuple:
    return Question(layer("relu").OP, {"x": want}, {}), what, Problem("values", what, got, want, 1e-9)


@pytest.mark.parametrize("limit", [0.5, 1.0, 1.5])
def test_numbers_that_are_dropped_beyond_a_size_are_cut_off(limit):
    wants = numbers(6, 7), numbers(4, 5, 6)
    found = name_clipped([wrong(np.where(np.abs(w) < limit, w, 0), w) for w in wants])
    sizes = np.abs(np.concatenate([w.ravel() for w in wants]))
    assert found and found.code == "clipped"
    assert all(f"{size:.6g}" in found.text for size in (sizes[sizes < limit].max(), sizes[sizes >= limit].min()))


@pytest.mark.parametrize(
    "dropped",
    [
        lambda w: np.abs(w) < 1.0,  # the small ones
        lambda w: np.arange(w.size).reshape(w.shape) % 3 == 0,  # as many of any size
        lambda w: np.abs(w) == np.abs(w).max(),  # a single one: some number has to be the largest
    ],
)
def test_zeros_at_other_places_are_no_cut(dropped):
    w = numbers(6, 7)
    assert name_clipped([wrong(np.where(dropped(w), 0, w), w)]) is None


def test_a_constant_is_seen_beside_answers_of_one_number_and_not_in_these_alone():
    one, many = numbers(1, 1), numbers(3, 4)
    both = name_constant([wrong(one + 2, one), wrong(many + 2, many)])
    assert both and both.code == "constant-added" and "2" in both.text
    assert name_constant([wrong(one + 2, one), wrong(many + many[0], many)]) is None
    assert name_constant([wrong(one + 2, one), wrong(one + 3, one)]) is None


@pytest.mark.parametrize("images, right, seen", [(259, 64, True), (9, 2, True), (9, 1, False)])
@pytest.mark.parametrize("zero", [True, False])
def test_the_first_images_are_named_however_many_are_behind_them(images, right, seen, zero):
    want = numbers(images, 3)
    got = want.copy()
    got[right:] = 0 if zero else got[right:] + 1
    found = name_region([wrong(got, want)])
    assert (found is not None and f"first {right} images" in found.text) == seen
    got[right:, 0] = want[right:, 0]  # not all behind them is wrong
    found = name_region([wrong(got, want)])
    assert found is None or "first" not in found.text.split("column")[0]


def test_a_kind_of_a_shape_under_a_setting_is_found_where_neither_alone_tells():
    def question(channels: int, stride: int) -> Question:
        arrays = {"x": numbers(2, channels, 5, 5), "W": numbers(4, channels, 3, 2)}
        return Question(layer("convolution").OP, arrays, {"stride": stride, "pad": 0})

    asked = question(1, 2), question(1, 1), question(3, 2), question(2, 1)
    kind = kind_of(asked[:1], asked[1:])
    assert kind and [kind.holds(q) for q in asked] == [True, False, False, False]
    assert "one channel" in kind.text and "stride is over 1" in kind.text
    assert kind_of([*asked[:1], asked[3]], asked[1:3]) is None
