"""The cases are large enough for integers in a too small type to be seen."""

import pytest

from reference_tests.conformance.contract import COMPONENTS, layer
from reference_tests.quality.integers import LIMITS, integers_of, largest_integers

LOOK_UP = (  # layers whose code may keep the places of numbers in arrays
    *("im2col", "col2im", "convolution", "pooling", "average_pooling", "relu", "global_average_pooling"),
    *("global_max_pooling", "locally_connected", "grouped_convolution", "depthwise_convolution"),
    *("transposed_convolution", "spatial_pyramid_pooling"),
)
BYTES, _, WORDS = LIMITS[1:]


@pytest.mark.parametrize("component", LOOK_UP)
def test_places_exceed_what_16_bits_hold_and_all_else_what_a_byte_holds(component):
    found = largest_integers(layer(component))
    small = {name for name, value in found.items() if value <= (WORDS if name.startswith("place") else BYTES)}
    assert small <= {"filter", "place in a window", "number of a row"} | ({"channel"} if component == "relu" else set())


@pytest.mark.parametrize("component", COMPONENTS)
def test_images_and_channels_exceed_what_a_byte_holds(component):
    found = largest_integers(layer(component))
    if component in ("shapes", "simple_conv_net"):
        return
    assert found["image"] > BYTES
    alike = ("affine", "softmax_with_loss", "relu", "sigmoid", "tanh", "dropout", "inverted_dropout", "residual_add")
    assert component in alike or found.get("channel joined", found["channel"]) > BYTES


def test_integers_of_a_case_are_those_of_its_loops():
    case = next(c for c in layer("convolution").CASES if c.why == "stride and padding differ")
    (n, c, h, w), (fh, fw) = case.shapes["x"], case.shapes["W"][2:]
    s, p = case.params["stride"], case.params["pad"]
    wide, places = w + 2 * p, []
    for image in range(n):
        for channel in range(c):
            for i in range(0, h + 2 * p - fh + 1, s):
                for j in range(0, wide - fw + 1, s):
                    plane = (image * c + channel) * (h + 2 * p) * wide
                    places += [plane + (i + y) * wide + j + x for y in range(fh) for x in range(fw)]
    assert integers_of(case)["place"] == max(places)
