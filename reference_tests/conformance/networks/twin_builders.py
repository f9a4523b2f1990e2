"""The layers of every network of impl in torch, under the names that impl.networks gives them.

A builder takes the images' size (C, H, W), the number of classes and the width (1 is the paper's), and returns the
layers in the order in which they work: (name, module, names of its inputs). The large networks have torchvision's
names and forms.
"""

from collections.abc import Callable

from torch import nn

from .torch_twin import (
    RBF,
    Add,
    AlexNetNorm,
    Concat,
    Dense,
    GlobalAverage,
    Layers,
    PartialConv,
    Pyramid,
    ScaledTanh,
    Subsampling,
)

Size = tuple[int, ...]  # (C, H, W)


def chain(modules: list[tuple[str, nn.Module]], before: str = "input") -> Layers:
    """Connect the modules one after the other, the first to the layer `before`."""
    names = [before, *(name for name, _ in modules)]
    return [(name, module, (previous,)) for (name, module), previous in zip(modules, names)]


def scaled(width: float, *numbers: int) -> list[int]:
    """Multiply numbers of channels by the width; each is at least 1."""
    return [max(1, round(n * width)) for n in numbers]


def numbered(prefix: str, modules: list[nn.Module], before: str) -> Layers:
    """Connect the modules one after the other, named prefix.0, prefix.1 ..."""
    return chain([(f"{prefix}.{k}", module) for k, module in enumerate(modules)], before)


def after_windows(n: int, *windows: tuple[int, int, int]) -> int:
    """Return the side of an n-pixel plane after windows of (size, stride, pad), each rounded down."""
    for size, stride, pad in windows:
        n = (n + 2 * pad - size) // stride + 1
    return n


# Small networks: MLP, SimpleConvNet, LeNet-5, LeNet, NIN.


def mlp(size: Size, classes: int, width: float) -> Layers:
    """List the layers of a perceptron with one hidden layer."""
    (hidden,) = scaled(width, 100)
    return chain([("affine1", Dense(size[0] * size[1] * size[2], hidden)), ("relu1", nn.ReLU()),
                  ("affine2", Dense(hidden, classes))])  # fmt: skip


def simple_conv_net(size: Size, classes: int, width: float) -> Layers:
    """List the layers of the book's SimpleConvNet."""
    filters, hidden = scaled(width, 30, 100)
    plane = [(n - 4) // 2 for n in size[1:]]
    return chain([
        ("conv1", nn.Conv2d(size[0], filters, 5)), ("relu1", nn.ReLU()), ("pool1", nn.MaxPool2d(2)),
        ("affine1", Dense(filters * plane[0] * plane[1], hidden)), ("relu2", nn.ReLU()),
        ("affine2", Dense(hidden, classes)),
    ])  # fmt: skip


C3 = "012 123 234 345 045 015 0123 1234 2345 0345 0145 0125 0134 1245 0235 012345"  # LeCun et al. 1998, table I


def lenet5(size: Size, classes: int, width: float) -> Layers:
    """List the layers of LeNet-5 (LeCun et al. 1998)."""
    c5, f6 = scaled(width, 120, 84)
    pad = 2 if tuple(size[1:]) == (28, 28) else 0
    plane = [((n + 2 * pad - 4) // 2 - 4) // 2 - 4 for n in size[1:]]
    table = [tuple(map(int, row)) for row in C3.split()]
    return chain([
        ("c1", nn.Conv2d(size[0], 6, 5, padding=pad)), ("c1_tanh", ScaledTanh()),
        ("s2", Subsampling(6)), ("s2_tanh", ScaledTanh()),
        ("c3", PartialConv(table, 5)), ("c3_tanh", ScaledTanh()),
        ("s4", Subsampling(16)), ("s4_tanh", ScaledTanh()),
        ("c5", nn.Conv2d(16, c5, 5)), ("c5_tanh", ScaledTanh()),
        ("f6", Dense(c5 * plane[0] * plane[1], f6)), ("f6_tanh", ScaledTanh()),
        ("rbf", RBF(classes, f6)),
    ])  # fmt: skip


def lenet(size: Size, classes: int, width: float) -> Layers:
    """List the layers of LeNet with ReLU and max pooling, as it is written today."""
    a, b, n1, n2 = scaled(width, 6, 16, 120, 84)
    plane = [(n // 2 - 4) // 2 for n in size[1:]]
    return chain([
        ("conv1", nn.Conv2d(size[0], a, 5, padding=2)), ("relu1", nn.ReLU()), ("pool1", nn.MaxPool2d(2)),
        ("conv2", nn.Conv2d(a, b, 5)), ("relu2", nn.ReLU()), ("pool2", nn.MaxPool2d(2)),
        ("fc1", Dense(b * plane[0] * plane[1], n1)), ("relu3", nn.ReLU()),
        ("fc2", Dense(n1, n2)), ("relu4", nn.ReLU()), ("fc3", Dense(n2, classes)),
    ])  # fmt: skip


def nin(size: Size, classes: int, width: float) -> Layers:
    """List the layers of Network in Network (Lin et al. 2014)."""
    a, b, c = scaled(width, 192, 160, 96)
    convolutions = [
        [("conv1", size[0], a, 5), ("cccp1", a, b, 1), ("cccp2", b, c, 1)],
        [("conv2", c, a, 5), ("cccp3", a, a, 1), ("cccp4", a, a, 1)],
        [("conv3", a, a, 3), ("cccp5", a, a, 1), ("cccp6", a, classes, 1)],
    ]
    pools: dict[int, type[nn.Module]] = {1: nn.MaxPool2d, 2: nn.AvgPool2d}
    found: list[tuple[str, nn.Module]] = []
    for block, rows in enumerate(convolutions, 1):
        for name, channels, filters, side in rows:
            found += [(name, nn.Conv2d(channels, filters, side, padding=side // 2)), (f"relu_{name}", nn.ReLU())]
        if block in pools:
            found += [(f"pool{block}", pools[block](3, 2, ceil_mode=True)), (f"drop{block}", nn.Dropout())]
    return chain([*found, ("pool3", GlobalAverage())])


# Large networks: AlexNet, VGG16, GoogLeNet, ResNet-18, SPP-net.


def alexnet(size: Size, classes: int, width: float) -> Layers:
    """List the layers of AlexNet (Krizhevsky et al. 2012), both halves in one."""
    a, b, c, d = (2 * n for n in scaled(width / 2, 96, 256, 384, 4096))
    steps = ((11, 4, 0), (3, 2, 0), (3, 2, 0), (3, 2, 0))
    plane = [after_windows(n, *steps) for n in size[1:]]
    return chain([
        ("conv1", nn.Conv2d(size[0], a, 11, 4)), ("relu1", nn.ReLU()), ("norm1", AlexNetNorm()),
        ("pool1", nn.MaxPool2d(3, 2)),
        ("conv2", nn.Conv2d(a, b, 5, padding=2, groups=2)), ("relu2", nn.ReLU()), ("norm2", AlexNetNorm()),
        ("pool2", nn.MaxPool2d(3, 2)),
        ("conv3", nn.Conv2d(b, c, 3, padding=1)), ("relu3", nn.ReLU()),
        ("conv4", nn.Conv2d(c, c, 3, padding=1, groups=2)), ("relu4", nn.ReLU()),
        ("conv5", nn.Conv2d(c, b, 3, padding=1, groups=2)), ("relu5", nn.ReLU()), ("pool5", nn.MaxPool2d(3, 2)),
        ("fc6", Dense(b * plane[0] * plane[1], d)), ("relu6", nn.ReLU()), ("drop6", nn.Dropout()),
        ("fc7", Dense(d, d)), ("relu7", nn.ReLU()), ("drop7", nn.Dropout()), ("fc8", Dense(d, classes)),
    ])  # fmt: skip


def alexnet_torchvision(size: Size, classes: int, width: float) -> Layers:
    """List the layers of torchvision's AlexNet."""
    a, b, c, d, n = scaled(width, 64, 192, 384, 256, 4096)
    features = [
        nn.Conv2d(size[0], a, 11, 4, 2), nn.ReLU(), nn.MaxPool2d(3, 2),
        nn.Conv2d(a, b, 5, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2),
        nn.Conv2d(b, c, 3, padding=1), nn.ReLU(), nn.Conv2d(c, d, 3, padding=1), nn.ReLU(),
        nn.Conv2d(d, d, 3, padding=1), nn.ReLU(), nn.MaxPool2d(3, 2),
    ]  # fmt: skip
    head = [nn.Dropout(), Dense(d * 36, n), nn.ReLU(), nn.Dropout(), Dense(n, n), nn.ReLU(), Dense(n, classes)]
    found = numbered("features", features, "input")
    return [*found, ("avgpool", nn.AdaptiveAvgPool2d(6), ("features.12",)), *numbered("classifier", head, "avgpool")]


def vgg16(size: Size, classes: int, width: float) -> Layers:
    """List the layers of VGG16 (Simonyan, Zisserman 2015), with torchvision's names."""
    features: list[nn.Module] = []
    channels = size[0]
    for filters in (64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512, 0, 512, 512, 512, 0):
        if not filters:
            features.append(nn.MaxPool2d(2, 2))
            continue
        (filters,) = scaled(width, filters)
        features += [nn.Conv2d(channels, filters, 3, padding=1), nn.ReLU()]
        channels = filters
    (n,) = scaled(width, 4096)
    head = [Dense(channels * 49, n), nn.ReLU(), nn.Dropout(), Dense(n, n), nn.ReLU(), nn.Dropout(), Dense(n, classes)]
    found = numbered("features", features, "input")
    return [*found, ("avgpool", nn.AdaptiveAvgPool2d(7), ("features.30",)), *numbered("classifier", head, "avgpool")]


INCEPTION = """3a 64 96 128 16 32 32; 3b 128 128 192 32 96 64; 4a 192 96 208 16 48 64; 4b 160 112 224 24 64 64;
    4c 128 128 256 24 64 64; 4d 112 144 288 32 64 64; 4e 256 160 320 32 128 128; 5a 256 160 320 32 128 128;
    5b 384 192 384 48 128 128"""  # Szegedy et al. 2015, table 1


class LayerList:
    """A list of layers under construction, with the number of channels that each gives."""

    def __init__(self, channels: int, width: float):
        self.layers: Layers = []
        self.channels, self.width, self.last = {"input": channels}, width, "input"

    def add(self, name: str, module: nn.Module, *inputs: str, channels: int = 0) -> str:
        """Append a layer; without inputs it follows the last one, without channels it keeps those of its inputs."""
        given = inputs or (self.last,)
        self.layers.append((name, module, given))
        self.channels[name] = channels or sum(self.channels[i] for i in given)
        self.last = name
        return name

    def unit(self, name: str, filters: int, side: int, x: str = "", stride: int = 1, norm: bool = False) -> str:
        """Append conv - relu, or torchvision's conv (without a bias) - norm - relu."""
        (filters,), x = scaled(self.width, filters), x or self.last
        conv = nn.Conv2d(self.channels[x], filters, side, stride, side // 2, bias=not norm)
        self.add(f"{name}.conv" if norm else name, conv, x, channels=filters)
        if norm:
            self.add(f"{name}.bn", nn.BatchNorm2d(filters, eps=0.001))
        return self.add(f"{name}.relu", nn.ReLU())

    def pool(self, name: str, size: int = 3, stride: int = 2, pad: int = 0, x: str = "") -> str:
        """Append max pooling whose output size is rounded up."""
        return self.add(name, nn.MaxPool2d(size, stride, pad, ceil_mode=True), x or self.last)

    def inceptions(self, names: tuple[str, ...], side: int, pools: dict[str, tuple[str, int]], norm: bool) -> None:
        """Append the nine inception blocks; pools[key] is a pooling before block `key`."""
        for row in INCEPTION.replace("\n", " ").split(";"):
            key, *numbers = row.split()
            n = [*map(int, numbers)]
            if key in pools:
                self.pool(*pools[key])
            x = self.last
            a, b0, b1, c0, c1, d0, d1 = (f"inception{key}.{name}" for name in names)
            first = self.unit(a, n[0], 1, x, norm=norm)
            second = self.unit(b1, n[2], 3, self.unit(b0, n[1], 1, x, norm=norm), norm=norm)
            third = self.unit(c1, n[4], side, self.unit(c0, n[3], 1, x, norm=norm), norm=norm)
            fourth = self.unit(d1, n[5], 1, self.pool(d0, 3, 1, 1, x), norm=norm)
            self.add(f"inception{key}.concat", Concat(), first, second, third, fourth)

    def head(self, classes: int, drop: float) -> Layers:
        """Append average pooling, dropout and the classifier; return all layers."""
        channels = self.channels[self.last]
        self.add("avgpool", GlobalAverage())
        self.add("dropout", nn.Dropout(drop))
        self.add("fc", Dense(channels, classes))
        return self.layers


def googlenet(size: Size, classes: int, width: float) -> Layers:
    """List the layers of GoogLeNet (Szegedy et al. 2015), without its side classifiers."""
    net = LayerList(size[0], width)
    net.unit("conv1", 64, 7, stride=2)
    net.pool("pool1")
    net.add("norm1", AlexNetNorm())
    net.unit("conv2_reduce", 64, 1)
    net.unit("conv2", 192, 3)
    net.add("norm2", AlexNetNorm())
    net.pool("pool2")
    names = ("conv1x1", "conv3x3_reduce", "conv3x3", "conv5x5_reduce", "conv5x5", "pool", "pool_conv")
    net.inceptions(names, 5, {"4a": ("pool3", 3), "5a": ("pool4", 3)}, norm=False)
    return net.head(classes, 0.4)


def googlenet_torchvision(size: Size, classes: int, width: float) -> Layers:
    """List the layers of torchvision's GoogLeNet, without its side classifiers."""
    net = LayerList(size[0], width)
    net.unit("conv1", 64, 7, stride=2, norm=True)
    net.pool("maxpool1")
    net.unit("conv2", 64, 1, norm=True)
    net.unit("conv3", 192, 3, norm=True)
    net.pool("maxpool2")
    names = ("branch1", "branch2.0", "branch2.1", "branch3.0", "branch3.1", "branch4.0", "branch4.1")
    net.inceptions(names, 3, {"4a": ("maxpool3", 3), "5a": ("maxpool4", 2)}, norm=True)
    return net.head(classes, 0.2)


def resnet18(size: Size, classes: int, width: float) -> Layers:
    """List the layers of ResNet-18 (He et al. 2016), with torchvision's names."""
    a, b, c, d = scaled(width, 64, 128, 256, 512)
    net = LayerList(size[0], width)
    net.add("conv1", nn.Conv2d(size[0], a, 7, 2, 3, bias=False), channels=a)
    net.add("bn1", nn.BatchNorm2d(a))
    net.add("relu", nn.ReLU())
    net.add("maxpool", nn.MaxPool2d(3, 2, 1))
    for stage, (channels, filters) in enumerate(((a, a), (a, b), (b, c), (c, d)), 1):
        for block in (0, 1):
            halved = stage > 1 and block == 0
            name, x, stride, seen = f"layer{stage}.{block}", net.last, 1 + halved, filters if block else channels
            net.add(f"{name}.conv1", nn.Conv2d(seen, filters, 3, stride, 1, bias=False), channels=filters)
            net.add(f"{name}.bn1", nn.BatchNorm2d(filters))
            net.add(f"{name}.relu1", nn.ReLU())
            net.add(f"{name}.conv2", nn.Conv2d(filters, filters, 3, 1, 1, bias=False), channels=filters)
            main = net.add(f"{name}.bn2", nn.BatchNorm2d(filters))
            if halved:
                net.add(f"{name}.downsample.0", nn.Conv2d(seen, filters, 1, 2, bias=False), x, channels=filters)
                x = net.add(f"{name}.downsample.1", nn.BatchNorm2d(filters))
            net.add(f"{name}.add", Add(), main, x, channels=filters)
            net.add(f"{name}.relu2", nn.ReLU())
    net.add("avgpool", GlobalAverage())
    net.add("fc", Dense(d, classes))
    return net.layers


def spp_net(size: Size, classes: int, width: float) -> Layers:
    """List the layers of SPP-net (He et al. 2014)."""
    a, b, c, n = scaled(width, 96, 256, 384, 4096)
    return chain([
        ("conv1", nn.Conv2d(size[0], a, 7, 2, 1)), ("relu1", nn.ReLU()), ("norm1", AlexNetNorm()),
        ("pool1", nn.MaxPool2d(3, 2, ceil_mode=True)),
        ("conv2", nn.Conv2d(a, b, 5, 2, 1)), ("relu2", nn.ReLU()), ("norm2", AlexNetNorm()),
        ("pool2", nn.MaxPool2d(3, 2, ceil_mode=True)),
        ("conv3", nn.Conv2d(b, c, 3, padding=1)), ("relu3", nn.ReLU()),
        ("conv4", nn.Conv2d(c, c, 3, padding=1)), ("relu4", nn.ReLU()),
        ("conv5", nn.Conv2d(c, b, 3, padding=1)), ("relu5", nn.ReLU()),
        ("spp", Pyramid((6, 3, 2, 1))),
        ("fc6", Dense(50 * b, n)), ("relu6", nn.ReLU()), ("drop6", nn.Dropout()),
        ("fc7", Dense(n, n)), ("relu7", nn.ReLU()), ("drop7", nn.Dropout()), ("fc8", Dense(n, classes)),
    ])  # fmt: skip


LAYERS: dict[str, Callable[[Size, int, float], Layers]] = {
    "mlp": mlp,
    "simple_conv_net": simple_conv_net,
    "lenet5": lenet5,
    "lenet": lenet,
    "nin": nin,
    "alexnet": alexnet,
    "alexnet_torchvision": alexnet_torchvision,
    "vgg16": vgg16,
    "googlenet": googlenet,
    "googlenet_torchvision": googlenet_torchvision,
    "resnet18": resnet18,
    "spp_net": spp_net,
}
