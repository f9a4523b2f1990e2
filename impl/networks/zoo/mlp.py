"""A multi-layer perceptron: every pixel is connected with every neuron."""

from ..blocks import Activation, Dense, Shape
from ..graph import Graph


def mlp(
    input_dim: Shape = (1, 28, 28), classes: int = 10, width: float = 1.0, hidden: tuple[int, ...] = (100,)
) -> Graph:
    """affine - relu for each number of neurons in hidden, times width, then affine. Source: the book's section 7.1."""
    graph = Graph("mlp", input_dim)
    for n, neurons in enumerate(hidden, 1):
        graph.extend([(f"affine{n}", Dense(max(1, round(neurons * width)))), (f"relu{n}", Activation())])
    return graph.extend([(f"affine{len(hidden) + 1}", Dense(classes))])
