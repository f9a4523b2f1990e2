"""A torch model as a list of layers with their arguments, weights and shapes, read from the exported graph."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch

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

    def __init__(self, graph: Any, changed: dict[str, Callable[[Any], Any]] | None = None) -> None:
        super().__init__(graph)
        self.changed = changed or {}
        self.kept: dict[str, Any] = {}

    def run_node(self, n: Any) -> Any:
        """Run one node, or what stands in its place."""
        value = self.changed[n.name](self) if n.name in self.changed else super().run_node(n)
        self.kept[n.name] = value
        return value


def read_graph(program: Any, example: Tensor) -> Model:
    """Return the model of an exported program, in float64, with every layer's result for the example."""
    graph = program.module()
    for node in list(graph.graph.nodes):
        if node.op == "call_module" and not node.users:  # torch's checks of the input's type
            graph.graph.erase_node(node)
    graph.recompile()
    graph = graph.double()
    example = example.double() if example.is_floating_point() else example
    parameters = {name: t.detach() for name, t in [*graph.named_parameters(), *graph.named_buffers()]}
    kept = run_graph(graph, example)
    layers = find_layers(graph.graph, kept)
    results = {layer.name: kept[layer.node] for layer in layers}
    return Model(graph, layers, parameters, example, results)


def run_graph(graph: Any, example: Tensor, changed: dict[str, Callable[[Any], Any]] | None = None) -> dict[str, Any]:
    """Return {node: what it gives} for an input, with some nodes computed in another way."""
    recorder = Recorder(graph, changed)
    with torch.no_grad():
        recorder.run(example)
    return recorder.kept


def find_layers(graph: Any, kept: dict[str, Any]) -> list[Layer]:
    """Return the layers of a graph in order; nodes that change nothing are no layers."""
    inside, normalized = operators.find_lrn(graph)
    nodes = [n for n in graph.nodes if n.op == "call_function" and n.name not in inside]
    alias: dict[str, str] = {n.name: "input" for n in graph.nodes if n.op == "placeholder"}
    parameters = {n.name: n.target for n in graph.nodes if n.op == "get_attr"}
    names = layer_names([n for n in nodes if operators.base_name(n) not in operators.NOTHING])
    layers = []
    for node in nodes:
        if operators.base_name(node) in operators.NOTHING:
            alias[node.name] = alias.get(node.args[0].name, node.args[0].name)
            continue
        kind, tensors, arguments = normalized.get(node.name) or operators.describe(node)
        weights = {key: parameters[t.name] for key, t in tensors.items() if t.name in parameters}
        given = [t for t in tensors.values() if t.name not in parameters]
        alias[node.name] = names[node.name]
        value = kept[node.name]
        layers.append(
            Layer(
                names[node.name],
                kind,
                tuple(alias.get(t.name, t.name) for t in given),
                arguments,
                weights,
                tuple(tuple(kept[t.name].shape) for t in given),
                tuple(value.shape) if isinstance(value, torch.Tensor) else (),
                node.name,
                str(node.target),
            )
        )
    return layers


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
