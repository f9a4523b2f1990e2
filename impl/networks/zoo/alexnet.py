"""AlexNet: as in 2012 (two groups, overlapping pooling, LRN), and torchvision's. Source: Krizhevsky et al. 2012."""

from ..blocks import LRN, Activation, AdaptiveAverage, Conv, Dense, Dropout, MaxPool, Shape
from ..graph import Graph


def alexnet(input_dim: Shape = (3, 227, 227), classes: int = 1000, width: float = 1.0) -> Graph:
    """The network of 2012: 60,965,224 trained numbers at 227x227 (the paper's 224 does not divide).

    width: the factor of every layer's filters.
    """

    def even(n: int) -> int:  # two groups
        return 2 * max(1, round(n * width / 2))

    return Graph("alexnet", input_dim).extend(
        [
            ("conv1", Conv(even(96), 11, 4)), ("relu1", Activation()), ("norm1", LRN()), ("pool1", MaxPool(3, 2)),
            ("conv2", Conv(even(256), 5, pad=2, groups=2)), ("relu2", Activation()), ("norm2", LRN()),
            ("pool2", MaxPool(3, 2)),
            ("conv3", Conv(even(384), 3, pad=1)), ("relu3", Activation()),
            ("conv4", Conv(even(384), 3, pad=1, groups=2)), ("relu4", Activation()),
            ("conv5", Conv(even(256), 3, pad=1, groups=2)), ("relu5", Activation()), ("pool5", MaxPool(3, 2)),
            ("fc6", Dense(even(4096))), ("relu6", Activation()), ("drop6", Dropout()),
            ("fc7", Dense(even(4096))), ("relu7", Activation()), ("drop7", Dropout()),
            ("fc8", Dense(classes)),
        ]
    )  # fmt: skip


def alexnet_torchvision(input_dim: Shape = (3, 224, 224), classes: int = 1000, width: float = 1.0) -> Graph:
    """torchvision's, after Krizhevsky 2014: no groups, no LRN, fewer filters; 61,100,840 at any size from 63 up."""
    a, b, c, d, e, n1, n2 = (max(1, round(n * width)) for n in (64, 192, 384, 256, 256, 4096, 4096))
    features = [
        Conv(a, 11, 4, 2), Activation(), MaxPool(3, 2),
        Conv(b, 5, pad=2), Activation(), MaxPool(3, 2),
        Conv(c, 3, pad=1), Activation(), Conv(d, 3, pad=1), Activation(), Conv(e, 3, pad=1), Activation(),
        MaxPool(3, 2),
    ]  # fmt: skip
    classifier = [Dropout(), Dense(n1), Activation(), Dropout(), Dense(n2), Activation(), Dense(classes)]
    graph = Graph("alexnet_torchvision", input_dim).extend((f"features.{k}", b) for k, b in enumerate(features))
    graph.add("avgpool", AdaptiveAverage(6))
    return graph.extend((f"classifier.{k}", block) for k, block in enumerate(classifier))
