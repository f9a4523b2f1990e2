"""Receptive fields: the pixels of the input that a unit sees, computed from the shapes and checked by gradients."""

from dataclasses import dataclass, replace

import numpy as np

from . import blocks
from .graph import INPUT, Graph
from .network import Network

SAME_PLACE = (
    blocks.Activation, blocks.Add, blocks.BatchNorm, blocks.MeanSubtraction, blocks.Concat, blocks.Dropout, blocks.LRN,
)  # fmt: skip
MAX_CHANNELS = 16  # for the check by gradients: the field does not depend on the number of channels
ROUNDING = 1e-11  # share of the largest gradient; a fast convolution rounds a 0 to less than that


@dataclass(frozen=True)
class Field:
    """Rows top .. bottom and columns left .. right of the input, ends included; pixels beyond the image are padding."""

    top: int
    bottom: int
    left: int
    right: int

    @property
    def size(self) -> tuple[int, int]:
        """(rows, columns), with the padding."""
        return self.bottom - self.top + 1, self.right - self.left + 1

    def inside(self, height: int, width: int) -> "Field":
        """The field without the padding, for an image of height x width."""
        return Field(max(self.top, 0), min(self.bottom, height - 1), max(self.left, 0), min(self.right, width - 1))

    def __or__(self, other: "Field") -> "Field":
        return Field(
            min(self.top, other.top),
            max(self.bottom, other.bottom),
            min(self.left, other.left),
            max(self.right, other.right),
        )


def receptive_field(graph: Graph, layer: str, place: tuple[int, int] | None = None) -> Field:
    """The field of the layer's unit at (row, column), by default the middle one; neurons see the whole image.

    Raises ValueError for an unknown layer or place.
    """
    row, column = _place(graph, layer, place)
    seen = {layer: Field(row, row, column, column)}
    for node in reversed(graph.nodes):
        if node.name in seen:
            for name in node.inputs:
                before = _before(node.block, seen[node.name], graph.shapes[name])
                seen[name] = seen[name] | before if name in seen else before
    return seen[INPUT]


def field_by_gradient(graph: Graph, layer: str, place: tuple[int, int] | None = None) -> Field | None:
    """The smallest rectangle of pixels with a gradient of the unit, by our own backward; None if all is padding.

    Computed for the same network with few channels, positive weights, and means in place of maxima, since a maximum
    passes its gradient to one pixel only.
    """
    row, column = _place(graph, layer, place)
    twin = Graph(graph.name, graph.input_dim)
    for node in graph.nodes[: [n.name for n in graph.nodes].index(layer) + 1]:
        twin.add(node.name, _open(node.block), *node.inputs)
    network = Network(twin, rng=0, dtype=np.float64)
    for name, array in network.params.items():
        network.params[name] = np.abs(array) + (0.01 if name.endswith("weight") else 0)
    out = network.predict(np.random.default_rng(0).uniform(0.5, 1, (1, *graph.input_dim)))
    dout = np.zeros_like(out)
    dout[0, :, row, column] = 1
    reached = np.abs(network.backward(dout)[0]).sum(axis=0)
    rows, columns = np.nonzero(reached > ROUNDING * reached.max())
    return Field(*(int(n) for n in (rows.min(), rows.max(), columns.min(), columns.max()))) if len(rows) else None


def spatial_layers(graph: Graph) -> list[str]:
    """The names of the layers whose units have a place (row, column)."""
    return [node.name for node in graph.nodes if len(graph.shapes[node.name]) == 3]


def _place(graph: Graph, layer: str, place: tuple[int, int] | None) -> tuple[int, int]:
    names = spatial_layers(graph)
    if layer not in names:
        raise ValueError(f"layer={layer!r}: allowed is one of {', '.join(names)}")
    _, H, W = graph.shapes[layer]
    row, column = (H // 2, W // 2) if place is None else place
    if not (0 <= row < H and 0 <= column < W):
        raise ValueError(f"place={place!r}: allowed is (0, 0) to {(H - 1, W - 1)}, {layer} is {H}x{W}")
    return row, column


def _before(block: blocks.Layer, seen: Field, shape: tuple[int, ...]) -> Field:
    """The part of its input (C, H, W) from which a layer computes `seen`."""
    if isinstance(block, SAME_PLACE):
        return seen
    if isinstance(block, (blocks.Conv, blocks.MaxPool)):
        size, stride, pad = block.size, block.stride, block.pad
    elif isinstance(block, blocks.PartialConv):
        size, stride, pad = block.size, 1, 0
    elif isinstance(block, blocks.Subsampling):
        size, stride, pad = 2, 2, 0
    else:
        return Field(0, shape[1] - 1, 0, shape[2] - 1)
    first, last = (lambda n: n * stride - pad), (lambda n: n * stride - pad + size - 1)
    return Field(first(seen.top), last(seen.bottom), first(seen.left), last(seen.right))


def _open(block: blocks.Layer) -> blocks.Layer:
    """The layer with few channels, in a form that stops no gradient; groups still divide the channels."""
    if isinstance(block, blocks.Conv):
        return replace(block, filters=min(block.filters, MAX_CHANNELS))
    if isinstance(block, blocks.MaxPool):
        return blocks.AveragePool(block.size, block.stride, block.pad, block.rounding)
    return blocks.Activation("relu") if isinstance(block, blocks.Activation) else block
