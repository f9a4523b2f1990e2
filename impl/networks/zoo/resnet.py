"""ResNet-18: every two convolutions compute what is added to their input. Source: He, Zhang, Ren, Sun 2015, table 1."""

from ..blocks import Activation, Add, BatchNorm, Conv, Dense, GlobalAverage, MaxPool, Shape
from ..graph import Graph

STAGES = (64, 128, 256, 512)  # filters; two basic blocks each, the size halved from the second stage on


def resnet18(input_dim: Shape = (3, 224, 224), classes: int = 1000, width: float = 1.0) -> Graph:
    """The network with torchvision's names: 11,689,512 trained numbers."""
    first = max(1, round(STAGES[0] * width))
    graph = Graph("resnet18", input_dim).extend(
        [
            ("conv1", Conv(first, 7, 2, 3, bias=False)), ("bn1", BatchNorm()), ("relu", Activation()),
            ("maxpool", MaxPool(3, 2, 1)),
        ]
    )  # fmt: skip
    x, channels = "maxpool", first
    for stage, n in enumerate(STAGES, 1):
        filters = max(1, round(n * width))
        for block in (0, 1):
            stride = 2 if stage > 1 and block == 0 else 1
            x = _basic(graph, f"layer{stage}.{block}", x, filters, stride, project=stride > 1 or filters != channels)
            channels = filters
    return graph.extend([("avgpool", GlobalAverage()), ("fc", Dense(classes))])


def _basic(graph: Graph, name: str, x: str, filters: int, stride: int, project: bool) -> str:
    graph.add(f"{name}.conv1", Conv(filters, 3, stride, 1, bias=False), x)
    graph.extend([(f"{name}.bn1", BatchNorm()), (f"{name}.relu1", Activation())])
    graph.add(f"{name}.conv2", Conv(filters, 3, pad=1, bias=False))
    main = graph.add(f"{name}.bn2", BatchNorm())
    if project:  # where sizes differ, a 1x1 convolution brings the shortcut to the right one
        graph.add(f"{name}.downsample.0", Conv(filters, 1, stride, bias=False), x)
        x = graph.add(f"{name}.downsample.1", BatchNorm())
    graph.add(f"{name}.add", Add(), main, x)
    return graph.add(f"{name}.relu2", Activation())
