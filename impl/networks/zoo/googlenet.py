"""GoogLeNet (Inception v1), without the auxiliary heads, which only training uses: the paper's and torchvision's.

Source: Szegedy et al. 2015, table 1; torchvision's has batch normalization, no biases, and 3x3 where the paper has 5x5.
"""

from collections.abc import Callable

from ..blocks import LRN, Activation, BatchNorm, Concat, Conv, Dense, Dropout, GlobalAverage, MaxPool, Shape
from ..graph import Graph

MODULES = {  # filters: 1x1; 3x3 reduce, 3x3; 5x5 reduce, 5x5; after the pooling
    "3a": (64, 96, 128, 16, 32, 32),
    "3b": (128, 128, 192, 32, 96, 64),
    "4a": (192, 96, 208, 16, 48, 64),
    "4b": (160, 112, 224, 24, 64, 64),
    "4c": (128, 128, 256, 24, 64, 64),
    "4d": (112, 144, 288, 32, 64, 64),
    "4e": (256, 160, 320, 32, 128, 128),
    "5a": (256, 160, 320, 32, 128, 128),
    "5b": (384, 192, 384, 48, 128, 128),
}
Convolve = Callable[..., str]  # (name, filters, size, *inputs, stride=) -> the name of its last layer


def googlenet(input_dim: Shape = (3, 224, 224), classes: int = 1000, width: float = 1.0) -> Graph:
    """The paper's form: biases, ReLU, LRN (AlexNet's; the paper gives no numbers), 5x5 convolutions; 6,998,552."""
    graph = Graph("googlenet", input_dim)

    def convolve(name: str, filters: int, size: int, *inputs: str, stride: int = 1) -> str:
        graph.add(name, Conv(_scaled(filters, width), size, stride, size // 2), *inputs)
        return graph.add(f"{name}.relu", Activation())

    convolve("conv1", 64, 7, stride=2)
    graph.extend([("pool1", MaxPool(3, 2, rounding="ceil")), ("norm1", LRN())])
    convolve("conv2_reduce", 64, 1)
    convolve("conv2", 192, 3)
    graph.extend([("norm2", LRN()), ("pool2", MaxPool(3, 2, rounding="ceil"))])
    names = ("conv1x1", "conv3x3_reduce", "conv3x3", "conv5x5_reduce", "conv5x5", "pool", "pool_conv")
    _modules(graph, convolve, names, last=5, pools=("pool3", "pool4"), last_pool=3)
    return graph.extend([("avgpool", GlobalAverage()), ("dropout", Dropout(0.4)), ("fc", Dense(classes))])


def googlenet_torchvision(input_dim: Shape = (3, 224, 224), classes: int = 1000, width: float = 1.0) -> Graph:
    """torchvision's form, with its names; 6,624,904 without the auxiliary heads."""
    graph = Graph("googlenet_torchvision", input_dim)

    def convolve(name: str, filters: int, size: int, *inputs: str, stride: int = 1) -> str:
        graph.add(f"{name}.conv", Conv(_scaled(filters, width), size, stride, size // 2, bias=False), *inputs)
        graph.add(f"{name}.bn", BatchNorm(eps=0.001))
        return graph.add(f"{name}.relu", Activation())

    convolve("conv1", 64, 7, stride=2)
    graph.add("maxpool1", MaxPool(3, 2, rounding="ceil"))
    convolve("conv2", 64, 1)
    convolve("conv3", 192, 3)
    graph.add("maxpool2", MaxPool(3, 2, rounding="ceil"))
    names = ("branch1", "branch2.0", "branch2.1", "branch3.0", "branch3.1", "branch4.0", "branch4.1")
    _modules(graph, convolve, names, last=3, pools=("maxpool3", "maxpool4"), last_pool=2)
    return graph.extend([("avgpool", GlobalAverage()), ("dropout", Dropout(0.2)), ("fc", Dense(classes))])


def _modules(
    graph: Graph, convolve: Convolve, names: tuple[str, ...], last: int, pools: tuple[str, str], last_pool: int
) -> None:
    """Add the nine modules, and the poolings before 4a and 5a. last: the side of the widest convolution."""
    x = graph.nodes[-1].name
    for module, (one, reduce3, three, reduce5, five, pooled) in MODULES.items():
        if module == "4a":
            x = graph.add(pools[0], MaxPool(3, 2, rounding="ceil"))
        if module == "5a":
            x = graph.add(pools[1], MaxPool(last_pool, 2, rounding="ceil"))
        n1, r3, n3, r5, n5, pool, after = (f"inception{module}.{name}" for name in names)
        branches = [
            convolve(n1, one, 1, x),
            convolve(n3, three, 3, convolve(r3, reduce3, 1, x)),
            convolve(n5, five, last, convolve(r5, reduce5, 1, x)),
            convolve(after, pooled, 1, graph.add(pool, MaxPool(3, 1, 1, rounding="ceil"), x)),
        ]
        x = graph.add(f"inception{module}.concat", Concat(), *branches)


def _scaled(filters: int, width: float) -> int:
    return max(1, round(filters * width))
