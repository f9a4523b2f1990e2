"""The book's network (section 7.5): seven layers, forward in their order, backward in the reverse order.

Convolution - Relu - Pooling of 2x2 - Affine - Relu - Affine - SoftmaxWithLoss"""

import numpy as np

from .activation import Relu
from .affine import Affine
from .convolution import Convolution
from .loss import SoftmaxWithLoss
from .pooling import Pooling
from .shapes import conv_output_size

CONV_PARAM = {"filter_num": 30, "filter_size": 5, "pad": 0, "stride": 1}


class SimpleConvNet:
    """The network for images of input_dim (C, H, W) and output_size classes. `params` holds W1, b1, W2, b2, W3, b3."""

    def __init__(
        self, input_dim=(1, 28, 28), conv_param=CONV_PARAM, hidden_size=100, output_size=10, weight_init_std=0.01
    ):
        FN, size, stride, pad = (conv_param[key] for key in ("filter_num", "filter_size", "stride", "pad"))
        C, H, W = input_dim
        pooled_h, pooled_w = (conv_output_size(n, size, stride, pad) // 2 for n in (H, W))
        self.params = {
            "W1": weight_init_std * np.random.randn(FN, C, size, size), "b1": np.zeros(FN),
            "W2": weight_init_std * np.random.randn(FN * pooled_h * pooled_w, hidden_size), "b2": np.zeros(hidden_size),
            "W3": weight_init_std * np.random.randn(hidden_size, output_size), "b3": np.zeros(output_size),
        }  # fmt: skip
        W1, b1, W2, b2, W3, b3 = self.params.values()
        self.conv, self.affine1, self.affine2 = Convolution(W1, b1, stride, pad), Affine(W2, b2), Affine(W3, b3)
        self.layers = [self.conv, Relu(), Pooling(2, 2, stride=2), self.affine1, Relu(), self.affine2]
        self.last_layer = SoftmaxWithLoss()

    def predict(self, x):
        """Return the scores (N, output_size) of images x (N, C, H, W)."""
        for layer in self.layers:
            x = layer.forward(x)  # (N, FN, OH, OW), then (N, FN, OH/2, OW/2), then (N, hidden_size)
        return x

    def loss(self, x, t):
        """Return the mean loss for t: labels (N,) or one-hot (N, output_size)."""
        return self.last_layer.forward(self.predict(x), t)

    def accuracy(self, x, t):
        """Return the share of the images whose largest score is that of the right class."""
        labels = t.argmax(axis=1) if t.ndim == 2 else t  # (N,)
        return np.mean(self.predict(x).argmax(axis=1) == labels)

    def gradient(self, x, t):
        """Return the gradients of the loss, under the names of params."""
        self.loss(x, t)
        dout = self.last_layer.backward(1)
        for layer in reversed(self.layers):
            dout = layer.backward(dout)
        grads = {}
        for i, layer in enumerate((self.conv, self.affine1, self.affine2), start=1):
            grads[f"W{i}"], grads[f"b{i}"] = layer.dW, layer.db
        return grads
