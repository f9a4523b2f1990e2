"""SimpleConvNet of the book's section 7.5 as a graph; impl.networks.SimpleConvNet has the book's interface."""

from ..blocks import Activation, Conv, Dense, MaxPool, Shape
from ..graph import Graph


def simple_conv_net(input_dim: Shape = (1, 28, 28), classes: int = 10, width: float = 1.0) -> Graph:
    """conv - relu - pool - affine - relu - affine; 30 filters of 5x5 and 100 neurons, times width."""
    filters, neurons = (max(1, round(n * width)) for n in (30, 100))
    return Graph("simple_conv_net", input_dim).extend(
        [
            ("conv1", Conv(filters, 5)), ("relu1", Activation()), ("pool1", MaxPool(2, 2)),
            ("affine1", Dense(neurons)), ("relu2", Activation()),
            ("affine2", Dense(classes)),
        ]
    )  # fmt: skip
