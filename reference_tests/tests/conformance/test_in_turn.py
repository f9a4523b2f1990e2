"""Sizes with a product in common, and channels far apart: what one layer keeps, and what one channel costs another."""

import math
from itertools import combinations

import numpy as np
import pytest

from reference_tests.conformance.components import batch_norm, global_average_pooling, tanh
from reference_tests.conformance.components.shared import other_sides, use_in_turn
from reference_tests.conformance.contract import layer
from reference_tests.conformance.examination import Request, examine
from reference_tests.conformance.references import ask
from reference_tests.corpus import mutants
from reference_tests.quality.subjects import InProcessSubject
from reference_tests.subject.protocol import EPS32


@pytest.mark.parametrize("window", [(1, 1), (4, 1), (3, 2)])
def test_other_sides_have_a_product_in_common_and_room_for_the_window(window):
    x = (2, 3, 9, 6)
    found = other_sides(x, window)
    assert (2, 3, 6, 9) in found and (3, 2, 9, 6) in found and x not in found

    def windows(shape):
        return (shape[2] - window[0] + 1) * (shape[3] - window[1] + 1)

    for shape in found:
        assert shape[2] >= window[0] and shape[3] >= window[1]
        same_size = math.prod(shape) == math.prod(x)
        assert same_size or windows(shape) == windows(x) or shape[0] * windows(shape) == x[0] * windows(x)


def test_cases_of_the_same_settings_are_used_by_one_layer():
    case, scenario = next((c, m) for c, m in layer("convolution").SCENARIOS if m.id == "as-many-numbers")
    made = [step for step in use_in_turn([case, *scenario.partners], "backward").program if step[0] == "make"]
    assert 1 < len(made) < len(scenario.partners)
    assert len({step[1] for step in made}) == len(made)


def test_a_channel_far_away_widens_no_other_bound():
    near = batch_norm.APART.question().but(dout=np.ones((4, 3, 5, 2)))
    far = near.but(x=near["x"] + 1e3 * np.arange(3).reshape(-1, 1, 1))
    bounds = [batch_norm.allowed(q, ask(q), EPS32) for q in (near, far)]
    for name, axis in (("out", 1), ("dx", 1), ("dgamma", 0), ("dbeta", 0), ("running_mean", 0), ("running_var", 0)):
        first, second = (np.take(bound[name], 0, axis) for bound in bounds if name in bound)
        assert np.array_equal(first, second), name


def test_a_plane_far_away_widens_no_other_bound():
    q = global_average_pooling.APART.question()
    bound = global_average_pooling.allowed(q, ask(q), EPS32)["out"]
    assert bound.flat[0] * 1e3 < bound.flat[1]


def test_the_textbook_tanh_agrees_and_is_told_of_its_digits():
    names = next(m for m in mutants.mutants("tanh") if m.id == "tanh-advice-textbook").names()
    found = examine(InProcessSubject({"Tanh": names["Tanh"]}), Request(only=("tanh",), fresh=0))
    assert found.status("tanh") == "pass"
    assert [v.check.case for v in found.components["tanh"] if v.status == "fail"] == [tanh.NEAR_0]


WINDOWED = (
    *("im2col", "col2im", "convolution", "grouped_convolution", "depthwise_convolution", "transposed_convolution"),
    *("locally_connected", "pooling", "average_pooling"),
)


def facts_of(case):
    """The image, the window and the settings of a case, by name."""
    p, shapes = case.params, case.shapes
    window = (
        shapes["W"][-2:] if "W" in shapes else (p.get("filter_h", p.get("pool_h")), p.get("filter_w", p.get("pool_w")))
    )
    image = shapes.get("x") or shapes.get("input_data") or p["input_shape"]
    return {"image": tuple(image), "window": window, "stride": p["stride"], "pad": p["pad"]}


def divides(facts):
    sides = zip(facts["image"][2:], facts["window"])
    return all((side + 2 * facts["pad"] - f) % facts["stride"] == 0 for side, f in sides)


@pytest.mark.parametrize("setting", ["stride", "pad", "window"])
@pytest.mark.parametrize("name", WINDOWED)
def test_two_layers_that_differ_in_one_setting_alone_are_used_at_the_same_time(name, setting):
    uses = [(case, *how.partners) for case, how in layer(name).SCENARIOS if how.partners]
    pairs = [pair for together in uses for pair in combinations(map(facts_of, together), 2)]
    assert any([k for k in a if a[k] != b[k]] == [setting] for a, b in pairs)


@pytest.mark.parametrize("name", sorted({*WINDOWED} - {"transposed_convolution"}))
def test_layers_used_beside_another_have_a_stride_that_divides(name):
    partners = [one for _case, how in layer(name).SCENARIOS for one in how.partners]
    assert [one.why for one in partners if not divides(facts_of(one))] == []


@pytest.mark.parametrize("along", [0, 1])
@pytest.mark.parametrize("name", WINDOWED)
def test_windows_side_by_side_along_one_axis_overlap_along_the_other(name, along):
    """A path of its own for windows side by side may look at one axis alone."""
    found = [facts_of(case) for case in layer(name).CASES if case.level == "core"]
    assert any(f["window"][along] == f["stride"] < f["window"][1 - along] for f in found)
