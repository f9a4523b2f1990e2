"""A transposed convolution of a course's own: images are spread out by the stride, and then correlated as they are."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..gradients import run_forward
from ..reading import Reading
from ..trial import Refused

INSIDE = "it correlates its spread images without a border: not the transposed convolution of torch"


def spreads_only(things: Mapping[str, Any], reading: Reading) -> bool:
    """Return whether the output has the size of a spread image less a window, where it should be larger by a window.

    That is so for each stride; an output's size that is worked out wrongly follows another formula.
    """
    if reading.family.name != "TransposedConvolution":
        return False
    sizes = reading.family.sizes
    for stride in (1, 2):
        try:
            env = run_forward(things, reading, sizes, {**reading.family.values, "stride": stride})
        except Refused:
            return False
        sides = {"Y": stride * (sizes["H"] - 1) + 2 - sizes["I"], "X": stride * (sizes["W"] - 1) + 2 - sizes["J"]}
        if not reading.out.fits(np.shape(env["out"]), {**sizes, **sides}):
            return False
    return True
