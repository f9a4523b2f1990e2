"""A port compared with its model, layer by layer in float64; the first that differs, by how much, and why."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...errors import UsageError
from ...i18n import _
from .graph import Layer, Model, run_changed
from .recipes import flatten_permutation
from .slips import Slip, slips_of
from .writing import flat_shape

TOLERANCE = {"float64": 1e-6, "float32": 1e-4}  # of the largest number; half precision is held to 2e-2
HALF = 2e-2


@dataclass(frozen=True)
class Row:
    """One layer's outcome. difference: relative to the layer's largest number, None if the shapes differ."""

    layer: Layer
    equal: bool
    difference: float | None
    shape: tuple[int, ...]


@dataclass(frozen=True)
class Reason:
    """A slip that gives exactly what the port gives."""

    layer: Layer
    slip: Slip


@dataclass(frozen=True)
class Comparison:
    """The outcome. first: the first row that differs. suspects: the layers behind it. reasons: what explains it."""

    rows: list[Row]
    first: Row | None
    suspects: list[Layer]
    reasons: list[Reason]
    unknown: list[str]


def compare_port(model: Model, results: Any) -> Comparison:
    """Compare what a port returned: {layer: array}, a list of all layers' arrays, or the final array."""
    named, unknown = name_results(model, results)
    by_name = {layer.name: layer for layer in model.layers}
    rows = [
        compare_layer(model, by_name[layer.name], named[layer.name]) for layer in model.layers if layer.name in named
    ]
    first = next((row for row in rows if not row.equal), None)
    if first is None:
        return Comparison(rows, None, [], [], unknown)
    right = {row.layer.name for row in rows if row.equal}
    suspects = find_suspects(model, first.layer, right)
    return Comparison(
        rows, first, suspects, find_reasons(model, first.layer, suspects, named[first.layer.name]), unknown
    )


def name_results(model: Model, results: Any) -> tuple[dict[str, np.ndarray], list[str]]:
    """Return {layer: array} of what a port returned, and the names that are no layer's. Raises UsageError."""
    names = [layer.name for layer in model.layers]
    if isinstance(results, dict):
        found = {str(name): as_array(value) for name, value in results.items()}
        unknown = [name for name in found if name not in names and name != "input"]
        if not set(found) & set(names):
            raise UsageError(_("--port: none of its names is a layer's: the layers are {}").format(", ".join(names)))
        return {name: found[name] for name in names if name in found}, unknown
    if isinstance(results, list | tuple):
        if len(results) != len(names):
            message = _("--port: it returns {} results for {} layers: return a dict by the layers' names")
            raise UsageError(message.format(len(results), len(names)))
        return {name: as_array(value) for name, value in zip(names, results)}, []
    return {names[-1]: as_array(results)}, []


def as_array(value: Any) -> np.ndarray:
    """Return a result as an array of numbers. Raises UsageError if it is none."""
    if hasattr(value, "detach"):
        value = value.detach().cpu()
    array = np.asarray(value)
    if array.dtype.kind in "fiub":
        return array
    if array.dtype.kind != "V":  # bfloat16's
        raise UsageError(_("--port: it returns {}, which is no array of numbers").format(type(value).__name__))
    return array.astype("float32")


def compare_layer(model: Model, layer: Layer, got: np.ndarray) -> Row:
    """Compare one layer's result with torch's, in whichever layout it fits."""
    want = model.results[layer.name].numpy()
    found = [distance(got, laid) for laid in layouts_of(model, layer, want) if laid.shape == got.shape]
    if not found:
        return Row(layer, False, None, got.shape)
    return Row(layer, min(found) <= tolerance_of(got), min(found), got.shape)


def tolerance_of(array: np.ndarray) -> float:
    """Return how far a result may be from torch's, by its type."""
    return TOLERANCE.get(str(array.dtype), HALF if array.dtype.kind == "f" else 0.0)


def layouts_of(model: Model, layer: Layer, want: np.ndarray) -> list[np.ndarray]:
    """Return a result as torch lays it out and with channels last, a flattened image with channels innermost."""
    found = [want]
    if want.ndim > 2:
        found.append(np.moveaxis(want, 1, -1))
    if shape := flat_shape(model, layer):
        found.append(want[:, flatten_permutation(shape)])
    return found


def distance(got: np.ndarray, want: np.ndarray) -> float:
    """Return the largest difference relative to the largest number wanted; inf if one alone is not finite."""
    got, want = got.astype("float64"), want.astype("float64")
    finite = np.isfinite(want)
    if (np.isfinite(got) != finite).any() or (got[~finite] != want[~finite])[~np.isnan(want[~finite])].any():
        return float("inf")
    scale = np.abs(want[finite]).max(initial=0.0) or 1.0
    return float(np.abs(got[finite] - want[finite]).max(initial=0.0) / scale)


def find_suspects(model: Model, layer: Layer, right: set[str]) -> list[Layer]:
    """Return the layers that a difference may come from: this one, and those before it that no equal one hides."""
    by_name = {one.name: one for one in model.layers}
    found: list[str] = []
    waiting = [layer.name]
    while waiting:
        name = waiting.pop()
        if name in by_name and name not in right and name not in found:
            found.append(name)
            waiting += by_name[name].inputs
    return [one for one in model.layers if one.name in found]


def find_reasons(model: Model, layer: Layer, suspects: list[Layer], got: np.ndarray) -> list[Reason]:
    """Return the slips of one layer that give exactly the port's numbers."""
    return [
        Reason(suspect, slip)
        for suspect in reversed(suspects)
        for slip in slips_of(model, suspect)
        if explains(model, layer, suspect, slip, got)
    ]


def explains(model: Model, layer: Layer, suspect: Layer, slip: Slip, got: np.ndarray) -> bool:
    """Tell whether a slip in one layer gives the port's numbers in another, and torch's own are not as near."""
    given = run_changed(model, suspect.node, changed(model, suspect, slip)).get(layer.node)
    if given is None or (flat_shape(model, layer) and given.shape != layer.shape):
        return False
    laid = [one for one in layouts_of(model, layer, given.numpy()) if one.shape == got.shape]
    return any(distance(got, one) <= tolerance_of(got) for one in laid)


def changed(model: Model, layer: Layer, slip: Slip) -> Callable[[Any], Any]:
    """Return the function that computes a layer's node with a slip."""
    nodes = {one.name: one.node for one in model.layers}
    weights = {key: model.parameters[name] for key, name in layer.weights.items()}

    def compute(recorder: Any) -> Any:
        inputs = [recorder.kept[nodes[name]] if name in nodes else model.example for name in layer.inputs]
        return slip.give(inputs, weights)

    return compute
