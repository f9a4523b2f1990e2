"""Dense layers whose array of weights has the bias as one row or column more: it is two parts of one array."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..reading import Reading
from ..trial import Env, Refused, evaluate

INNER = {"first": ("1:", "0"), "last": (":-1", "-1")}  # where the bias is -> the indices of the weights and of the bias


def wide_shapes(reading: Reading) -> dict[tuple[int, int], str]:
    """Return the shapes of such an array, and what stands before the index of the row or column."""
    if reading.family.name != "Affine":
        return {}
    inputs, outputs = reading.family.sizes["D"] + 1, reading.family.sizes["M"]
    return {(inputs, outputs): "", (outputs, inputs): ":, "}


def row_of_bias(reading: Reading, env: Env, arrays: Mapping[str, Any]) -> str:
    """Return where an array of weights has the bias, "first" or "last", "" if none has: zeros give the bias alone."""
    shapes = wide_shapes(reading)
    wide = [a.T if shapes[np.shape(a)] else a for a in arrays.values() if np.shape(a) in shapes]
    if not wide:
        return ""
    zeros = {**env, "x_": np.zeros_like(env["x_"])}
    try:
        out = evaluate(reading.result, zeros | {"got": evaluate(reading.forward, zeros)})
    except Refused:
        return "last"
    return "first" if np.allclose(out, wide[0][0]) and not np.allclose(out, wide[0][-1]) else "last"


def split_rows(arrays: Mapping[str, Any], reading: Reading) -> dict[str, Any]:
    """Return the arrays, in two parts those that hold the bias too."""
    if not reading.rows:
        return dict(arrays)
    found, shapes = dict[str, Any](), wide_shapes(reading)
    for where, array in arrays.items():
        before = shapes.get(np.shape(array))
        parts = [""] if before is None else [f"[{before}{index}]" for index in INNER[reading.rows]]
        found |= {where + part: eval(f"array{part}", {"array": array}) for part in parts}
    return found
