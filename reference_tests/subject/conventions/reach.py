"""What an interface cannot express: found from the reading's calls, and by trials with other sizes."""

import linecache
import re
from collections.abc import Callable, Mapping
from inspect import isfunction, unwrap
from typing import Any

import numpy as np

from .arguments import is_dilated
from .families import CURVES
from .gradients import run_forward
from .layouts import Sizes
from .reading import Reading, uses
from .signatures import arguments_of, methods_of
from .special.own_padding import find_own_padding
from .trial import Refused, evaluate
from .uncommon.squares import needs_square_windows, needs_squares

REMAINDERS = {"H": 9, "W": 10, "I": 3, "J": 2, "Y": 4, "X": 5}  # with a stride of 2 none is left over
SHIFT = 2.0**20  # a bias under which no sum of a case is below 0


def find_reach(things: Mapping[str, Any], reading: Reading) -> None:
    """Write into the reading which sizes and arguments its interface can express, where it cannot express all."""
    family = reading.family
    code = f"{reading.make} {reading.backward if reading.alone else reading.forward}"
    if family.name == "Affine" and not takes_images(things, reading):
        reading.reach["axes"] = [2]
    find_fused_relu(things, reading)
    if family.name in CURVES and reading.one_image:
        reading.reach["axes"] = [4]
    if "stride" not in family.kept:
        return
    if not uses(code, "stride"):
        reading.reach["stride"] = fixed_stride(things, reading)
    if not uses(code, "pad"):
        reading.reach["pad"] = [int(str(family.values["pad"]))]
    if any(is_dilated(argument) for argument in arguments_of(things.get(reading.thing)) or []):
        reading.reach["dilation"] = [1]
    if needs_squares(things, reading):
        reading.reach["W"] = ["H"]
    lacking = set(reading.x.lacking)
    if "C" in lacking or "C" in "".join(a.lacking for a in layouts_of_filters(reading)):
        reading.reach["C"] = [1]
    if "F" in "".join(a.lacking for a in layouts_of_filters(reading)):
        reading.reach["FN"] = [1]
    if family.name == "DepthwiseConvolution":
        reading.reach["FN"] = ["C"]
    find_window(things, reading, code)
    find_same(things, reading)
    if reading.reach.get("stride") == ["FH"]:  # one stride is the window's side: of a square one
        reading.reach.setdefault("FW", ["FH"])
    find_own_padding(things, reading)


def find_fused_relu(things: Mapping[str, Any], reading: Reading) -> None:
    """Find out whether a ReLU is inside a layer with a bias: it is linear under a large bias only, and never below 0.

    The layer is then asked with that bias, under which the ReLU hands everything on.
    """
    if reading.alone or not {"b"} & {*reading.params, *reading.given}:
        return
    family = reading.family
    try:
        plain = run_forward(things, reading, family.sizes, family.values)["out"]
        reading.shift = SHIFT
        shifted = run_forward(things, reading, family.sizes, family.values)["out"] - SHIFT
    except (Refused, TypeError):
        reading.shift = 0.0
        return
    inside = plain.size > 0 and plain.shape == shifted.shape and plain.min() >= 0
    inside = inside and np.allclose(plain, np.maximum(shifted, 0), atol=1e-6)
    reading.shift = SHIFT if inside and shifted.min() < 0 else 0.0
    if reading.shift:
        reading.notes.append("a ReLU is inside; the layer is asked with a large bias, under which it is linear")


CURVES_INSIDE: dict[str, tuple[float, Callable[[Any], Any]]] = {  # what undoes them, where it can be
    "a sigmoid is inside it": (0.0, lambda y: np.log(y / (1 - y))),
    "a tanh is inside it": (-1.0, np.arctanh),
}


def curve_inside(things: Mapping[str, Any], reading: Reading) -> str:
    """Return what is said of a sigmoid or a tanh inside a layer with weights, "" for none: undone, it is linear."""
    if reading.alone or reading.shift or not reading.family.params:
        return ""
    try:
        env = run_forward(things, reading, reading.family.sizes, reading.family.values)
        outs = [env["out"]]
        for factor in (0.5, 0.0):
            own = {**env, "x_": factor * env["x_"]}
            own["got"] = evaluate(reading.forward, own)
            outs.append(np.asarray(evaluate(reading.result, own)))
        if is_linear(*outs):
            return ""
        for said, (least, undo) in CURVES_INSIDE.items():
            if all(least < out.min() and out.max() < 1 for out in outs) and is_linear(*(undo(out) for out in outs)):
                return said
    except (Refused, TypeError, ValueError, AttributeError):
        return ""
    return ""


def is_linear(whole: np.ndarray, half: np.ndarray, none: np.ndarray) -> bool:
    """Return whether half of an input has half of the effect. none: the output for zeros."""
    return np.allclose(whole + none, 2 * half, rtol=1e-9, atol=1e-9)


def takes_images(things: Mapping[str, Any], reading: Reading) -> bool:
    """Return whether a fully connected layer flattens what has more than two axes itself."""
    if reading.x.text not in ("N D", "D"):
        return False
    try:
        env = run_forward(things, reading, reading.family.sizes, reading.family.values)
        env["x_"] = env["x_"].reshape(*env["x_"].shape[:-1], 2, -1)
        got = evaluate(reading.forward, env)
        env["got"] = got
        return bool(getattr(evaluate(reading.result, env), "shape", None) == env["out"].shape)
    except Refused:
        return False


def layouts_of_filters(reading: Reading) -> list[Any]:
    """Return the layout of the filters, if there are any."""
    if "W" in reading.given:
        return [reading.given["W"]]
    return [reading.params["W"][1]] if "W" in reading.params else []


def find_window(things: Mapping[str, Any], reading: Reading, code: str) -> None:
    """Find which windows the interface can express."""
    family = reading.family
    if may_refuse(things):
        find_refused_windows(things, reading)
        if not family.params and uses(code, "FH") and uses(code, "stride"):
            find_refused_pools(things, reading)
    if "W" in reading.given and reading.reach.get("pad", [0]) == [0]:
        if "square windows" in reading.notes:
            reading.notes.remove("square windows")
            reading.reach["FW"] = ["FH"]
        if "FW" not in reading.reach and needs_square_windows(things, reading):
            reading.reach["FW"] = ["FH"]
        return
    if not uses(code, "FH", "FW") and uses(code, "stride") and window_is_stride(things, reading):
        reading.reach["stride"] = ["FH"]
    elif not uses(code, "FH", "FW") or reading.reach.get("pad", [0]) != [0]:
        reading.reach["FH"], reading.reach["FW"] = [reading.family.sizes["I"]], [reading.family.sizes["J"]]
    elif not uses(code, "FW"):
        reading.reach["FW"] = ["FH"]
    elif not is_legal(things, reading, family.rectangle, rectangle_values(reading)) and "(FH, FW)" in code:
        narrowed = code_with(reading, "(FH, FW)", "FH")
        if is_legal(things, narrowed, family.sizes, family.values):
            reading.make, reading.forward = narrowed.make, narrowed.forward
            reading.reach["FW"] = ["FH"]


REFUSALS = re.compile(r"\braise\b|\bassert\b|\bexit\b|\bquit\b")
OURS = f"{__name__.rpartition('.conventions')[0]}."
KEEP_SIZE = ("Convolution", "GroupedConvolution", "DepthwiseConvolution")
VALID = re.compile(r"'(?P<text>valid)'|\b(?P<of>\w+)\.valid\b", re.IGNORECASE)


def find_same(things: Mapping[str, Any], reading: Reading) -> None:
    """Find out whether a convolution that is told "valid" can be told "same" too: a padding that keeps the size."""
    told = VALID.search(reading.make + reading.forward)
    if not told or reading.family.name not in KEEP_SIZE or reading.reach.get("pad") != [0]:
        return
    same = repr("SAME" if told[0].isupper() else "same") if told["text"] else same_member(things.get(told["of"]))
    choice = f"({same or told[0]} if pad else {told[0]})"
    other = code_with(reading, told[0], choice)
    sizes = {**reading.family.sizes, "H": 8, "W": 7, "I": 3, "J": 3, "Y": 8, "X": 7}
    if is_legal(things, other, sizes, {**reading.family.values, "stride": 1, "pad": 1}):
        reading.make, reading.forward = other.make, other.forward
        reading.backward = reading.backward.replace(told[0], choice)
        reading.reach["pad"] = [0, "same"]


def same_member(kind: Any) -> str:
    """Return the code of an enumeration's member SAME; "" if there is none."""
    names = getattr(kind, "__members__", {})
    return next((f"{kind.__name__}.{name}" for name in names if name.lower() == "same"), "")


def may_refuse(things: Mapping[str, Any]) -> bool:
    """Return whether the target has a statement by which code refuses what it is given; True where that is not known.

    Each trial of a library that compiles anew for each shape takes long.
    """
    kinds = [methods_of(thing).values() if isinstance(thing, type) else [thing] for thing in things.values()]
    functions = [f for one in kinds for f in map(unwrap_all, one) if isfunction(f) and not is_ours(f)]
    files = {f.__code__.co_filename for f in functions}
    return any(REFUSALS.search("".join(linecache.getlines(name)) or "raise") for name in files)


def unwrap_all(thing: Any) -> Any:
    """Return the function inside decorators; the thing itself where there is none, or no end of them."""
    try:
        return unwrap(thing)
    except ValueError:
        return thing


def is_ours(function: Any) -> bool:
    """Return whether a function is one that stands among the target's things for trials."""
    return str(function.__module__).startswith(OURS)


def find_refused_windows(things: Mapping[str, Any], reading: Reading) -> None:
    """Find out which windows of a convolution its code itself refuses: by an exit, an assertion or a raise."""
    if not reading.family.params or reading.reach.get("pad", [0]) != [0]:
        return
    if refuses(things, reading, 2, 2) and not refuses(things, reading, 3, 3):
        reading.reach["FH"] = [1, 3, 5, 7, 9, 11]
    if refuses(things, reading, 3, 1) and not refuses(things, reading, 3, 3):
        reading.reach["FW"] = ["FH"]
    if uses(f"{reading.make} {reading.forward}", "stride") and reckons_with_rows(things, reading):
        reading.reach["FW"] = ["FH"]


def find_refused_pools(things: Mapping[str, Any], reading: Reading) -> None:
    """Find out whether the code of a pooling layer itself refuses windows that overlap, or are not square.

    On no image of these is anything left over, so that no refusal is one of a remainder.
    """
    side_by_side = [refuses_pool(things, reading, side, side, side) for side in (2, 3)]
    if not any(side_by_side) and all(refuses_pool(things, reading, side, side, 1) for side in (2, 3)):
        reading.reach["stride"] = ["FH"]
    stride = 4 if reading.reach.get("stride") == ["FH"] else 2
    if not any(side_by_side) and refuses_pool(things, reading, 4, 2, stride):
        reading.reach["FW"] = ["FH"]


def refuses_pool(things: Mapping[str, Any], reading: Reading, rows: int, columns: int, stride: int) -> bool:
    """Return whether the code itself refuses a window of this size with this stride."""
    height, width = (4 * rows if rows == columns else 12), (5 * columns if rows == columns else 14)
    sizes = {**reading.family.sizes, "H": height, "W": width, "I": rows, "J": columns}
    sizes |= {"Y": (height - rows) // stride + 1, "X": (width - columns) // stride + 1}
    try:
        run_forward(things, reading, sizes, {**reading.family.values, "stride": stride})
    except Refused as refused:
        return refused.on_purpose
    return False


def reckons_with_rows(things: Mapping[str, Any], reading: Reading) -> bool:
    """Return whether code refuses a window that is not square since it takes the rows for the columns: W - FH % stride.

    It refuses 3 x 2 with a stride of 2 on an image on which nothing is left over.
    """
    sizes = {**reading.family.sizes, **REMAINDERS}
    try:
        run_forward(things, reading, sizes, {**reading.family.values, "stride": 2})
    except Refused as refused:
        return refused.of_remainder
    return False


def refuses(things: Mapping[str, Any], reading: Reading, rows: int, columns: int) -> bool:
    """Return whether the code itself refuses a window of this size."""
    width = 10 if reading.reach.get("W") == ["H"] else 9
    sizes = {**reading.family.sizes, "C": 5, "H": 10, "W": width, "I": rows, "J": columns}
    sizes |= {"Y": 11 - rows, "X": width + 1 - columns}
    try:
        run_forward(things, reading, sizes, {**reading.family.values, "stride": 1})
    except Refused as refused:
        return refused.on_purpose
    return False


def window_is_stride(things: Mapping[str, Any], reading: Reading) -> bool:
    """Return whether the one number that a pooling layer is told is the side of its window too."""
    sizes = {"N": 2, "C": 3, "H": 8, "W": 11, "I": 3, "J": 3, "Y": 2, "X": 3}  # 2 x 2 windows would give 3 x 4
    return not reading.family.params and is_legal(things, reading, sizes, {**reading.family.values, "stride": 3})


def rectangle_values(reading: Reading) -> dict[str, object]:
    """Return the other arguments of the trial with a window that is not square."""
    return {**reading.family.values, "stride": 1}


def code_with(reading: Reading, old: str, new: str) -> Reading:
    """Return the reading with other code in its calls."""
    from dataclasses import replace

    return replace(reading, make=reading.make.replace(old, new), forward=reading.forward.replace(old, new))


def is_legal(things: Mapping[str, Any], reading: Reading, sizes: Sizes, values: Mapping[str, object]) -> bool:
    """Return whether the reading gives an output of the right shape for these sizes."""
    try:
        env = run_forward(things, reading, sizes, values)
        if reading.alone:
            evaluate(reading.backward, env)
    except Refused:
        return False
    shape = getattr(env["out"], "shape", None)
    return shape is not None and reading.out.fits(shape, sizes)


def fixed_stride(things: Mapping[str, Any], reading: Reading) -> list[int | str]:
    """Return the strides of an interface that has no argument for it: the window's side, or a number."""
    family = reading.family
    if family.params:
        return [int(str(family.values["stride"]))]
    sizes = {"N": 2, "C": 3, "H": 12, "W": 15, "I": 3, "J": 3}
    for stride, value in ((3, "FH"), (2, 2), (1, 1)):
        tried = {**sizes, "Y": (12 - 3) // stride + 1, "X": (15 - 3) // stride + 1}
        if is_legal(things, reading, tried, {**family.values, "stride": stride}):
            return [value]
    return ["FH"]
