"""VGG16: a deep network of 3x3 convolutions and 2x2 pooling only. Source: Simonyan, Zisserman 2014, configuration D."""

from ..blocks import Activation, AdaptiveAverage, Conv, Dense, Dropout, Layer, MaxPool, Shape
from ..graph import Graph

D = ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))  # filters, and how many convolutions


def vgg16(input_dim: Shape = (3, 224, 224), classes: int = 1000, width: float = 1.0) -> Graph:
    """The network with torchvision's names: 138,357,544 trained numbers; any size from 32 up, averaged to 7x7."""
    features: list[Layer] = []
    for filters, times in D:
        for _ in range(times):
            features += [Conv(max(1, round(filters * width)), 3, pad=1), Activation()]
        features.append(MaxPool(2, 2))
    n = max(1, round(4096 * width))
    classifier = [Dense(n), Activation(), Dropout(), Dense(n), Activation(), Dropout(), Dense(classes)]
    graph = Graph("vgg16", input_dim).extend((f"features.{k}", block) for k, block in enumerate(features))
    graph.add("avgpool", AdaptiveAverage(7))
    return graph.extend((f"classifier.{k}", block) for k, block in enumerate(classifier))
