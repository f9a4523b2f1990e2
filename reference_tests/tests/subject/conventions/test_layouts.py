"""A layout's code brings an array there and back, whatever its order, its flattened and its missing axes."""

import numpy as np
import pytest

from reference_tests.subject.conventions.families import CONVOLUTION, FILTERS, IMAGES, MAPS
from reference_tests.subject.conventions.layouts import NAMES, Layout, infer

SIZES = {**CONVOLUTION.sizes, "I": 2, "J": 3}
CODES = {NAMES[letter]: n for letter, n in SIZES.items()}


def drawn(axes: str, layout: Layout) -> np.ndarray:
    """An array of different numbers; along an axis that the layout lacks it has one place."""
    shape = [1 if a in layout.lacking else SIZES[a] for a in axes]
    return np.arange(float(np.prod(shape))).reshape(shape)


@pytest.mark.parametrize(
    "axes, text", [("NCHW", t) for t in IMAGES] + [("FCIJ", t) for t in FILTERS] + [("NFYX", t) for t in MAPS]
)
def test_code_brings_an_array_there_and_back(axes, text):
    layout = Layout(text, axes)
    a = drawn(axes, layout)
    one = a[0] if "N" in layout.lacking else a  # one image is picked by a loop
    there = eval(layout.there("one"), {"one": one, "np": np, **CODES})
    assert there.shape == layout.shape(SIZES)
    back = eval(layout.back("there"), {"there": there, "np": np, **CODES})
    np.testing.assert_array_equal(back, one)


def test_places_of_an_axis_are_where_the_layout_says():
    x = drawn("NCHW", Layout("N C H W", "NCHW"))
    there = eval(Layout("N H W C", "NCHW").there("x"), {"x": x})
    assert there[1, 4, 3, 2] == x[1, 2, 4, 3]


def test_a_bias_for_each_place_is_repeated_and_its_gradient_summed():
    layout, b = Layout("F Y X", "F"), np.array([1.0, 2.0, 3.0, 4.0])
    there = eval(layout.there("b"), {"b": b, "np": np, **CODES})
    assert there.shape == (SIZES["F"], SIZES["Y"], SIZES["X"])
    assert (there[2] == 3.0).all()
    back = eval(layout.back("there"), {"there": there, "np": np, **CODES})
    np.testing.assert_array_equal(back, b * SIZES["Y"] * SIZES["X"])


def test_a_shape_tells_the_layout_only_where_no_two_sizes_are_equal():
    assert infer((2, 8, 6, 3), "NCHW", list(IMAGES), SIZES).text == "N H W C"
    assert infer((2, 3, 8, 7), "NCHW", list(IMAGES), SIZES) is None
