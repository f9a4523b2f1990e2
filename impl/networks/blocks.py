"""Descriptions of a network's layers: their sizes and what follows from them. Nothing is allocated here.

A description has output_shape(*shapes) -> shape, both without the batch, (C, H, W) or (D,); parameters(shape) ->
shapes by torch's names, in torch's layouts; build(arrays) -> a layer of impl.layers with these arrays; and
gradients(layer) -> arrays under the same names.
"""

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from impl import layers
from impl.functional.shapes import conv_output_size

Shape = tuple[int, ...]
Arrays = dict[str, np.ndarray]


class Layer:
    """A layer without parameters whose output has the shape of its input."""

    trains: ClassVar[bool] = False  # whether its forward takes train_flg
    buffers: ClassVar[tuple[str, ...]] = ()  # names of those parameters that are not trained
    scale: ClassVar[float] = 1.0  # the initial value of a weight that is one number for each channel

    def output_shape(self, *shapes: Shape) -> Shape:
        """The shape of the output for inputs of these shapes. Raises ValueError for shapes that do not fit."""
        return shapes[0]

    def parameters(self, shape: Shape) -> dict[str, Shape]:
        """The shapes of the parameters, buffers among them, by name, for an input of this shape."""
        return {}

    def fan_in(self, weight: Shape) -> int:
        """The number of inputs of one neuron, for a weight of this shape."""
        return math.prod(weight[1:])

    def build(self, arrays: Arrays) -> Any:
        """Make the layer of impl.layers with these parameters."""
        raise NotImplementedError

    def gradients(self, layer: Any) -> Arrays:
        """The gradients that a built layer holds after backward, by the parameters' names."""
        return {}


def _plane_after(shape: Shape, size: int, stride: int, pad: int, rounding: str) -> tuple[int, int]:
    if len(shape) != 3:
        raise ValueError(f"an input (C, H, W) is needed, before a Flatten; got {shape}")
    H, W = (conv_output_size(n, size, stride, pad, rounding=rounding) for n in shape[1:])
    return H, W


# --- convolutions and dense layers -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Conv(Layer):
    """A convolution with filters of size x size; stride, pad in pixels. A size that does not divide is rounded down."""

    filters: int
    size: int
    stride: int = 1
    pad: int = 0
    groups: int = 1
    bias: bool = True

    def output_shape(self, *shapes: Shape) -> Shape:
        return (self.filters, *_plane_after(shapes[0], self.size, self.stride, self.pad, "floor"))

    def parameters(self, shape: Shape) -> dict[str, Shape]:
        weight = {"weight": (self.filters, shape[0] // self.groups, self.size, self.size)}
        return weight | ({"bias": (self.filters,)} if self.bias else {})

    def build(self, arrays: Arrays) -> Any:
        W = arrays["weight"]
        b = arrays["bias"] if self.bias else np.zeros(len(W), W.dtype)
        if self.groups == 1:
            return layers.Convolution(W, b, self.stride, self.pad, rounding="floor")
        return layers.GroupedConvolution(W, b, self.stride, self.pad, self.groups)

    def gradients(self, layer: Any) -> Arrays:
        return {"weight": layer.dW} | ({"bias": layer.db} if self.bias else {})


@dataclass(frozen=True)
class PartialConv(Layer):
    """LeNet-5's C3: filter f sees only the channels table[f]."""

    table: tuple[tuple[int, ...], ...]
    size: int

    def output_shape(self, *shapes: Shape) -> Shape:
        return (len(self.table), *_plane_after(shapes[0], self.size, 1, 0, "floor"))

    def parameters(self, shape: Shape) -> dict[str, Shape]:
        return {"weight": (sum(map(len, self.table)), self.size, self.size), "bias": (len(self.table),)}

    def fan_in(self, weight: Shape) -> int:
        return math.prod(weight) // len(self.table)

    def build(self, arrays: Arrays) -> Any:
        channels = 1 + max(max(row) for row in self.table)
        return layers.PartialConvolution(arrays["weight"], arrays["bias"], self.table, channels)

    def gradients(self, layer: Any) -> Arrays:
        return {"weight": layer.dW, "bias": layer.db}


@dataclass(frozen=True)
class Dense(Layer):
    """A fully connected layer; weight (units, inputs) as in torch, the transpose of the book's W."""

    units: int

    def output_shape(self, *shapes: Shape) -> Shape:
        return (self.units,)

    def parameters(self, shape: Shape) -> dict[str, Shape]:
        return {"weight": (self.units, math.prod(shape)), "bias": (self.units,)}

    def build(self, arrays: Arrays) -> Any:
        return layers.Affine(arrays["weight"].T, arrays["bias"])

    def gradients(self, layer: Any) -> Arrays:
        return {"weight": layer.dW.T, "bias": layer.db}


@dataclass(frozen=True)
class RBF(Layer):
    """LeNet-5's output: minus the squared distance to each class's code, whose numbers 1 and -1 are not trained."""

    classes: int
    buffers: ClassVar[tuple[str, ...]] = ("codes",)

    def output_shape(self, *shapes: Shape) -> Shape:
        return (self.classes,)

    def parameters(self, shape: Shape) -> dict[str, Shape]:
        return {"codes": (self.classes, shape[0])}

    def build(self, arrays: Arrays) -> Any:
        return layers.RBF(arrays["codes"])


# --- activation, normalization, dropout ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Activation(Layer):
    """A function of each number; kind: relu, tanh, sigmoid or scaled_tanh."""

    kind: str = "relu"

    def build(self, arrays: Arrays) -> Any:
        kinds = {"relu": layers.Relu, "tanh": layers.Tanh, "sigmoid": layers.Sigmoid, "scaled_tanh": layers.ScaledTanh}
        return kinds[self.kind]()


@dataclass(frozen=True)
class BatchNorm(Layer):
    """Batch normalization with torch's running statistics, which are buffers."""

    eps: float = 1e-5
    momentum: float = 0.1
    trains: ClassVar[bool] = True
    buffers: ClassVar[tuple[str, ...]] = ("running_mean", "running_var")

    def parameters(self, shape: Shape) -> dict[str, Shape]:
        return dict.fromkeys(("weight", "bias", *self.buffers), shape[:1])

    def build(self, arrays: Arrays) -> Any:
        statistics = (arrays[k] for k in self.buffers)
        return layers.BatchNorm(arrays["weight"], arrays["bias"], self.momentum, self.eps, *statistics)

    def gradients(self, layer: Any) -> Arrays:
        return {"weight": layer.dgamma, "bias": layer.dbeta}


@dataclass(frozen=True)
class LRN(Layer):
    """Local response normalization with AlexNet's formula and numbers."""

    n: int = 5
    k: float = 2.0
    alpha: float = 1e-4
    beta: float = 0.75

    def build(self, arrays: Arrays) -> Any:
        return layers.LRN(self.n, self.k, self.alpha, self.beta)


@dataclass(frozen=True)
class MeanSubtraction(Layer):
    """The training data's mean subtracted, per channel or per pixel; the mean is a buffer."""

    per_pixel: bool = False
    buffers: ClassVar[tuple[str, ...]] = ("mean",)

    def parameters(self, shape: Shape) -> dict[str, Shape]:
        return {"mean": shape if self.per_pixel else (shape[0], 1, 1)}

    def build(self, arrays: Arrays) -> Any:
        return layers.MeanNormalization.from_mean(arrays["mean"])


@dataclass(frozen=True)
class Dropout(Layer):
    """Inverted dropout."""

    ratio: float = 0.5
    trains: ClassVar[bool] = True

    def build(self, arrays: Arrays) -> Any:
        return layers.InvertedDropout(self.ratio)


# --- pooling ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MaxPool(Layer):
    """Max pooling; rounding: of a size that does not divide, "floor" or "ceil" (Caffe's)."""

    size: int
    stride: int
    pad: int = 0
    rounding: str = "floor"

    def output_shape(self, *shapes: Shape) -> Shape:
        plane = _plane_after(shapes[0], self.size, self.stride, self.pad, self.rounding)
        return (shapes[0][0], *plane)

    def build(self, arrays: Arrays) -> Any:
        return layers.Pooling(self.size, self.size, self.stride, self.pad, rounding=self.rounding)


@dataclass(frozen=True)
class AveragePool(MaxPool):
    """Average pooling; arguments as MaxPool's."""

    def build(self, arrays: Arrays) -> Any:
        return layers.AveragePooling(self.size, self.size, self.stride, self.pad, rounding=self.rounding)


class Subsampling(Layer):
    """LeNet-5's pooling: 2x2 blocks added up, times one trained number for each channel, plus another."""

    scale: ClassVar[float] = 0.25

    def output_shape(self, *shapes: Shape) -> Shape:
        return (shapes[0][0], *_plane_after(shapes[0], 2, 2, 0, "floor"))

    def parameters(self, shape: Shape) -> dict[str, Shape]:
        return {"weight": shape[:1], "bias": shape[:1]}

    def build(self, arrays: Arrays) -> Any:
        return layers.Subsampling(arrays["weight"], arrays["bias"])

    def gradients(self, layer: Any) -> Arrays:
        return {"weight": layer.dW, "bias": layer.db}


@dataclass(frozen=True)
class AdaptiveAverage(Layer):
    """size x size means for an image of any size."""

    size: int

    def output_shape(self, *shapes: Shape) -> Shape:
        return (shapes[0][0], self.size, self.size)

    def build(self, arrays: Arrays) -> Any:
        return layers.AdaptiveAveragePooling(self.size)


class GlobalAverage(Layer):
    """The mean of each channel: (C, H, W) -> (C,)."""

    def output_shape(self, *shapes: Shape) -> Shape:
        return shapes[0][:1]

    def build(self, arrays: Arrays) -> Any:
        return layers.GlobalAveragePooling()


@dataclass(frozen=True)
class Pyramid(Layer):
    """Spatial pyramid pooling: n x n maxima for each n of levels."""

    levels: tuple[int, ...]

    def output_shape(self, *shapes: Shape) -> Shape:
        return (shapes[0][0] * sum(n * n for n in self.levels),)

    def build(self, arrays: Arrays) -> Any:
        return layers.SpatialPyramidPooling(self.levels)


# --- merging ---------------------------------------------------------------------------------------------------------


class Concat(Layer):
    """The channels of several inputs, one after the other."""

    def output_shape(self, *shapes: Shape) -> Shape:
        if len({shape[1:] for shape in shapes}) != 1:
            raise ValueError(f"inputs must have one height and width; got {shapes}")
        return (sum(shape[0] for shape in shapes), *shapes[0][1:])

    def build(self, arrays: Arrays) -> Any:
        return layers.ChannelConcat()


class Add(Layer):
    """The sum of two inputs of one shape."""

    def output_shape(self, *shapes: Shape) -> Shape:
        if len(set(shapes)) != 1:
            raise ValueError(f"inputs must have one shape; got {shapes}")
        return shapes[0]

    def build(self, arrays: Arrays) -> Any:
        return layers.ResidualAdd()
