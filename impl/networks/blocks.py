"""What a network is made of, as descriptions: which layer, and what its sizes follow from. Nothing is allocated here.

Each block has out(shape...) -> shape, both without the batch, (C, H, W) or (D,); parameters(shape) -> name -> shape
with torch's names and layouts; layer(arrays) -> a layer of impl.layers with them; gradients(layer) under those names.
"""

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from impl import layers
from impl.functional.shapes import conv_output_size

Shape = tuple[int, ...]
Arrays = dict[str, np.ndarray]


class Plain:
    """A block without parameters."""

    trains: ClassVar[bool] = False  # whether its forward takes train_flg
    buffers: ClassVar[tuple[str, ...]] = ()  # of its parameters, those that no gradient reaches
    scale: ClassVar[float] = 1.0  # where a weight is one number a channel: what it starts with

    def fan_in(self, weight: Shape) -> int:
        """How many numbers come together in one of the output."""
        return math.prod(weight[1:])

    def out(self, *shapes: Shape) -> Shape:
        return shapes[0]

    def parameters(self, shape: Shape) -> dict[str, Shape]:
        return {}

    def gradients(self, layer: Any) -> Arrays:
        return {}


def windows(shape: Shape, size: int, stride: int, pad: int, rounding: str) -> Shape:
    if len(shape) != 3:
        raise ValueError(f"an input (C, H, W) is needed, before a Flatten; got {shape}")
    C, *plane = shape
    return (C, *(conv_output_size(n, size, stride, pad, rounding=rounding) for n in plane))


@dataclass(frozen=True)
class Conv(Plain):
    """filters of size x size; stride, pad in pixels. A size that does not divide is rounded down."""

    filters: int
    size: int
    stride: int = 1
    pad: int = 0
    groups: int = 1
    bias: bool = True

    def out(self, *shapes: Shape) -> Shape:
        return (self.filters, *windows(shapes[0], self.size, self.stride, self.pad, "floor")[1:])

    def parameters(self, shape: Shape) -> dict[str, Shape]:
        weight = {"weight": (self.filters, shape[0] // self.groups, self.size, self.size)}
        return weight | ({"bias": (self.filters,)} if self.bias else {})

    def layer(self, arrays: Arrays) -> Any:
        W = arrays["weight"]
        b = arrays["bias"] if self.bias else np.zeros(len(W), W.dtype)
        if self.groups == 1:
            return layers.Convolution(W, b, self.stride, self.pad, rounding="floor")
        return layers.GroupedConvolution(W, b, self.stride, self.pad, self.groups)

    def gradients(self, layer: Any) -> Arrays:
        return {"weight": layer.dW} | ({"bias": layer.db} if self.bias else {})


@dataclass(frozen=True)
class Dense(Plain):
    """Fully connected; weight (units, inputs) as in torch, the transpose of the book's W."""

    units: int

    def out(self, *shapes: Shape) -> Shape:
        return (self.units,)

    def parameters(self, shape: Shape) -> dict[str, Shape]:
        return {"weight": (self.units, math.prod(shape)), "bias": (self.units,)}

    def layer(self, arrays: Arrays) -> Any:
        return layers.Affine(arrays["weight"].T, arrays["bias"])

    def gradients(self, layer: Any) -> Arrays:
        return {"weight": layer.dW.T, "bias": layer.db}


@dataclass(frozen=True)
class Activation(Plain):
    """kind: relu, tanh, sigmoid or scaled_tanh."""

    kind: str = "relu"

    def layer(self, arrays: Arrays) -> Any:
        kinds = {"relu": layers.Relu, "tanh": layers.Tanh, "sigmoid": layers.Sigmoid, "scaled_tanh": layers.ScaledTanh}
        return kinds[self.kind]()


@dataclass(frozen=True)
class BatchNorm(Plain):
    """With torch's running statistics, which are kept with the parameters."""

    eps: float = 1e-5
    momentum: float = 0.1
    trains: ClassVar[bool] = True
    buffers: ClassVar[tuple[str, ...]] = ("running_mean", "running_var")

    def parameters(self, shape: Shape) -> dict[str, Shape]:
        return dict.fromkeys(("weight", "bias", *self.buffers), shape[:1])

    def layer(self, arrays: Arrays) -> Any:
        given = (arrays[k] for k in self.buffers)
        return layers.BatchNorm(arrays["weight"], arrays["bias"], self.momentum, self.eps, *given)

    def gradients(self, layer: Any) -> Arrays:
        return {"weight": layer.dgamma, "bias": layer.dbeta}


@dataclass(frozen=True)
class Response(Plain):
    """Local response normalization; AlexNet's formula and numbers."""

    n: int = 5
    k: float = 2.0
    alpha: float = 1e-4
    beta: float = 0.75

    def layer(self, arrays: Arrays) -> Any:
        return layers.LRN(self.n, self.k, self.alpha, self.beta)


@dataclass(frozen=True)
class Drop(Plain):
    """Inverted dropout."""

    ratio: float = 0.5
    trains: ClassVar[bool] = True

    def layer(self, arrays: Arrays) -> Any:
        return layers.InvertedDropout(self.ratio)


class Concat(Plain):
    """Several inputs, their channels one after the other."""

    def out(self, *shapes: Shape) -> Shape:
        if len({shape[1:] for shape in shapes}) != 1:
            raise ValueError(f"inputs must have one height and width; got {shapes}")
        return (sum(shape[0] for shape in shapes), *shapes[0][1:])

    def layer(self, arrays: Arrays) -> Any:
        return layers.ChannelConcat()


class Add(Plain):
    """Two inputs of one shape, added."""

    def out(self, *shapes: Shape) -> Shape:
        if len(set(shapes)) != 1:
            raise ValueError(f"inputs must have one shape; got {shapes}")
        return shapes[0]

    def layer(self, arrays: Arrays) -> Any:
        return layers.ResidualAdd()


@dataclass(frozen=True)
class Centre(Plain):
    """The training data's mean subtracted, per channel or per pixel; the mean is kept with the parameters."""

    per_pixel: bool = False
    buffers: ClassVar[tuple[str, ...]] = ("mean",)

    def parameters(self, shape: Shape) -> dict[str, Shape]:
        return {"mean": shape if self.per_pixel else (shape[0], 1, 1)}

    def layer(self, arrays: Arrays) -> Any:
        return layers.MeanNormalization.from_mean(arrays["mean"])


Block = Plain


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
