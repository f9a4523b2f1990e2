"""The axes along which a layer's cases can grow, and the case of any length of one of them, the others tiny."""

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple

from ...i18n import N_
from .. import strata
from ..contract import layer
from ..scenarios.uses import output_shape
from ..types import Case

TOTAL = "total"  # an axis of its own: how many numbers x has
UNITS = {
    "N": N_("{n} images"),
    "C": N_("{n} channels"),
    "H": N_("{n} rows"),
    "W": N_("{n} columns"),
    "FN": N_("{n} filters"),
    "K": N_("{n} classes"),
    "D": N_("{n} numbers in a row"),
    "M": N_("{n} outputs"),
    "L": N_("an input size of {n}"),
    "T": N_("{n} training images"),
    "side": N_("{n} rows and columns"),
    "places": N_("{n} windows in all images together"),
    TOTAL: N_("{n} numbers in x"),
    "out": N_("{n} numbers in out"),
    "window": N_("{n} numbers in a window of all channels"),
}


class Axes(NamedTuple):
    """One way in which a layer's cases grow.

    kind: its word in an id; "" for the first. why: what the written case requires that is made in other sizes. form:
    its sizes, with the letter of an axis where one can grow. tiny: the length of each that does not. step: of lengths
    that have to be even. grow: the axes that do; none: all.
    """

    kind: str
    why: str
    form: tuple[Any, ...]
    tiny: Mapping[str, int]
    step: int = 1
    grow: tuple[str, ...] = ()


IMAGE = ("N", "C", "H", "W")
SMALL = {"N": 2, "C": 2, "H": 3, "W": 2}
FILTERS = {**SMALL, "FN": 2}
BLOCKS = {"N": 2, "C": 2, "H": 4, "W": 4}
SQUARE = ("N", "C", "side", "side")
EDGE = {"N": 2, "C": 2, "side": 4}
LONG, SLENDER = 64, {"H": 2, "W": 1}  # beside an axis of so many, there is one window across and down


def padded(why: str, *more: Any, **tiny: int) -> Axes:
    """Return the axes of a layer that pads square images."""
    return Axes("padded", why, (SQUARE, *more), {**EDGE, **tiny}, grow=("side",))


def of_images(why: str, *more: Any, **tiny: int) -> Axes:
    """Return the axes of a layer of images."""
    return Axes("", why, (IMAGE, *more), {**SMALL, **tiny})


def of_rows(why: str, *more: Any, kind: str = "rows") -> Axes:
    """Return the axes of a layer of rows."""
    return Axes(kind, why, (("N", "D"), *more), {"N": 2, "D": 3})


def of_numbers(why: str, *more: Any) -> tuple[Axes, ...]:
    """Return the axes of a layer of numbers, which takes images and rows."""
    return of_images(why, *more), of_rows("rows as well as images", *more)


AXES: dict[str, tuple[Axes, ...]] = {
    "shapes": (Axes("", "the steps of the window plus one", ("L", 3), {"L": 8}),),
    "im2col": (
        of_images("rows over N then OH then OW", (2, 1)),
        padded("padding of one", (3, 2)),
    ),
    "col2im": (of_images("overlapping windows are summed", (2, 1)),),
    "convolution": (
        Axes("", "W is used as it is, not flipped", (IMAGE, ("FN", "C", 2, 1)), FILTERS),
        padded("backward cuts the padding off", ("FN", "C", 3, 2), FN=2),
    ),
    "pooling": (
        of_images("stride of one", (2, 1)),
        Axes("blocks", "window of two by two", (IMAGE, (2, 2)), BLOCKS, step=2),
        padded("padding of one", (3, 2)),
    ),
    "average_pooling": (
        of_images("stride of one", (2, 1)),
        Axes("blocks", "window of two by two", (IMAGE, (2, 2)), BLOCKS, step=2),
        padded("the zeros of the padding count", (3, 2)),
    ),
    "relu": of_numbers("every number has its own mask"),
    "sigmoid": of_numbers("every number has its own output"),
    "tanh": of_numbers("every number has its own output"),
    "affine": (Axes("", "rows as well as images", (("N", "D"), ("D", "M")), {"N": 2, "D": 3, "M": 2}),),
    "softmax_with_loss": (
        Axes("", "softmax over the classes", (("N", "K"),), {"N": 2, "K": 3}),
        Axes("one-hot", "one-hot labels", (("N", "K"),), {"N": 2, "K": 3}),
    ),
    "dropout": (of_images("inference scales by 1 - ratio", 0.3),),
    "lrn": (of_images("n is a width and not a radius", C=4),),
    "simple_conv_net": (Axes("", "more than 64 images", ("N", (1, 8, 8), 3, 3, 7), {"N": 3}),),
    "global_average_pooling": (of_images("mean over height and width"),),
    "global_max_pooling": (of_images("maximum over height and width"),),
    "batch_norm": (
        of_images("statistics for each channel"),
        Axes("rows", "rows as well as images", (("N", "C"),), {"N": 4, "C": 2}),
        Axes("inference", "inference uses the running statistics", (IMAGE, False), SMALL),
    ),
    "inverted_dropout": (of_images("inference does not scale", 0.3),),
    "locally_connected": (Axes("", "every position has its own filter", (IMAGE, "FN", (2, 1)), FILTERS),),
    "grouped_convolution": (
        Axes("", "one group", (IMAGE, ("FN", "C", 2, 1), 1), FILTERS),
        Axes("groups", "as many groups as channels", (IMAGE, ("C", 1, 2, 1), "C"), SMALL),
    ),
    "depthwise_convolution": (of_images("channels are not mixed", ("C", 1, 2, 1)),),
    "pointwise_convolution": (Axes("", "W is filters by channels", (IMAGE, "FN"), FILTERS),),
    "transposed_convolution": (Axes("", "W is laid down as it is", (IMAGE, ("C", "FN", 2, 1)), FILTERS),),
    "spatial_pyramid_pooling": (of_images("levels in the order given", H=4, W=4),),
    "channel_concat": (Axes("", "inputs in the order given", ("N", ("C", 1, 2), "H", "W"), SMALL),),
    "residual_add": of_numbers("the shortcut is added"),
    "mean_normalization": (Axes("", "the mean of the training images", (IMAGE, "T"), {**SMALL, "T": 3}),),
}


def lengths_of(axes: Axes) -> list[str]:
    """List the axes that can grow, and last all numbers of an image's batch together."""
    total = IMAGE in axes.form and axes.step == 1 and not axes.kind
    return [*(axes.grow or axes.tiny), *([TOTAL] if total else [])]


def lengths(axes: Axes, axis: str, n: int) -> dict[str, int]:
    """Return the length of each axis of the case in which this one is n, rounded up to what may be its length.

    Of all numbers together it is at least n: the images' axes have about the same length, and the first what is left.
    """
    if axis != TOTAL:
        least = SLENDER if n > LONG and axes.step == 1 and "side" not in axes.tiny else {}
        tiny = {name: min(size, least.get(name, size)) for name, size in axes.tiny.items()}
        return {**tiny, axis: -(-max(n, axes.tiny[axis]) // axes.step) * axes.step}
    side = max(2, int(n**0.25))
    inner = {name: max(side, axes.tiny[name]) for name in ("C", "H", "W")}
    return {**axes.tiny, **inner, "N": max(2, -(-n // math.prod(inner.values())))}


def filled(form: Any, found: Mapping[str, int]) -> Any:
    """Put lengths in the place of letters."""
    if isinstance(form, tuple):
        return tuple(filled(part, found) for part in form)
    return found[form] if isinstance(form, str) else form


def case_of(component: str, axes: Axes, axis: str, n: int) -> Case | None:
    """Return the case in which an axis has this length; None where the written case cannot be made so."""
    written = written_case(component, axes.why)
    if written is None or written.resize is None:
        return None
    sizes = filled(axes.form, lengths(axes, axis, n))
    found = written.resize(lambda _: sizes)
    alive = component == "simple_conv_net"  # a network whose ReLUs are all shut shows nothing
    return replace(found, why=f"{axis}={n}" + (f" {axes.kind}" if axes.kind else ""), number=None, spread=alive)


@cache
def written_case(component: str, why: str) -> Case | None:
    """Return the written case of a requirement."""
    return strata.written_cases(layer(component)).get(why)


FILTERS_AT = {"affine": 1, "transposed_convolution": 1, "locally_connected": 2}  # the axis of W that is the filters'


def lengths_in(case: Case) -> dict[str, int]:
    """Return the lengths of a case's axes."""
    shapes, params = case.shapes, case.params
    if not shapes:
        return {"L": params["input_size"]} if "input_size" in params else {}
    first, filters = params.get("input_shape", next(iter(shapes.values()))), shapes.get("W", ())
    found = dict(zip(("N", "C", "H", "W") if len(first) == 4 else letters_of(case.op.component), first))
    if len(first) == 4 and first[2] == first[3]:
        found["side"] = first[2]
    if filters:
        found["M" if len(filters) == 2 else "FN"] = filters[
            FILTERS_AT.get(case.op.component, 0 if len(filters) > 2 else 1)
        ]
    return {**found, TOTAL: math.prod(first)} | ({"T": shapes["train"][0]} if "train" in shapes else {})


def count(case: Case) -> dict[str, int]:
    """Count what a case has: its axes, and the numbers of x, of out, of a window, and the windows."""
    found, filters = lengths_in(case), case.shapes.get("W", ())
    if not case.shapes or case.op.diagnose_with == "network":
        return found
    out = output_shape(case.question())
    found |= {"out": math.prod(out)}
    if len(out) == 4 or case.op.component == "im2col":
        found["places"] = math.prod(out) // max(1, out[1])
    return {**found, "window": math.prod(filters[1:])} if len(filters) == 4 else found


def letters_of(component: str) -> tuple[str, ...]:
    """Return the letters of the axes of rows."""
    return {"softmax_with_loss": ("N", "K"), "batch_norm": ("N", "C"), "im2col": ()}.get(component, ("N", "D"))


IN_WINDOWS = "convolution", "pooling", "average_pooling", "locally_connected", "transposed_convolution"
COST: dict[str, dict[tuple[str, ...], float]] = {  # milliseconds that the references take for each of these together
    **{name: {("N", "H", "W"): 0.004, ("N", "side", "side"): 0.01} for name in ("im2col", "col2im")},
    **{name: {("N", "H", "W"): 0.014, ("N", "side", "side"): 0.014} for name in IN_WINDOWS},
    **{name: {("N", "H", "W"): 0.02, ("C",): 2.0} for name in ("grouped_convolution", "depthwise_convolution")},
    "pointwise_convolution": {("N", "H", "W"): 0.02},
    "spatial_pyramid_pooling": {("N",): 0.06, ("C",): 0.09},
    "softmax_with_loss": {("K",): 0.09, ("N",): 0.01},
    "lrn": {("C",): 0.13},
    "batch_norm": {("C",): 0.015},
    "mean_normalization": {("H", "W"): 0.4},
    "affine": {("N",): 0.01, ("M",): 0.01},
    "simple_conv_net": {("N",): 0.6},
}


def work_of(component: str, axes: Axes, axis: str, n: int) -> float:
    """Estimate the milliseconds that the right answers of a case take, so that the same is asked on every machine."""
    found = lengths(axes, axis, n)
    parts = [(names, ms) for names, ms in COST.get(component, {}).items() if {*names} <= {*found}]
    return 1.0 + math.prod(found.values()) * 5e-4 + sum(ms * math.prod(found[k] for k in names) for names, ms in parts)
