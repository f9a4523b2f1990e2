"""Convolutions of image processing: a function of a picture and a kernel may turn the kernel, as the word says."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..gradients import run_forward
from ..reading import Reading, uses
from ..trial import Refused, evaluate

TURNED = "it turns the kernel by 180 degrees: right in image processing, wrong in a CNN's layer"


def turns_kernel(things: Mapping[str, Any], reading: Reading) -> bool:
    """Return whether a function called convolve turns its kernel, and nothing beside it says that it is a layer's.

    A bias, several filters or a backward pass would say so.
    """
    filters = reading.given.get("W")
    lone = filters is not None and filters.text == "I J" and "b" not in reading.given
    if not lone or reading.backward or "convol" not in reading.thing.lower():
        return False
    try:
        env = run_forward(things, reading, reading.family.sizes, reading.family.values)
    except Refused:
        return False
    kernel = env["W_"]
    windows = np.lib.stride_tricks.sliding_window_view(env["x_"], kernel.shape, (-2, -1))
    plain, turned = ((windows * one).sum((-2, -1)) for one in (kernel, kernel[::-1, ::-1]))
    same = np.shape(env["out"]) == plain.shape
    return same and np.allclose(env["out"], turned) and not np.allclose(env["out"], plain)


def takes_border(things: Mapping[str, Any], reading: Reading) -> bool:
    """Return whether a function that is told a padding can pad the pictures that it is taken to be given.

    One for grey pictures may take those of several channels too, as long as there is nothing to pad.
    """
    if not uses(reading.forward, "pad") or "N" not in reading.x.lacking or "F" not in reading.out.lacking:
        return True
    family = reading.family
    sizes = {**family.sizes, "Y": family.sizes["Y"] + 2, "X": family.sizes["X"] + 2}
    try:
        out = evaluate(reading.result, run_forward(things, reading, family.sizes, {**family.values, "pad": 1}))
    except Refused:
        return False
    return reading.out.fits(np.shape(out), sizes)
