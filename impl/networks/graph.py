"""A network as a list of named layers, each with the names of its inputs: all sizes, before any array is made."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from .blocks import Layer, Shape

INPUT = "input"


@dataclass(frozen=True)
class Node:
    """One named layer of a network. Its parameters are called NAME.weight, NAME.bias ..."""

    name: str
    block: Layer
    inputs: tuple[str, ...]


@dataclass(frozen=True)
class Row:
    """One line of the table of sizes."""

    name: str
    what: str
    shape: Shape  # of the output, without the batch
    parameters: int


class Graph:
    """Layers in the order of the computation; each reads the output of the one before it unless its inputs are named.

    input_dim: (C, H, W). Raises ValueError for sizes that do not fit, with the layer's name.
    """

    def __init__(self, name: str, input_dim: Shape):
        self.name, self.input_dim = name, tuple(input_dim)
        if len(self.input_dim) != 3 or min(self.input_dim) < 1:
            raise ValueError(f"{name}: input_dim={input_dim!r}: allowed is (C, H, W), each at least 1")
        self.nodes: list[Node] = []
        self.shapes: dict[str, Shape] = {INPUT: self.input_dim}

    def add(self, name: str, block: Layer, *inputs: str) -> str:
        """Append a layer and return its name; without inputs it reads the one before it. Raises ValueError."""
        given = inputs or (self.nodes[-1].name if self.nodes else INPUT,)
        if name in self.shapes:
            raise ValueError(f"{self.name} has two blocks called {name}")
        try:
            self.shapes[name] = block.output_shape(*(self.shapes[i] for i in given))
        except ValueError as error:
            raise ValueError(f"{self.name} for {self.input_dim}: {name}: {error}") from None
        if any(size < 1 for size in self.shapes[name]):
            raise ValueError(f"{self.name} for {self.input_dim}: {name} would have the shape {self.shapes[name]}")
        self.nodes.append(Node(name, block, given))
        return name

    def extend(self, blocks: Iterable[tuple[str, Layer]]) -> "Graph":
        """Append layers, each of which reads the one before it. Raises ValueError."""
        for name, block in blocks:
            self.add(name, block)
        return self

    def parameters_of(self, node: Node) -> dict[str, Shape]:
        """The shapes of one layer's parameters, buffers among them, by their short names."""
        return node.block.parameters(self.shapes[node.inputs[0]])

    @cached_property
    def trained(self) -> dict[str, Shape]:
        """Every trained parameter's shape by its full name."""
        return {
            f"{node.name}.{k}": shape
            for node in self.nodes
            for k, shape in self.parameters_of(node).items()
            if k not in node.block.buffers
        }

    @cached_property
    def buffers(self) -> dict[str, Shape]:
        """The shapes of the arrays that are saved but not trained: running statistics, means, codes."""
        return {f"{node.name}.{k}": self.parameters_of(node)[k] for node in self.nodes for k in node.block.buffers}

    @property
    def count(self) -> int:
        """The number of trained numbers."""
        return sum(math.prod(shape) for shape in self.trained.values())

    def rows(self) -> list[Row]:
        """The table of sizes, one line for each layer."""
        rows = []
        for node in self.nodes:
            trained = [math.prod(s) for k, s in self.parameters_of(node).items() if k not in node.block.buffers]
            rows.append(Row(node.name, type(node.block).__name__, self.shapes[node.name], sum(trained)))
        return rows
