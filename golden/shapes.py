"""Sizes after a sliding window, from the formula. Counts of windows, so integers and fractions only."""

from fractions import Fraction
from math import prod
from typing import Any

from golden import filled

REFUSED = "refused"


def recomputed(document: dict[str, Any]) -> dict[str, Any]:
    """The same document with every result worked out again."""
    return {
        **document,
        "sizes": [filled(row, _sizes(row)) for row in document["sizes"]],
        "im2col": [filled(row, {"col": _col(row)}) for row in document["im2col"]],
        "flattened": [filled(row, {"inputs": prod(row["input"])}) for row in document["flattened"]],
    }


def _sizes(row: dict[str, Any]) -> dict[str, int | str]:
    size, stride, pad = row["size"], row["stride"], row["pad"]
    span = row["dilation"] * (row["filter"] - 1) + 1  # places from a window's first to its last
    steps = Fraction(size + 2 * pad - span, stride)
    exact = steps + 1 if steps >= 0 and steps.denominator == 1 else 0
    floor = steps.__floor__() + 1
    ceil = steps.__ceil__() + 1
    if (ceil - 1) * stride >= size + pad:  # the last window would start in the right padding
        ceil -= 1
    return {"exact": _or_refused(int(exact)), "floor": _or_refused(floor), "ceil": _or_refused(ceil)}


def _or_refused(windows: int) -> int | str:
    return windows if windows > 0 else REFUSED


def _col(row: dict[str, Any]) -> list[int]:
    """Rows of im2col run over (N, OH, OW), columns over (C, FH, FW)."""
    n, c, h, w = row["input"]
    fh, fw = row["filter"]
    stride, pad = row["stride"], row["pad"]
    oh, ow = (Fraction(size + 2 * pad - window, stride) + 1 for size, window in ((h, fh), (w, fw)))
    if oh.denominator != 1 or ow.denominator != 1:
        raise ValueError(f"the windows do not divide: {oh} and {ow}")
    return [n * int(oh) * int(ow), c * fh * fw]
