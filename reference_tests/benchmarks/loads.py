"""The loads to time: each gives a function without arguments per competitor (NumPy, torch, the book and others)."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from . import networks, peers

Work = Callable[[], Any]
Sides = dict[str, Work]  # numpy, torch, book, onnx, onnxruntime, jax
PARTS = ("forward", "forward+backward")
BARS = dict.fromkeys(PARTS, 1.5)


@dataclass
class Load:
    """A load: make(part, dtype) returns its competitors; bars: the highest numpy/torch ratio wanted, by part.

    products, numbers: how many multiplications, and how many numbers read and written at least, forward takes;
    0 for a network, which has many layers.
    """

    name: str
    text: str
    make: Callable[[str, str], Sides]
    parts: tuple[str, ...] = PARTS
    dtypes: tuple[str, ...] = ("float32", "float64")
    quick: bool = False  # timed with --quick too
    bars: dict[str, float] = field(default_factory=lambda: BARS)
    products: int = 0
    numbers: int = 0


def draw(dtype: str, *shapes: tuple[int, ...]) -> list[np.ndarray]:
    """Draw arrays of these shapes, the same at each call."""
    rng = np.random.default_rng(0)
    return [rng.standard_normal(shape).astype(dtype) for shape in shapes]


def conv(
    name: str, title: str, x: tuple, W: tuple, stride: int = 1, pad: int = 0, *, quick: bool = False,
    dilation: int = 1, groups: int = 1,
) -> Load:  # fmt: skip
    """Make a convolution load; x (N, C, H, W), W (FN, C / groups, FH, FW)."""
    options = {"stride": stride, "padding": pad, "dilation": dilation, "groups": groups}
    OH, OW = ((n + 2 * pad - dilation * (k - 1) - 1) // stride + 1 for n, k in zip(x[2:], W[2:]))
    out = x[0] * W[0] * OH * OW
    small = [f"{name} {value}" for name, value in options.items() if value != (name != "padding")]
    sizes = ", ".join([f"{times(x)} * {times(W)}", *small])
    return Load(
        name, f"{title}: {sizes}", lambda part, dtype: peers.convolution(part, draw(dtype, x, W, W[:1]), options),
        quick=quick, products=out * math.prod(W[1:]), numbers=math.prod(x) + math.prod(W) + out,
    )  # fmt: skip


def layer(name: str, title: str, kind: str, x: tuple, *arguments: Any, out: float = 1, bar: float = 1.5) -> Load:
    """Make a load of a layer of peers.LAYERS; out: the size of its output in x's."""
    return Load(
        name, f"{title}: {times(x)}", lambda part, dtype: peers.LAYERS[kind](part, *draw(dtype, x), *arguments),
        bars=dict.fromkeys(PARTS, bar), numbers=int(math.prod(x) * (1 + out)),
    )  # fmt: skip


def transposed(name: str, title: str, x: tuple, W: tuple, stride: int, pad: int) -> Load:
    """Make a load of a transposed convolution; x (N, C, H, W), W (C, FN, FH, FW)."""
    out = x[0] * W[1] * math.prod((n - 1) * stride - 2 * pad + k for n, k in zip(x[2:], W[2:]))
    return Load(
        name, f"{title}: {times(x)} * {times(W)}, stride {stride}, pad {pad}",
        lambda part, dtype: peers.transposed(part, draw(dtype, x, W), stride, pad),
        products=math.prod(x) * math.prod(W[1:]), numbers=math.prod(x) + math.prod(W) + out,
    )  # fmt: skip


def network(name: str, text: str, part: str, make: Callable[[str], Sides], bar: float = 1.5, **more: Any) -> Load:
    """Make a load of a whole network, timed in one part."""
    return Load(name, text, lambda _, dtype: make(dtype), (part,), bars={part: bar}, **more)


def times(shape: tuple[int, ...]) -> str:
    """Return 2x3x4 for (2, 3, 4)."""
    return "x".join(map(str, shape))


# fmt: off
MAIN: list[tuple[Any, ...]] = [
    ("digits-5x5", "28x28 digits, 5x5", (100, 1, 28, 28), (30, 1, 5, 5)),
    ("lenet-second", "LeNet's second layer, 5x5", (100, 6, 14, 14), (16, 6, 5, 5)),
    ("alexnet-first", "AlexNet's first layer, 11x11", (8, 3, 227, 227), (96, 3, 11, 11), 4),
    ("resnet-3x3", "ResNet's 3x3", (16, 64, 56, 56), (64, 64, 3, 3), 1, 1),
    ("squeeze-1x1", "1x1, fewer channels", (16, 256, 28, 28), (64, 256, 1, 1)),
]
LOADS = [
    *(conv(*row, quick=True) for row in MAIN),
    *(conv(f"{name}-one-image", f"{title}, one image", (1, *x[1:]), *more) for name, title, x, *more in MAIN),
    conv("resnet-stride-2", "ResNet's 3x3 stride 2", (16, 64, 56, 56), (64, 64, 3, 3), 2, 1),
    conv("resnet-first", "ResNet's first layer, 7x7", (8, 3, 224, 224), (64, 3, 7, 7), 2, 3),
    conv("resnet-shortcut", "ResNet's shortcut, 1x1", (8, 256, 56, 56), (512, 256, 1, 1), 2),
    conv("vgg-first", "VGG's first layer, 3x3", (8, 3, 224, 224), (64, 3, 3, 3), 1, 1),
    conv("vgg-last", "VGG's last layer, 3x3", (8, 512, 14, 14), (512, 512, 3, 3), 1, 1),
    conv("alexnet-second", "AlexNet's second layer, 5x5", (8, 96, 27, 27), (256, 48, 5, 5), 1, 2, groups=2),
    conv("cifar-5x5", "a CIFAR batch, 5x5", (128, 3, 32, 32), (32, 3, 5, 5), 1, 2),
    conv("depthwise", "depthwise 3x3", (16, 64, 56, 56), (64, 1, 3, 3), 1, 1, groups=64),
    conv("mobilenet-stride-2", "MobileNet's depthwise stride 2", (8, 64, 112, 112), (64, 1, 3, 3), 2, 1, groups=64),
    conv("mobilenet-stride-2-one-image", "MobileNet's depthwise stride 2, one image", (1, 64, 112, 112), (64, 1, 3, 3),
         2, 1, groups=64),
    conv("grouped", "ResNeXt's 32 groups", (8, 128, 28, 28), (128, 4, 3, 3), 1, 1, groups=32),
    conv("dilated", "3x3 with dilation", (16, 32, 56, 56), (32, 32, 3, 3), 1, 2, dilation=2),
    transposed("transposed", "transposed 4x4", (16, 64, 28, 28), (64, 32, 4, 4), 2, 1),
    layer("locally-connected", "locally connected 3x3", "locally_connected", (32, 16, 16, 16), 16, 3),
    layer("max-pooling-2x2", "max pooling 2x2", "max_pool2d", (100, 30, 24, 24), 2, 2, out=1 / 4),
    layer("max-pooling-3x3", "max pooling 3x3 stride 2", "max_pool2d", (16, 64, 55, 55), 3, 2, out=1 / 4),
    layer("average-pooling", "average pooling 2x2", "avg_pool2d", (100, 30, 24, 24), 2, 2, out=1 / 4),
    layer("lrn", "LRN over 5 channels", "local_response_norm", (16, 96, 27, 27), 5),
    layer("batch-norm", "batch normalization in training", "batch_norm", (16, 64, 56, 56)),
    layer("relu", "ReLU", "relu", (100, 30, 24, 24)),
    layer("dropout", "dropout", "dropout", (256, 4096)),
    layer("softmax-loss", "softmax with its loss", "softmax_loss", (1000, 100), out=0, bar=3.0),
    network("training-step", "SimpleConvNet, one training step of 100 digits", PARTS[1], networks.step, 0.9,
            quick=True),
    network("epoch", "SimpleConvNet, the digits that come with it once (6,000)", PARTS[1], networks.epoch, 0.9,
            dtypes=("float32",)),
    network("alexnet", "AlexNet, 8 images", PARTS[0], lambda dtype: networks.large("alexnet", dtype),
            dtypes=("float32",)),
    network("vgg16", "VGG16, 8 images", PARTS[0], lambda dtype: networks.large("vgg16", dtype),
            dtypes=("float32",)),
]
# fmt: on
