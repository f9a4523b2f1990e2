"""How large the integers get that a layer may keep: `python -m reference_tests.quality.integers` prints the table.

Code keeps rows, columns and places in arrays of integers. In too small a type they go round, which shows only in a
case that is large enough: LIMITS are the largest numbers of int8, uint8, int16 and uint16.
"""

import math
from collections.abc import Iterator
from types import ModuleType

from ..conformance import corners
from ..conformance.contract import COMPONENTS, layer
from ..conformance.types import Case, Shape

LIMITS = (127, 255, 32767, 65535)
Integers = dict[str, int]  # what is kept -> its largest value


def integers_of(case: Case) -> Integers:
    """Return the largest value of each integer that code may keep in a case, counted from 0; counts are from 1."""
    shape = image_of(case)
    if not shape:
        return {"size": case.params["input_size"] + 2 * case.params["pad"]}
    found = {"image": shape[0] - 1, **dict(parameters_of(case))}
    if len(shape) < 4:
        return {**found, "number of a row": math.prod(shape[1:]) - 1, "number of the batch": math.prod(shape) - 1}
    images, channels, *sides = shape
    windows = windows_of(case, sides)
    sides, last = windows[:2] if windows else (sides, [side - 1 for side in sides])
    place, area = last[0] * sides[1] + last[1], math.prod(sides)
    found |= {"channel": channels - 1, "row": last[0], "column": last[1], "place in a plane": place}
    found |= {"place in an image": (channels - 1) * area + place, "place": (images * channels - 1) * area + place}
    if windows:
        _sides, _last, (h, w), (oh, ow) = windows
        found |= {"window of an image": oh * ow - 1, "place in a window": h * w - 1}
        found |= {"number of a window": channels * h * w - 1}
    return found


def image_of(case: Case) -> Shape:
    """Return the shape of what goes in; () for a layer of numbers."""
    first = case.op.args[0]
    shape: Shape = case.params.get("input_shape") or case.shapes.get(first, ())
    return shape


def parameters_of(case: Case) -> Iterator[tuple[str, int]]:
    """Yield what the parameters, the labels and the settings number."""
    W = case.shapes.get("W", ())
    if len(W) > 3:
        yield "filter", W[1 if case.op.component == "transposed_convolution" else -4] - 1
    if len(W) == 2:
        yield "output", W[1] - 1
    if "t" in case.shapes:
        yield "class", case.params.get("output_size", case.shapes["x"][-1]) - 1
    if "groups" in case.params:
        yield "group", case.params["groups"] - 1
    if case.op.component == "depthwise_convolution":
        yield "group", case.shapes["x"][1] - 1
    if "train" in case.shapes:
        yield "training image", case.shapes["train"][0] - 1
    others = [case.shapes[name][1] for name in case.op.args[1:] if len(case.shapes.get(name, ())) == 4]
    if others and case.op.component == "channel_concat":
        yield "channel joined", case.shapes[case.op.args[0]][1] + sum(others) - 1


def windows_of(case: Case, sides: list[int]) -> tuple[list[int], list[int], list[int], list[int]] | None:
    """Return the padded sides, the last row and column in a window, the window, and the number of windows."""
    p = {**case.params, **case.params.get("conv_param", {})}
    if "stride" not in p:
        return None
    window, step, pad = list(corners.window(case)), p["stride"], p["pad"]
    window = window if len(window) > 1 else window * 2  # a network's is square
    if case.op.component == "transposed_convolution":  # whose windows lie in the output, before the padding is cut off
        wide = [(side - 1) * step + f for side, f in zip(sides, window)]
        return wide, [side - 1 for side in wide], window, sides
    wide = [side + 2 * pad for side in sides]
    count = [(side - f) // step + 1 for side, f in zip(wide, window)]
    return wide, [(n - 1) * step + f - 1 for n, f in zip(count, window)], window, count


def largest_integers(of: ModuleType) -> Integers:
    """Return the largest value of each integer over the written cases of a layer, in uses of its own, too."""
    found: Integers = {}
    for case in (*of.CASES, *(case for case, _use in getattr(of, "SCENARIOS", ()))):
        for name, value in integers_of(case).items():
            found[name] = max(found.get(name, 0), value)
    return found


if __name__ == "__main__":
    for component in COMPONENTS:
        print(component)
        for name, value in largest_integers(layer(component)).items():
            beyond = [limit for limit in LIMITS if value > limit]
            print(f"    {name:22}{value:8}  {'> ' + str(beyond[-1]) if beyond else ''}")
