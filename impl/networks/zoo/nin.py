"""NIN, network in network: 1x1 convolutions after every convolution, global average pooling in place of dense layers.

Source: Lin, Chen, Yan 2013, section 4.1: the CIFAR-10 network.
"""

from ..blocks import Activation, AveragePool, Conv, Dropout, GlobalAverage, MaxPool, Shape
from ..graph import Graph


def nin(input_dim: Shape = (3, 32, 32), classes: int = 10, width: float = 1.0) -> Graph:
    """The CIFAR-10 network, 966,986 trained numbers. Pooling 3x3, stride 2, rounded up: first maxima, then means."""
    graph = Graph("nin", input_dim)
    stages = (5, 2, (192, 160, 96)), (5, 2, (192, 192, 192)), (3, 1, (192, 192, None))
    number = 0
    for stage, (size, pad, filters) in enumerate(stages, 1):
        for k, n in enumerate(filters):
            name = f"conv{stage}" if k == 0 else f"cccp{(number := number + 1)}"
            count = classes if n is None else max(1, round(n * width))
            graph.add(name, Conv(count, size, pad=pad) if k == 0 else Conv(count, 1))
            graph.add(f"relu_{name}", Activation())
        if stage < len(stages):
            graph.add(f"pool{stage}", (MaxPool, AveragePool)[stage - 1](3, 2, rounding="ceil"))
            graph.add(f"drop{stage}", Dropout())
    graph.add("pool3", GlobalAverage())
    return graph
