"""The loads to time: each gives a function without arguments per competitor (NumPy, torch, the book, onnx)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from . import networks, peers

Work = Callable[[], Any]
Sides = dict[str, Work]  # numpy, torch, book, onnx
PARTS = ("forward", "forward+backward")


@dataclass
class Load:
    """A load: make(part, dtype) returns its competitors; bars: the highest numpy/torch ratio wanted, by part."""

    name: str
    text: str
    make: Callable[[str, str], Sides]
    parts: tuple[str, ...] = PARTS
    dtypes: tuple[str, ...] = ("float32", "float64")
    quick: bool = False  # timed with --quick too
    bars: dict[str, float] = field(default_factory=dict)


def conv(name: str, x: tuple, W: tuple, stride: int = 1, pad: int = 0, quick: bool = False, **more: Any) -> Load:
    """Make a convolution load; x (N, C, H, W), W (FN, C / groups, FH, FW); more: dilation, groups."""
    options = {"stride": stride, "padding": pad, "dilation": more.get("dilation", 1), "groups": more.get("groups", 1)}

    def make(part: str, dtype: str) -> Sides:
        rng = np.random.default_rng(0)
        arrays = [rng.standard_normal(shape).astype(dtype) for shape in (x, W, W[:1])]
        return peers.convolution(part, arrays, options)

    small = [f"stride {stride}" * (stride > 1), f"pad {pad}" * (pad > 0), *(f"{k} {v}" for k, v in more.items())]
    text = ", ".join([f"conv {'x'.join(map(str, x))} * {'x'.join(map(str, W))}", *filter(None, small)])
    bars = {"forward": 4.0 if name == "b" else 2.5, "forward+backward": 2.5} if name in "abcde" else {}
    return Load(name, text, make, quick=quick, bars=bars)


def pooled(name: str, kind: str, x: tuple, size: int, stride: int, bars: dict[str, float]) -> Load:
    """Make a pooling load; kind: max or average; x (N, C, H, W)."""

    def make(part: str, dtype: str) -> Sides:
        return peers.pooling(kind, part, np.random.default_rng(0).standard_normal(x).astype(dtype), size, stride)

    return Load(name, f"{kind} pooling {'x'.join(map(str, x))}, {size}x{size} stride {stride}", make, bars=bars)


def value(name: str, x: tuple, bars: dict[str, float] | None = None) -> Load:
    """Make a load of one elementwise layer, or of LRN or softmax with its loss."""

    def make(part: str, dtype: str) -> Sides:
        return peers.values(name, part, np.random.default_rng(0).standard_normal(x).astype(dtype))

    return Load(name, f"{name} {'x'.join(map(str, x))}", make, bars=bars or {})


def network(name: str, text: str, part: str, make: Callable[[str], Sides], bars: dict[str, float], **more: Any) -> Load:
    """Make a load of a whole network, timed in one part."""
    return Load(name, text, lambda _, dtype: make(dtype), (part,), bars=bars, **more)


# fmt: off
LOADS = [
    conv("a", (100, 1, 28, 28), (30, 1, 5, 5), quick=True),
    conv("b", (100, 6, 14, 14), (16, 6, 5, 5), quick=True),
    conv("c", (8, 3, 227, 227), (96, 3, 11, 11), stride=4, quick=True),
    conv("d", (16, 64, 56, 56), (64, 64, 3, 3), pad=1, quick=True),
    conv("e", (16, 256, 28, 28), (64, 256, 1, 1), quick=True),
    conv("a1", (1, 1, 28, 28), (30, 1, 5, 5)),
    conv("b1", (1, 6, 14, 14), (16, 6, 5, 5)),
    conv("c1", (1, 3, 227, 227), (96, 3, 11, 11), stride=4),
    conv("d1", (1, 64, 56, 56), (64, 64, 3, 3), pad=1),
    conv("e1", (1, 256, 28, 28), (64, 256, 1, 1)),
    conv("stride2", (16, 64, 56, 56), (64, 64, 3, 3), stride=2, pad=1),
    conv("depthwise", (16, 64, 56, 56), (64, 1, 3, 3), pad=1, groups=64),
    conv("dilated", (16, 32, 56, 56), (32, 32, 3, 3), pad=2, dilation=2),
    pooled("maxpool2", "max", (100, 30, 24, 24), 2, 2, {"forward": 0.3}),
    pooled("maxpool3", "max", (16, 64, 55, 55), 3, 2, {"forward": 0.3}),
    pooled("avgpool2", "average", (100, 30, 24, 24), 2, 2, {}),
    value("lrn", (16, 96, 27, 27), {"forward": 0.5, "forward+backward": 0.5}),
    value("relu", (100, 30, 24, 24)),
    value("softmax", (1000, 100)),
    network("step", "SimpleConvNet, one training step of 100 digits", PARTS[1], networks.step, {PARTS[1]: 1.3},
            quick=True),
    network("epoch", "SimpleConvNet, the digits that come with it once (6,000)", PARTS[1], networks.epoch, {},
            dtypes=("float32",)),
    network("alexnet", "AlexNet, 8 images", PARTS[0], lambda dtype: networks.large("alexnet", dtype), {},
            dtypes=("float32",)),
    network("vgg16", "VGG16, 8 images", PARTS[0], lambda dtype: networks.large("vgg16", dtype), {},
            dtypes=("float32",)),
]
# fmt: on
