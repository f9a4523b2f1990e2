"""Blocks that LeNet-5 of 1998 alone has; see blocks."""

import math
from dataclasses import dataclass
from typing import Any, ClassVar

from impl import layers

from .blocks import Arrays, Plain, Shape, windows


class Subsampling(Plain):
    """LeNet-5's: 2x2 blocks added up, times one trained number a channel, plus another."""

    scale: ClassVar[float] = 0.25

    def out(self, *shapes: Shape) -> Shape:
        return windows(shapes[0], 2, 2, 0, "floor")

    def parameters(self, shape: Shape) -> dict[str, Shape]:
        return {"weight": shape[:1], "bias": shape[:1]}

    def layer(self, arrays: Arrays) -> Any:
        return layers.Subsampling(arrays["weight"], arrays["bias"])

    def gradients(self, layer: Any) -> Arrays:
        return {"weight": layer.dW, "bias": layer.db}


@dataclass(frozen=True)
class PartialConv(Plain):
    """LeNet-5's C3: filter f sees the channels table[f] only."""

    table: tuple[tuple[int, ...], ...]
    size: int

    def fan_in(self, weight: Shape) -> int:
        return math.prod(weight) // len(self.table)

    def out(self, *shapes: Shape) -> Shape:
        return (len(self.table), *windows(shapes[0], self.size, 1, 0, "floor")[1:])

    def parameters(self, shape: Shape) -> dict[str, Shape]:
        return {"weight": (sum(map(len, self.table)), self.size, self.size), "bias": (len(self.table),)}

    def layer(self, arrays: Arrays) -> Any:
        channels = 1 + max(max(row) for row in self.table)
        return layers.PartialConvolution(arrays["weight"], arrays["bias"], self.table, channels)

    def gradients(self, layer: Any) -> Arrays:
        return {"weight": layer.dW, "bias": layer.db}


@dataclass(frozen=True)
class Codes(Plain):
    """LeNet-5's RBF units: minus the squared distance to each class's code, of numbers 1 and -1 that stay."""

    classes: int
    buffers: ClassVar[tuple[str, ...]] = ("codes",)

    def out(self, *shapes: Shape) -> Shape:
        return (self.classes,)

    def parameters(self, shape: Shape) -> dict[str, Shape]:
        return {"codes": (self.classes, shape[0])}

    def layer(self, arrays: Arrays) -> Any:
        return layers.RBF(arrays["codes"])
