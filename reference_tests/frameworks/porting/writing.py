"""What the writers of ports share: layouts of results, paddings, and the weights that go beside the text."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .graph import Layer, Model
from .operators import ELEMENTWISE
from .recipes import adaptive_bins, ceil_pads, same_pads, window_counts

FIRST, LAST, FLAT = "as in torch", "channels last", "flattened with channels innermost"
Pads = list[tuple[int, int]]


@dataclass
class Port:
    """A model written for another framework.

    lines: the body, one or two a layer. weights: what it takes, by name. layouts: of each layer's result. flat: the
    image's shape (C, H, W) behind a FLAT result. permuted: the same by the weight that was permuted for it. unknown:
    the layers that have to be written by hand.
    """

    model: Model
    lines: list[str] = field(default_factory=list)
    weights: dict[str, np.ndarray] = field(default_factory=dict)
    layouts: dict[str, str] = field(default_factory=dict)
    flat: dict[str, tuple[int, ...]] = field(default_factory=dict)
    permuted: dict[str, tuple[int, ...]] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)


def parameter(port: Port, layer: Layer, key: str) -> np.ndarray:
    """Return a layer's parameter as torch has it, in float32 as it was stored."""
    return np.asarray(port.model.parameters[layer.weights[key]].cpu().numpy(), "float32")


def keep_weight(port: Port, layer: Layer, key: str, array: np.ndarray | None = None) -> str:
    """Put a layer's weight beside the text, as it is or converted; return its name there."""
    name = layer.weights.get(key) or f"{layer.name}.{key}"
    kept = np.ascontiguousarray(parameter(port, layer, key) if array is None else array, "float32")
    if name in port.weights and not np.array_equal(port.weights[name], kept):  # shared, and laid out in two ways
        name = f"{layer.name}.{key} of its own"
    port.weights[name] = kept
    return name


def conv_pads(layer: Layer) -> Pads:
    """Return (before, after) for each axis of a convolution."""
    padding, window = layer.arguments["padding"], weight_window(layer)
    if padding == "valid":
        return [(0, 0)] * len(window)
    if padding == "same":  # at stride 1 its numbers do not depend on the size
        return [same_pads(k, k, 1, d) for k, d in zip(window, layer.arguments["dilation"])]
    return [(p, p) for p in padding]


def weight_window(layer: Layer) -> tuple[int, ...]:
    """Return the size of a convolution's filters."""
    return tuple(layer.arguments["window"])


def pool_pads(layer: Layer) -> Pads:
    """Return (before, after) for each axis of a pooling, what rounding up adds included."""
    of = pool_axes(layer)
    if layer.arguments.get("ceil_mode"):
        return [ceil_pads(*one) for one in of]
    return [(p, p) for _, _, _, p, _ in of]


def pool_axes(layer: Layer) -> list[tuple[int, int, int, int, int]]:
    """Return (size, window, stride, padding, dilation) of each axis of a pooling."""
    given, sizes = layer.arguments, layer.shapes[0][2:]
    dilation = given.get("dilation") or (1,) * len(sizes)
    return list(zip(sizes, given["kernel_size"], given["stride"], given["padding"], dilation))


def mean_counts(layer: Layer) -> np.ndarray:
    """Return what each window's sum is divided by, (OH, OW)."""
    given = layer.arguments
    if given.get("divisor_override"):
        return np.full(layer.shape[2:], given["divisor_override"])
    counts = [
        window_counts(n, k, s, p, bool(given["ceil_mode"]), bool(given["count_include_pad"]))
        for n, k, s, p, _ in pool_axes(layer)
    ]
    return product_of_axes(counts)


def product_of_axes(axes: list[np.ndarray]) -> np.ndarray:
    """Return the product of one factor from each axis at every place."""
    whole = np.ones(())
    for one in axes:
        whole = np.multiply.outer(whole, one)
    return whole


def share_matrix(n: int, size: int) -> np.ndarray:
    """Return the matrix (size, n) that takes the mean of each bin of an adaptive pooling."""
    matrix = np.zeros((size, n))
    for row, (start, end) in zip(matrix, adaptive_bins(n, size)):
        row[start:end] = 1 / (end - start)
    return matrix


def pads_by_axis(layer: Layer) -> Pads:
    """Return (before, after) for every axis of torch's pad, which counts from the last."""
    given, rank = layer.arguments["pad"], len(layer.shapes[0])
    pairs = [(given[i], given[i + 1]) for i in range(0, len(given), 2)]
    return [(0, 0)] * (rank - len(pairs)) + pairs[::-1]


def flattens_image(layer: Layer) -> bool:
    """Tell whether a layer makes one row of each image."""
    if layer.kind not in ("flatten", "view") or len(layer.shapes[0]) < 3 or len(layer.shape) != 2:
        return False
    return layer.shape[0] == layer.shapes[0][0]


def flat_shape(model: Model, layer: Layer) -> tuple[int, ...]:
    """Return (C, H, W) of the image that a layer's result is, flattened; () if it is none."""
    if flattens_image(layer):
        return layer.shapes[0][1:]
    before = next((other for other in model.layers if layer.inputs and other.name == layer.inputs[0]), None)
    return flat_shape(model, before) if before and layer.kind in ELEMENTWISE | {"dropout"} else ()


def feeds_dense_only(model: Model, layer: Layer) -> bool:
    """Tell whether a flattened image goes into dense layers alone, by way of activations and dropout perhaps."""
    users = [other for other in model.layers if layer.name in other.inputs]
    passing = ELEMENTWISE | {"dropout"}
    return bool(users) and all(
        user.kind == "linear" or (user.kind in passing and feeds_dense_only(model, user)) for user in users
    )


def text_of(value: Any) -> str:
    """Write numbers and tuples as Python does, infinities included."""
    if isinstance(value, float) and not np.isfinite(value):
        return f"float({str(value)!r})"
    return repr(value)


HIDDEN = ("training", "cudnn_enabled", "window", "dtype", "train", "memory_format")


def layer_text(layer: Layer) -> str:
    """Describe a layer in one line as torch has it: its name, kind, and arguments."""
    shown = {k: v for k, v in layer.arguments.items() if k not in HIDDEN and v is not None and v is not False}
    return f"{layer.name}: {layer.kind} {' '.join(f'{k}={v}' for k, v in shown.items())}".rstrip()
