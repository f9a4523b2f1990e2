"""Blocks that look at an image through windows without parameters; see blocks."""

from dataclasses import dataclass
from typing import Any

from impl import layers

from .blocks import Arrays, Plain, Shape, windows


@dataclass(frozen=True)
class MaxPool(Plain):
    """rounding: of a size that does not divide, "floor" or "ceil" (Caffe's)."""

    size: int
    stride: int
    pad: int = 0
    rounding: str = "floor"

    def out(self, *shapes: Shape) -> Shape:
        return windows(shapes[0], self.size, self.stride, self.pad, self.rounding)

    def layer(self, arrays: Arrays) -> Any:
        return layers.Pooling(self.size, self.size, self.stride, self.pad, rounding=self.rounding)


@dataclass(frozen=True)
class AveragePool(MaxPool):
    """As MaxPool, the mean in place of the maximum."""

    def layer(self, arrays: Arrays) -> Any:
        return layers.AveragePooling(self.size, self.size, self.stride, self.pad, rounding=self.rounding)


@dataclass(frozen=True)
class AdaptiveAverage(Plain):
    """size x size means, whatever the image's size."""

    size: int

    def out(self, *shapes: Shape) -> Shape:
        return (shapes[0][0], self.size, self.size)

    def layer(self, arrays: Arrays) -> Any:
        return layers.AdaptiveAveragePooling(self.size)


class GlobalAverage(Plain):
    """(C, H, W) -> (C,)"""

    def out(self, *shapes: Shape) -> Shape:
        return shapes[0][:1]

    def layer(self, arrays: Arrays) -> Any:
        return layers.GlobalAveragePooling()


@dataclass(frozen=True)
class Pyramid(Plain):
    """Spatial pyramid pooling."""

    levels: tuple[int, ...]

    def out(self, *shapes: Shape) -> Shape:
        return (shapes[0][0] * sum(n * n for n in self.levels),)

    def layer(self, arrays: Arrays) -> Any:
        return layers.SpatialPyramidPooling(self.levels)
