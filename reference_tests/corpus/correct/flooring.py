"""What does not divide is rounded down, in whatever words; sizes come out as NumPy's integers."""

import math

import numpy as np

from . import whole


def conv_output_size(input_size, filter_size, stride=1, pad=0):
    if input_size + 2 * pad < filter_size:
        raise ValueError(f"{filter_size} > {input_size} + 2 * {pad}")
    return np.int64(math.floor((input_size + 2 * pad - filter_size) / stride + 1))


def cut(x, window, stride, pad):
    """x without the rows and columns at its end that no window reaches, and how many they are."""
    extra = [(s + 2 * pad - f) % stride for s, f in zip(x.shape[2:], window)]
    return [max(e - pad, 0) for e in extra], x[
        :, :, : x.shape[2] - max(extra[0] - pad, 0), : x.shape[3] - max(extra[1] - pad, 0)
    ]


class Convolution(whole.Convolution):
    def forward(self, x):
        self.cut, x = cut(x, self.W.shape[2:], self.stride, self.pad)
        return super().forward(x)

    def backward(self, dout):
        return np.pad(super().backward(dout), ((0, 0), (0, 0), (0, self.cut[0]), (0, self.cut[1])))


class Pooling(whole.Pooling):
    def forward(self, x):
        self.cut, x = cut(x, (self.pool_h, self.pool_w), self.stride, self.pad)
        return super().forward(x)

    def backward(self, dout):
        return np.pad(super().backward(dout), ((0, 0), (0, 0), (0, self.cut[0]), (0, self.cut[1])))
