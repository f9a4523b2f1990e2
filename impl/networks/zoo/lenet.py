"""LeNet-5: as in 1998, and in its modern form. Source: LeCun, Bottou, Bengio, Haffner 1998, section II.B."""

from ..blocks import RBF, Activation, Conv, Dense, MaxPool, PartialConv, Shape, Subsampling
from ..graph import Graph

C3 = (  # the paper's table I: which maps of S2 a map of C3 sees
    (0, 1, 2), (1, 2, 3), (2, 3, 4), (3, 4, 5), (0, 4, 5), (0, 1, 5),
    (0, 1, 2, 3), (1, 2, 3, 4), (2, 3, 4, 5), (0, 3, 4, 5), (0, 1, 4, 5), (0, 1, 2, 5),
    (0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5),
    (0, 1, 2, 3, 4, 5),
)  # fmt: skip


def lenet5(input_dim: Shape = (1, 32, 32), classes: int = 10, width: float = 1.0) -> Graph:
    """The network of 1998: 60,000 trained numbers at 32x32 (28x28 is padded by 2), with RBF units at the end.

    Their codes of 1 and -1 are random and not trained; the paper allows that, and uses pictures of the letters.
    width: the factor of C5 and F6 (C3's table is fixed).
    """
    graph = Graph("lenet5", input_dim)
    pad = 2 if tuple(input_dim[1:]) == (28, 28) else 0

    def squashed(name: str) -> tuple[str, Activation]:
        return f"{name}_tanh", Activation("scaled_tanh")

    c5, f6 = (max(1, round(n * width)) for n in (120, 84))
    return graph.extend(
        [
            ("c1", Conv(6, 5, pad=pad)), squashed("c1"),
            ("s2", Subsampling()), squashed("s2"),
            ("c3", PartialConv(C3, 5)), squashed("c3"),
            ("s4", Subsampling()), squashed("s4"),
            ("c5", Conv(c5, 5)), squashed("c5"),
            ("f6", Dense(f6)), squashed("f6"),
            ("rbf", RBF(classes)),
        ]
    )  # fmt: skip


def lenet(input_dim: Shape = (1, 28, 28), classes: int = 10, width: float = 1.0) -> Graph:
    """The modern form: ReLU, max pooling, every map of conv2 sees all of conv1, a dense layer of scores; 61,706."""
    f1, f2, n1, n2 = (max(1, round(n * width)) for n in (6, 16, 120, 84))
    return Graph("lenet", input_dim).extend(
        [
            ("conv1", Conv(f1, 5, pad=2)), ("relu1", Activation()), ("pool1", MaxPool(2, 2)),
            ("conv2", Conv(f2, 5)), ("relu2", Activation()), ("pool2", MaxPool(2, 2)),
            ("fc1", Dense(n1)), ("relu3", Activation()),
            ("fc2", Dense(n2)), ("relu4", Activation()),
            ("fc3", Dense(classes)),
        ]
    )  # fmt: skip
