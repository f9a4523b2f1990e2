"""A torch model as a list of layers with their arguments, weights and shapes, read from the exported graph."""

import contextlib
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import torch
import torch.nn.functional as F

from . import operators

Tensor = torch.Tensor


@dataclass(frozen=True)
class Layer:
    """One layer. inputs: names of layers, or "input". weights: {"weight": the parameter's name}. node: in the graph."""

    name: str
    kind: str
    inputs: tuple[str, ...]
    arguments: dict[str, Any]
    weights: dict[str, str]
    shapes: tuple[tuple[int, ...], ...]
    shape: tuple[int, ...]
    node: str
    operator: str = ""


@dataclass
class Model:
    """A model in float64: its graph, its layers in order, its parameters, the example."""

    graph: Any
    layers: list[Layer]
    parameters: dict[str, Tensor]
    example: Tensor
    results: dict[str, Tensor] = field(default_factory=dict)


class Recorder(torch.fx.Interpreter):
    """Runs a graph; keeps what each node gives, and lets some nodes be computed in another way."""

    def __init__(self, graph: Any, changed: dict[str, Callable[[Any], Any]]) -> None:
        super().__init__(graph)
        self.changed = changed
        self.kept: dict[str, Any] = {}

    def run_node(self, n: Any) -> Any:
        """Run one node, or what stands in its place."""
        value = self.changed[n.name](self) if n.name in self.changed else super().run_node(n)
        self.kept[n.name] = value.clone() if isinstance(value, torch.Tensor) else value  # relu_ writes into its input
        return value


def read_graph(program: Any, example: Tensor) -> Model:
    """Return the model of an exported program, in float64, with every layer's result for the example."""
    graph = deepcopy(program.module())  # which shares its parameters with the user's model
    for node in list(graph.graph.nodes):
        if node.op == "call_module" and not node.users:  # torch's checks of the input's type
            graph.graph.erase_node(node)
    graph.recompile()
    graph = graph.double()
    example = example.double() if example.is_floating_point() else example
    parameters = {name: t.detach() for name, t in [*graph.named_parameters(), *graph.named_buffers()]}
    recorder = Recorder(graph, {})
    with torch.no_grad():
        recorder.run(example)
    layers = find_layers(graph.graph, recorder.kept)
    results = {layer.name: first_tensor(recorder.kept[layer.node]) for layer in layers}
    return Model(graph, layers, parameters, example, results)


def run_changed(model: Model, node: str, compute: Callable[[Any], Any]) -> dict[str, Any]:
    """Return {node: what it gives} with one node computed in another way, as far as its sizes allow."""
    inside, normalized = operators.find_lrn(model.graph.graph)  # whose own nodes are tied to one size
    changed: dict[str, Callable[[Any], Any]] = {name: lambda recorder: None for name in inside}
    for name, (_, tensors, of) in normalized.items():
        changed[name] = lrn_function(tensors["input"].name, of)
    recorder = Recorder(model.graph, {**changed, node: compute})
    with torch.no_grad(), contextlib.suppress(RuntimeError, ValueError, IndexError, TypeError):
        recorder.run(model.example)
    return recorder.kept


def first_tensor(value: Any) -> Any:
    """Return what a node gives, or the first of several."""
    return value[0] if isinstance(value, tuple | list) and value else value


def lrn_function(x: str, of: dict[str, Any]) -> Callable[[Any], Any]:
    """Return the function that computes local response normalization in one step, whatever the size."""
    return lambda recorder: F.local_response_norm(recorder.kept[x], of["size"], of["alpha"], of["beta"], of["k"])


def find_layers(graph: Any, kept: dict[str, Any]) -> list[Layer]:
    """Return the layers of a graph in order; nodes that change nothing are no layers."""
    inside, normalized = operators.find_lrn(graph)
    nodes = [n for n in graph.nodes if n.op == "call_function" and n.name not in inside]
    alias: dict[str, str] = {n.name: "input" for n in graph.nodes if n.op == "placeholder"}
    parameters = {n.name: n.target for n in graph.nodes if n.op == "get_attr"}
    names = layer_names([n for n in nodes if not operators.passes_on(n)])
    layers = []
    for node in nodes:
        value = first_tensor(kept[node.name])
        if not isinstance(value, torch.Tensor):  # a size, or a check of one
            continue
        if operators.passes_on(node):
            alias[node.name] = alias.get(node.args[0].name, node.args[0].name)
            continue
        described = normalized.get(node.name) or operators.describe(node)
        layers.append(make_layer(names[node.name], node, described, kept, parameters, alias))
        alias[node.name] = names[node.name]
    return layers


def make_layer(
    name: str, node: Any, described: operators.Described, kept: dict[str, Any], parameters: dict[str, str],
    alias: dict[str, str],
) -> Layer:  # fmt: skip
    """Return a node's layer; alias has the layers' names of the nodes before it."""
    kind, tensors, arguments = described
    given = [t for t in tensors.values() if t.name not in parameters and has_shape(kept[t.name])]
    return Layer(
        name,
        kind,
        tuple(alias.get(t.name, t.name) for t in given),
        arguments,
        {key: parameters[t.name] for key, t in tensors.items() if t.name in parameters},
        tuple(tuple(first_tensor(kept[t.name]).shape) for t in given),
        tuple(first_tensor(kept[node.name]).shape),
        node.name,
        str(node.target),
    )


def has_shape(value: Any) -> bool:
    """Tell whether a value is a tensor, or begins with one."""
    return isinstance(first_tensor(value), torch.Tensor)


def layer_names(nodes: list[Any]) -> dict[str, str]:
    """Return {node: name}: the path of torch's own module that it is, if no other node has it, else the node's name."""
    paths = {node.name: module_path(node) for node in nodes}
    times = list(paths.values())
    return {name: path if path and times.count(path) == 1 else name for name, path in paths.items()}


def module_path(node: Any) -> str:
    """Return the path of the module of torch.nn that a node is in, "" if it is in none."""
    stack = list((node.meta.get("nn_module_stack") or {}).values())
    if not stack:
        return ""
    path, kind = stack[-1]
    name = kind if isinstance(kind, str) else f"{kind.__module__}.{kind.__qualname__}"
    return path if name.startswith("torch.nn.modules") and "container" not in name else ""
