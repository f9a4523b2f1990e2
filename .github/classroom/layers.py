"""Chapter 7: write the layers. `convcheck watch layers.py` checks them on every save."""

import numpy as np  # noqa: F401


def im2col(input_data, filter_h, filter_w, stride=1, pad=0):
    """Lay the windows of images (N, C, H, W) down as rows (N*OH*OW, C*FH*FW)."""
    raise NotImplementedError


def col2im(col, input_shape, filter_h, filter_w, stride=1, pad=0):
    """Add the rows up again into images of input_shape (N, C, H, W)."""
    raise NotImplementedError


class Convolution:
    """A convolution layer with filters W (FN, C, FH, FW) and biases b (FN,)."""

    def __init__(self, W, b, stride=1, pad=0):
        self.W, self.b, self.stride, self.pad = W, b, stride, pad
        self.dW = self.db = None

    def forward(self, x):
        """Return (N, FN, OH, OW) for x (N, C, H, W)."""
        raise NotImplementedError

    def backward(self, dout):
        """Return dx for dout (N, FN, OH, OW); set dW and db."""
        raise NotImplementedError


class Pooling:
    """A max pooling layer."""

    def __init__(self, pool_h, pool_w, stride=1, pad=0):
        self.pool_h, self.pool_w, self.stride, self.pad = pool_h, pool_w, stride, pad

    def forward(self, x):
        """Return (N, C, OH, OW) for x (N, C, H, W)."""
        raise NotImplementedError

    def backward(self, dout):
        """Return dx for dout (N, C, OH, OW)."""
        raise NotImplementedError
