"""Reading im2col, col2im and the size of an output: the order of their arguments, and that of the matrix's axes.

Any order of the matrix is a convention; which one it is shows in a trial whose numbers are all different.
"""

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...protocol import Spoken
from ..arguments import calls, has_required, write_call
from ..layouts import Layout, infer
from ..reach import REMAINDERS
from ..signatures import arguments_of
from ..trial import Env, Refused, evaluate

AXES = "NYXCIJ"  # of the contract's matrix: (N*OH*OW, C*FH*FW)
MATRICES = (
    "NYX CIJ", "CIJ NYX", "CIJ YXN", "NYX IJC", "IJC NYX", "YXN CIJ", "IJC YXN", "N CIJ YX", "N YX CIJ", "N C I J Y X",
    "N Y X C I J", "YX CIJ", "CIJ YX", "IJ YX", "YX IJ", "N IJC YX", "C I J Y X", "I J Y X", "YX IJC", "IJC YX",
)  # fmt: skip
IMAGES = ("N C H W", "N H W C", "C H W", "H W C", "H W")
SIZES = {"N": 2, "C": 3, "H": 5, "W": 7, "I": 2, "J": 3, "Y": 4, "X": 5}
SQUARE = {"N": 2, "C": 3, "H": 5, "W": 7, "I": 2, "J": 2, "Y": 4, "X": 6}
EQUAL_SIDES = (  # of images, for code that works out a width from the height: that is its mistake, and not refused
    {"N": 2, "C": 3, "H": 7, "W": 7, "I": 2, "J": 3, "Y": 6, "X": 5},
    {"N": 2, "C": 3, "H": 7, "W": 7, "I": 2, "J": 2, "Y": 6, "X": 6},
)
APART = (  # windows that do not overlap, and leave a column over; or none, since code may refuse a remainder
    {"N": 2, "C": 3, "H": 10, "W": 9, "I": 2, "J": 2, "Y": 5, "X": 4},
    {"N": 2, "C": 3, "H": 10, "W": 8, "I": 2, "J": 2, "Y": 5, "X": 4},
    {"N": 2, "C": 3, "H": 10, "W": 10, "I": 2, "J": 2, "Y": 5, "X": 5},
)
CODES: dict[str, tuple[str, ...]] = {
    "x": ("x_",), "col": ("col_",), "window_h": ("FH",), "window_w": ("FW",), "window": ("(FH, FW)", "FH"),
    "stride": ("stride", "(stride, stride)"), "pad": ("pad", "(pad, pad)", "'valid'"), "out_h": ("OH",),
    "out_w": ("OW",), "input_shape": ("shape_",), "in_h": ("IH",), "in_w": ("IW",), "in": ("C",),
}  # fmt: skip
ORDER = ("window_h", "window_w", "window", "stride", "pad")


@dataclass
class ColumnsReading:
    """How the target offers im2col or col2im. Codes use x_ or col_, shape_, the sizes, stride and pad."""

    call: str
    result: str  # of what it returned
    image: Layout
    matrix: Layout
    reach: dict[str, list[int | str]]


def sliding(x: np.ndarray, sizes: Mapping[str, int], stride: int) -> np.ndarray:
    """Return the windows of images (N, C, H, W), as (N, OH, OW, C, FH, FW)."""
    windows = np.lib.stride_tricks.sliding_window_view(x, (sizes["I"], sizes["J"]), (2, 3))
    return windows[:, :, ::stride, ::stride].transpose(0, 2, 3, 1, 4, 5)


def environment(things: Mapping[str, Any], sizes: Mapping[str, int], stride: int) -> Env:
    """Return the names of a trial."""
    names = {"N": "N", "C": "C", "H": "IH", "W": "IW", "I": "FH", "J": "FW", "Y": "OH", "X": "OW"}
    x = np.arange(1.0, 1 + np.prod([sizes[a] for a in "NCHW"])).reshape([sizes[a] for a in "NCHW"])
    env: Env = {**things, "np": np, "stride": stride, "pad": 0, **{names[k]: n for k, n in sizes.items()}}
    return env | {"x": x, "right": sliding(x, sizes, stride)}


def read_im2col(name: str, things: Mapping[str, Any]) -> ColumnsReading | None:
    """Read im2col; None if it cannot be. The order of most right numbers is taken among those of its shape."""
    arguments = arguments_of(things[name]) or []
    ways = [*itertools.islice(calls(arguments, CODES, ORDER), 12)]
    for sizes, passed in itertools.product((SIZES, SQUARE, *EQUAL_SIDES), ways):
        if not has_required(arguments, passed) or "x_" not in passed.values():
            continue
        call = write_call(name, arguments, passed)
        for text in IMAGES:
            image = Layout(text, "NCHW")
            env = environment(things, sizes, 1)
            env["x_"] = arrange(env, "x", image)
            try:
                got = evaluate(call, env)
            except Refused:
                continue
            for where, part in parts(got):
                matrix = best_order(part, env["right"], sizes, one="N" in image.lacking)
                if matrix:
                    reach = limits(call, image, sizes) | squares_only(call, image, matrix, things)
                    return ColumnsReading(call, where, image, matrix, reach)
    return None


def squares_only(call: str, image: Layout, matrix: Layout, things: Mapping[str, Any]) -> dict[str, list[int | str]]:
    """Return the limit of code that refuses a window of 3 x 2 since it takes its rows for its columns."""
    env = environment(things, {**SIZES, **REMAINDERS}, 2)
    env |= {"x_": arrange(env, "x", image), "col_": arrange(env, "right", matrix)}
    try:
        evaluate(call, env | {"shape_": env["x_"].shape})
    except Refused as refused:
        return {"FW": ["FH"]} if refused.of_remainder else {}
    return {}


def parts(got: Any) -> Iterator[tuple[str, np.ndarray]]:
    """Yield (code, array) of what was returned."""
    found = [("got", got)] if not isinstance(got, tuple | list) else [(f"got[{i}]", p) for i, p in enumerate(got)]
    yield from ((where, part) for where, part in found if isinstance(part, np.ndarray) and part.ndim > 1)


def arrange(env: Env, name: str, layout: Layout) -> Any:
    """Return the array in the layout, of the first image where it is of one."""
    code = layout.there("one" if "N" in layout.lacking else name)
    return np.array(eval(code, {**env, "one": env[name][0]}))


def best_order(got: np.ndarray, right: np.ndarray, sizes: Mapping[str, int], one: bool) -> Layout | None:
    """Return the order of the matrix's axes in which the most numbers are right; None if none has its shape."""
    fits = []
    for i, text in enumerate(MATRICES):
        layout = Layout(text, AXES)
        if ("N" in layout.lacking) == one and infer(got.shape, AXES, [text], sizes):
            env: Env = {"np": np, "right": right, "one": right[0], **names_of(sizes)}
            want = eval(layout.there("one" if one else "right"), env)
            fits.append((-int((want == got).sum()), i, layout))
    return min(fits, key=lambda f: f[:2])[2] if fits else None


def names_of(sizes: Mapping[str, int]) -> dict[str, int]:
    """Return the sizes under the names that generated code uses."""
    names = {"N": "N", "C": "C", "H": "IH", "W": "IW", "I": "FH", "J": "FW", "Y": "OH", "X": "OW"}
    return {names[k]: n for k, n in sizes.items()}


def limits(call: str, image: Layout, sizes: Mapping[str, int]) -> dict[str, list[int | str]]:
    """Return what the interface cannot express."""
    found: dict[str, list[int | str]] = {}
    if "stride" not in call:
        found["stride"] = [1]
    if "pad" not in call.replace("np.pad", ""):
        found["pad"] = [0]
    if "C" in image.lacking:
        found["C"] = [1]
    if sizes["I"] == sizes["J"] and "FW" not in call:
        found["FW"] = ["FH"]
    return found


def read_col2im(name: str, things: Mapping[str, Any], matrix: Layout | None) -> ColumnsReading | None:
    """Read col2im; None if it cannot be. matrix: the order that the target's im2col has, if it is known."""
    found = (read_col2im_with(sizes, name, things, matrix) for sizes in APART)
    return next((reading for reading in found if reading), None)


def read_col2im_with(
    sizes: dict[str, int], name: str, things: Mapping[str, Any], matrix: Layout | None
) -> ColumnsReading | None:
    """Read col2im by a trial with these sizes."""
    arguments = arguments_of(things[name]) or []
    fits = []
    for passed in itertools.islice(calls(arguments, {**CODES, "x": ("col_",)}, ("col", "input_shape", *ORDER)), 12):
        if not has_required(arguments, passed) or "col_" not in passed.values():
            continue
        call = write_call(name, arguments, passed)
        orders = [matrix] if matrix else [Layout(text, AXES) for text in MATRICES]
        for i, (order, text) in enumerate(itertools.product(orders, IMAGES)):
            image = Layout(text, "NCHW")
            env = environment(things, sizes, 2)
            if ("N" in order.lacking) != ("N" in image.lacking) or ("C" in order.lacking) != ("C" in image.lacking):
                continue
            env["col_"] = arrange(env, "right", order)
            env["shape_"] = tuple(image.shape(sizes))
            try:
                got = evaluate(call, env)
            except Refused:
                continue
            for where, part in parts(got):
                if image.fits(part.shape, sizes):
                    same = int((part == arrange(env, "x", image)).sum())
                    reading = ColumnsReading(call, where, image, order, limits(call, image, sizes))
                    fits.append((-same, i, reading))
    found = min(fits, key=lambda f: f[:2])[2] if fits else None
    if found:
        found.reach |= squares_only(found.call, found.image, found.matrix, things)
    return found


def render_im2col(reading: ColumnsReading, text: str) -> str:
    """Return the adapter's source text: a function."""
    head = ["def im2col(input_data, filter_h, filter_w, stride=1, pad=0):", f'    """{text}"""']
    sizes = ["N, C, IH, IW = input_data.shape", *window_lines(reading)]
    rows = ".reshape(-1, C * FH * FW)"
    if "N" in reading.image.lacking:
        body = ["outs = []", "for one in input_data:", f"    x_ = {reading.image.there('one')}",
                f"    got = {reading.call}", f"    outs.append({restored(reading)}{rows})",
                "return np.concatenate(outs)"]  # fmt: skip
    else:
        body = [f"x_ = {reading.image.there('input_data')}", f"got = {reading.call}", *rows_of(reading, rows)]
    return "\n".join([*head, *(f"    {line}" for line in [*sizes, *body])]) + "\n"


def rows_of(reading: ColumnsReading, rows: str) -> list[str]:
    """Return the lines that give the contract's matrix. One of another size is handed on: its size is the mistake."""
    if reading.matrix.text == "NYX CIJ":
        return [f"return {reading.result}"]
    other = f"if {reading.result}.size != N * OH * OW * C * FH * FW:"
    return [other, f"    return {reading.result}", f"return {restored(reading)}{rows}"]


def restored(reading: ColumnsReading) -> str:
    """Return the code of the matrix as an array of all its axes, in the contract's order."""
    code = reading.matrix.back(reading.result)
    return code if "N" not in reading.matrix.lacking else f"({code})"


def render_col2im(reading: ColumnsReading, text: str) -> str:
    """Return the adapter's source text: a function."""
    head = ["def col2im(col, input_shape, filter_h, filter_w, stride=1, pad=0):", f'    """{text}"""']
    sizes = ["N, C, IH, IW = input_shape", *window_lines(reading), "col = col.reshape(N, OH, OW, C, FH, FW)"]
    shape = f"({', '.join({'N': 'N', 'C': 'C', 'H': 'IH', 'W': 'IW'}[g] for g in reading.image.groups)})"
    if "N" in reading.image.lacking:
        body = ["outs = []", "for one in col:", f"    col_, shape_ = {reading.matrix.there('one')}, {shape}",
                f"    got = {reading.call}", f"    outs.append({reading.image.back(reading.result)})",
                "return np.stack(outs)"]  # fmt: skip
    else:
        body = [f"col_, shape_ = {reading.matrix.there('col')}, {shape}", f"got = {reading.call}",
                f"return {reading.image.back(reading.result)}"]  # fmt: skip
    return "\n".join([*head, *(f"    {line}" for line in [*sizes, *body])]) + "\n"


def window_lines(reading: ColumnsReading) -> list[str]:
    """Return the lines that work out the window's and the output's sizes, and refuse what cannot be expressed."""
    lines = ["FH, FW = filter_h, filter_w"]
    for name, values in reading.reach.items():
        said = " or ".join(map(str, values))
        wrong = " and ".join(f"{name} != {value}" for value in values)
        lines += [f"if {wrong}:", f'    raise NotImplementedError("{name} is {said}")']
    return [*lines, "OH = (IH + 2 * pad - FH) // stride + 1", "OW = (IW + 2 * pad - FW) // stride + 1"]


def describe_columns(signature: str, reading: ColumnsReading) -> str:
    """Say how im2col or col2im is read."""
    letters = {"I": "FH", "J": "FW", "Y": "OH", "X": "OW"}
    axes = ", ".join("*".join(letters.get(a, a) for a in group) for group in reading.matrix.groups)
    return f"{signature}: the matrix is ({axes})"


def speak_columns(signature: str, reading: ColumnsReading) -> Spoken:
    """Return the reading of im2col or col2im in the target's own words."""
    image = f"{reading.image.axes} {reading.image.text}"
    given = re.search(r"\bcol_", reading.call)
    layouts = {"img": image} if given else {"input_data": image, "out": f"{AXES} {reading.matrix.text}"}
    call = reading.call.replace("x_", "input_data_").replace("shape_", "input_shape")
    note = describe_columns(signature, reading).removeprefix(f"{signature}: ")
    return Spoken(signature, forward=call, layouts=layouts, notes=(note,))


def render_size(name: str, things: Mapping[str, Any], text: str) -> str | None:
    """Return the adapter of a function for an output's size along one axis; None if its arguments are not known."""
    arguments = arguments_of(things[name]) or []
    codes = {"size": ("input_size",), "window": ("filter_size",), "stride": ("stride",), "pad": ("pad",)}
    codes |= dict.fromkeys(("in_h", "in_w"), ("input_size",)) | dict.fromkeys(
        ("window_h", "window_w"), ("filter_size",)
    )
    for passed in calls(arguments, codes, ("size", "window", "stride", "pad")):
        call = write_call(name, arguments, passed)
        env: Env = {**things, "input_size": 9, "filter_size": 3, "stride": 1, "pad": 0}
        with_all = has_required(arguments, passed) and {"input_size", "filter_size"} <= set(passed.values())
        if with_all and is_number(call, env):
            head = "def conv_output_size(input_size, filter_size, stride=1, pad=0):"
            return f'{head}\n    """{text}"""\n    return {call}\n'
    return None


def is_number(call: str, env: Env) -> bool:
    """Return whether the call gives one number."""
    try:
        return isinstance(evaluate(call, env), int | float | np.number)
    except Refused:
        return False
