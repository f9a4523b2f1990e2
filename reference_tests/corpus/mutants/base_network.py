"""The contract, continued: the network."""

import numpy as np

from .base import Affine, Relu, SoftmaxWithLoss
from .base_windows import Convolution, Pooling, conv_output_size


class SimpleConvNet:
    def __init__(
        self,
        input_dim=(1, 28, 28),
        conv_param={"filter_num": 30, "filter_size": 5, "pad": 0, "stride": 1},  # noqa: B006
        hidden_size=100,
        output_size=10,
        weight_init_std=0.01,
    ):
        fn, size = conv_param["filter_num"], conv_param["filter_size"]
        stride, pad = conv_param["stride"], conv_param["pad"]
        channels, height, width = input_dim
        pooled_h = conv_output_size(height, size, stride, pad) // 2
        pooled_w = conv_output_size(width, size, stride, pad) // 2
        self.params = {
            "W1": weight_init_std * np.random.randn(fn, channels, size, size),  # noqa: NPY002
            "b1": np.zeros(fn),
            "W2": weight_init_std * np.random.randn(fn * pooled_h * pooled_w, hidden_size),  # noqa: NPY002
            "b2": np.zeros(hidden_size),
            "W3": weight_init_std * np.random.randn(hidden_size, output_size),  # noqa: NPY002
            "b3": np.zeros(output_size),
        }
        W1, b1, W2, b2, W3, b3 = self.params.values()
        self.conv, self.affine1, self.affine2 = Convolution(W1, b1, stride, pad), Affine(W2, b2), Affine(W3, b3)
        self.layers = [self.conv, Relu(), Pooling(2, 2, stride=2), self.affine1, Relu(), self.affine2]
        self.last = SoftmaxWithLoss()

    def predict(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def loss(self, x, t):
        return self.last.forward(self.predict(x), t)

    def accuracy(self, x, t):
        labels = t.argmax(axis=1) if t.ndim == 2 else t
        return np.mean(self.predict(x).argmax(axis=1) == labels)

    def gradient(self, x, t):
        self.loss(x, t)
        dout = self.last.backward(1)
        for layer in reversed(self.layers):
            dout = layer.backward(dout)
        parts = {"1": self.conv, "2": self.affine1, "3": self.affine2}
        found = {}
        for number, layer in parts.items():
            found["W" + number], found["b" + number] = layer.dW, layer.db
        return found
