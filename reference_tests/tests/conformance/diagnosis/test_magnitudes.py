"""Tiny and large numbers: what they show of a layer, by which name, and that no layer that is right by size fails."""

from contextlib import nullcontext

import numpy as np
import pytest

from reference_tests.conformance.contract import all_checks, layer
from reference_tests.conformance.examination import explain
from reference_tests.conformance.inputs import LARGE, TINY, resized
from reference_tests.conformance.judge import judge_all
from reference_tests.conformance.mistakes.near_ties import first_of, is_close, list_near_ties
from reference_tests.conformance.references import ask
from reference_tests.conformance.scenarios.uses import draw_question
from reference_tests.corpus import mutants
from reference_tests.quality.subjects import InProcessSubject

BY_SIZE = ("tiny-numbers", "large-numbers")


def failures(names, component):
    """The explained failures of a component, advice left out."""
    subject = InProcessSubject(names)
    subject.fresh = lambda: nullcontext(InProcessSubject(names))
    checks = [c for c in all_checks([component]) if c.level != "advice"]
    found = explain(list(judge_all(checks, subject)), subject)
    return [v for v in found if v.status == "fail"]


def planted(*patch, component="affine"):
    return failures(mutants.Mutant("by-size", component, "", "", patch).names(), component)


OUT = "return np.dot(self.x, self.W) + self.b"


@pytest.mark.parametrize(
    "new, manner, said",
    [
        ("return np.dot(np.where(abs(self.x) < 1e-10, 0, self.x), self.W) + self.b", "tiny-numbers", "x"),
        ("return np.dot(self.x, np.where(np.isclose(self.W, 0), 0, self.W)) + self.b", "tiny-numbers", "W"),
        ("return np.dot(self.x, self.W) + (0 if np.allclose(self.b, 0) else self.b)", "tiny-numbers", "b"),
        ("return np.dot(self.x, self.W + 1e-12) + self.b", "tiny-numbers", ""),
        ("return np.dot(self.x, np.clip(self.W, -10, 10)) + self.b", "large-numbers", ""),
        ("return np.dot(self.x, self.W) + np.clip(self.b, -1e5, 1e5)", "large-numbers", ""),
    ],
)
def test_a_layer_that_depends_on_the_size_of_numbers_is_seen_and_named(new, manner, said):
    found = planted((OUT, new))
    assert {v.check.scenario.id for v in found} == {manner}  # of rows, and of images
    assert {v.diagnosis.code for v in found if v.diagnosis} == {f"manner.{manner}"}
    for v in found if said else ():
        blamed = v.diagnosis.text.partition(": ")[2].removeprefix("numbers of ").partition(" so small")[0]
        assert said in blamed.split(" or ")


def test_a_product_is_as_large_as_its_bias_at_every_size():
    q = draw_question(layer("affine").CASES[1])
    for size in (TINY, LARGE):
        small = resized(q, size)
        np.testing.assert_allclose(ask(small)["out"], size**2 * ask(q)["out"], rtol=1e-9)


def test_every_layer_that_takes_arrays_is_asked_by_size():
    asked = {(c.case.op.component, c.scenario.id) for c in all_checks()}
    arrays = {name for name, how in asked if how == "float32"} - {"simple_conv_net"}
    for how in BY_SIZE:
        assert arrays - {name for name, other in asked if other == how} == {"sigmoid", "tanh", "softmax_with_loss"}


def test_near_ties_are_told_from_the_largest_alone():
    rows = np.array([[1.0, 2.0, 2.0 + 1e-9], [3.0, 1.0, 2.0]])
    assert first_of(is_close)(rows).tolist() == [[False, True, False], [True, False, False]]
    for _text, share in list_near_ties():
        np.testing.assert_array_equal(share(rows)[1], [1, 0, 0])
        assert not np.array_equal(share(rows)[0], [0, 0, 1]) or "last" in _text


@pytest.mark.parametrize("component, code", [("pooling", "pool"), ("spatial_pyramid_pooling", "spp")])
def test_a_winner_among_near_ties_is_a_corner_case_with_a_name(component, code):
    near = next(m for m in mutants.mutants() if m.id == f"{code}-first-of-near")
    found = failures(near.names(), component)
    assert found and {v.check.level for v in found} == {"edge"}
    assert {v.diagnosis.code for v in found if v.diagnosis} == {f"{code}.nearly-tied"}


def test_whole_numbers_padded_with_infinity_are_named():
    row = next(m for m in mutants.mutants() if m.id == "pool-advice-minus-infinity-in-integers")
    found = explain(list(judge_all(all_checks(["pooling"]), InProcessSubject(row.names()))))
    assert {v.diagnosis.code for v in found if v.diagnosis} == {"exception.infinity-as-integer"}


SOFTMAX = "e = np.exp(x - np.max(x, axis=1, keepdims=True))"


@pytest.mark.parametrize("shift", ["np.max(x)", "0"])
def test_a_network_whose_softmax_looks_beyond_one_image_has_a_name(shift):
    patch = (SOFTMAX, f"e = np.exp(x - {shift})")
    found = planted(patch, component="simple_conv_net")
    assert [v.check.scenario.id for v in found] == ["images-far-apart"]
    assert found[0].check.level == "edge" and found[0].diagnosis
    assert found[0].diagnosis.code == "manner.images-far-apart"


@pytest.mark.parametrize("guard", ["1e-7", "0", "1e-15"])
def test_images_far_apart_leave_the_log_its_guard(guard):
    assert not planted(("+ 1e-7)", f"+ {guard})"), component="simple_conv_net")
