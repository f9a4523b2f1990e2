"""SPP-net: dense layers on images of any size, by a pyramid of maxima. Source: He et al. 2014, section 3.1."""

from ..blocks import LRN, Activation, Conv, Dense, Dropout, MaxPool, Pyramid, Shape
from ..graph import Graph

LEVELS = (6, 3, 2, 1)  # 50 windows


def spp_net(input_dim: Shape = (3, 224, 224), classes: int = 1000, width: float = 1.0) -> Graph:
    """The ZF-5 convolutions, a pyramid of 50 windows, then fc6, fc7, fc8: as many numbers for any image size."""
    a, b, c, d, e, n = (max(1, round(f * width)) for f in (96, 256, 384, 384, 256, 4096))
    return Graph("spp_net", input_dim).extend(
        [
            ("conv1", Conv(a, 7, 2, 1)), ("relu1", Activation()), ("norm1", LRN()),
            ("pool1", MaxPool(3, 2, rounding="ceil")),
            ("conv2", Conv(b, 5, 2, 1)), ("relu2", Activation()), ("norm2", LRN()),
            ("pool2", MaxPool(3, 2, rounding="ceil")),
            ("conv3", Conv(c, 3, pad=1)), ("relu3", Activation()),
            ("conv4", Conv(d, 3, pad=1)), ("relu4", Activation()),
            ("conv5", Conv(e, 3, pad=1)), ("relu5", Activation()),
            ("spp", Pyramid(LEVELS)),
            ("fc6", Dense(n)), ("relu6", Activation()), ("drop6", Dropout()),
            ("fc7", Dense(n)), ("relu7", Activation()), ("drop7", Dropout()),
            ("fc8", Dense(classes)),
        ]
    )  # fmt: skip
