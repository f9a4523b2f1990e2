"""The small networks' layers in torch: MLP, SimpleConvNet, LeNet-5, NIN."""

from torch import nn

from .torch_twin import RBF, Dense, GlobalAverage, Named, PartialConv, ScaledTanh, Subsampling


def chain(modules: list[tuple[str, nn.Module]], before: str = "input") -> Named:
    """One after the other."""
    names = [before, *(name for name, _ in modules)]
    return [(name, module, (previous,)) for (name, module), previous in zip(modules, names)]


def scaled(width: float, *numbers: int) -> list[int]:
    return [max(1, round(n * width)) for n in numbers]


def mlp(size, classes, width):
    (hidden,) = scaled(width, 100)
    return chain([("affine1", Dense(size[0] * size[1] * size[2], hidden)), ("relu1", nn.ReLU()),
                  ("affine2", Dense(hidden, classes))])  # fmt: skip


def simple_conv_net(size, classes, width):
    filters, hidden = scaled(width, 30, 100)
    plane = [(n - 4) // 2 for n in size[1:]]
    return chain([
        ("conv1", nn.Conv2d(size[0], filters, 5)), ("relu1", nn.ReLU()), ("pool1", nn.MaxPool2d(2)),
        ("affine1", Dense(filters * plane[0] * plane[1], hidden)), ("relu2", nn.ReLU()),
        ("affine2", Dense(hidden, classes)),
    ])  # fmt: skip


C3 = "012 123 234 345 045 015 0123 1234 2345 0345 0145 0125 0134 1245 0235 012345"  # LeCun et al. 1998, table I


def lenet5(size, classes, width):
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


def lenet(size, classes, width):
    a, b, n1, n2 = scaled(width, 6, 16, 120, 84)
    plane = [(n // 2 - 4) // 2 for n in size[1:]]
    return chain([
        ("conv1", nn.Conv2d(size[0], a, 5, padding=2)), ("relu1", nn.ReLU()), ("pool1", nn.MaxPool2d(2)),
        ("conv2", nn.Conv2d(a, b, 5)), ("relu2", nn.ReLU()), ("pool2", nn.MaxPool2d(2)),
        ("fc1", Dense(b * plane[0] * plane[1], n1)), ("relu3", nn.ReLU()),
        ("fc2", Dense(n1, n2)), ("relu4", nn.ReLU()), ("fc3", Dense(n2, classes)),
    ])  # fmt: skip


def nin(size, classes, width):
    a, b, c = scaled(width, 192, 160, 96)
    convolutions = [
        ("conv1", size[0], a, 5), ("cccp1", a, b, 1), ("cccp2", b, c, 1), ("pool1", nn.MaxPool2d),
        ("conv2", c, a, 5), ("cccp3", a, a, 1), ("cccp4", a, a, 1), ("pool2", nn.AvgPool2d),
        ("conv3", a, a, 3), ("cccp5", a, a, 1), ("cccp6", a, classes, 1),
    ]  # fmt: skip
    found: list[tuple[str, nn.Module]] = []
    for name, *of in convolutions:
        if name.startswith("pool"):
            found += [(name, of[0](3, 2, ceil_mode=True)), (f"drop{name[-1]}", nn.Dropout())]
        else:
            channels, filters, side = of
            found += [(name, nn.Conv2d(channels, filters, side, padding=side // 2)), (f"relu_{name}", nn.ReLU())]
    return chain([*found, ("pool3", GlobalAverage())])


LAYERS = {f.__name__: f for f in (mlp, simple_conv_net, lenet5, lenet, nin)}
