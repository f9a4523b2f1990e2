"""Pooling without an argument for its padding that pads all the same: by TensorFlow's rule for "same", or by a number.

It is asked where the contract can express what it does: windows side by side on images of which nothing is left over,
which are not padded then, or windows of three rows and columns, which "same" pads by one on each side.
"""

import ast
from collections.abc import Mapping
from typing import Any

import numpy as np

from ...source import walk
from ..gradients import run_forward
from ..reading import Reading, Unreadable, uses
from ..signatures import tree_of
from ..trial import Refused, arranged, evaluate

IMAGES = ((8, 11), (9, 10), (12, 14))
SAME, OWN_RULE = 'it always pads, as "same" does', "it always pads, by a rule of its own"
FAR = 1000.0  # added to a row of an image: what sees it changes


def keep_size(size: int, stride: int) -> int:
    """Return the output's size where padding is "same": the number of strides that begin inside the image."""
    return -(-size // stride)


def find_own_padding(things: Mapping[str, Any], reading: Reading) -> None:
    """Find out whether a pooling layer that cannot be told a padding pads of its own accord; limit its reach then.

    Raises Unreadable where it pads by a rule of its own.
    """
    family = reading.family
    told = family.params or "stride" not in family.kept or reading.reach.get("pad") != [0]
    if told or not speaks_of_padding(things.get(reading.thing)):
        return
    side = int(reading.reach.get("FH", [3])[0])
    strides = strides_of(things, reading, side)
    if not strides or not pads_above(things, reading, side, strides[0]):
        return
    wide = family.name == "Pooling" and side == 3 and strides != [3]
    if wide and all(is_padded_by_one(things, reading, stride) for stride in strides):
        reading.reach |= {"FH": [3], "FW": [3], "pad": [1], "rest": [0]}
        reading.reach |= {"stride": [*strides]} if "stride" in reading.reach else {}
    elif side in strides and rows_seeing(things, reading, side, side, 3 * side, side - 1) == {0}:
        reading.reach |= {"stride": ["FH"], "FW": ["FH"], "rest": [0]}
    else:
        raise Unreadable(OWN_RULE)
    reading.notes.append(SAME)


def speaks_of_padding(thing: Any) -> bool:
    """Return whether code has a word for a padding."""
    nodes = walk(tree_of(thing) or ast.Module([], []))
    return any("pad" in str(getattr(n, "id", getattr(n, "attr", ""))).lower() for n in nodes)


def pads_above(things: Mapping[str, Any], reading: Reading, side: int, stride: int) -> bool:
    """Return whether the first window lacks a row at its end, on an image for which "same" pads by a window less one.

    Windows of two rows are padded below only: there the code's word is taken for it.
    """
    seen = rows_seeing(things, reading, side, stride, 3 * stride + 1, side - 1)
    return side < 3 or (bool(seen) and 0 not in seen)


def strides_of(things: Mapping[str, Any], reading: Reading, side: int) -> list[int]:
    """Return the strides to try: of a layer that is told none the one that gives the shapes of "same"."""
    if uses(f"{reading.make} {reading.forward}", "stride"):
        found = [1, 2, side] if keeps_sizes(things, reading, side, 1) else []
        return [stride for stride in found if keeps_sizes(things, reading, side, stride)]
    return [stride for stride in (side, 2, 1) if keeps_sizes(things, reading, side, stride)][:1]


def keeps_sizes(things: Mapping[str, Any], reading: Reading, side: int, stride: int) -> bool:
    """Return whether the output has the sizes of "same", on images of several sizes."""
    for height, width in IMAGES:
        sizes = sizes_with(reading, side, stride, height, width)
        try:
            out = run_forward(things, reading, sizes, {**reading.family.values, "stride": stride})["out"]
        except Refused:
            return False
        if not reading.out.fits(np.shape(out), sizes):
            return False
    return True


def sizes_with(reading: Reading, side: int, stride: int, height: int, width: int) -> dict[str, int]:
    """Return the sizes of a trial with "same"."""
    width = height if reading.reach.get("W") == ["H"] else width
    sizes = {**reading.family.sizes, "H": height, "W": width, "I": side, "J": side}
    return sizes | {"Y": keep_size(height, stride), "X": keep_size(width, stride)}


def is_padded_by_one(things: Mapping[str, Any], reading: Reading, stride: int) -> bool:
    """Return whether a window of three rows has one row of padding above and below, where nothing is left over."""
    size = 6 * stride + 1  # outputs at 0, stride ... 6 * stride
    seen = [rows_seeing(things, reading, 3, stride, size, row) for row in (0, 1, size - 1)]
    return seen == [{i for i in range(7) if abs(i * stride - row) <= 1} for row in (0, 1, size - 1)]


def rows_seeing(things: Mapping[str, Any], reading: Reading, side: int, stride: int, size: int, row: int) -> set[int]:
    """Return the rows of the output that change with a row of the image; none where rows cannot be told apart."""
    sizes = sizes_with(reading, side, stride, size, size)
    try:
        env = run_forward(things, reading, sizes, {**reading.family.values, "stride": stride})
        image = env["x"].copy()
        image[:, :, row] += FAR
        other = {**env, "x": image}
        other["x_"] = arranged(other, "x", reading.x)
        other["got"] = evaluate(reading.forward, other)
        changed = np.asarray(env["out"]) != np.asarray(evaluate(reading.result, other))
    except (Refused, ValueError):
        return set()
    if "Y" not in reading.out.groups or not reading.out.fits(changed.shape, sizes):
        return set()
    return {*map(int, np.unique(np.nonzero(changed)[reading.out.groups.index("Y")]))}
