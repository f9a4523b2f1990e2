import numpy as np


class Conv:
    """stride and padding are given to forward"""

    def __init__(self, in_channels, num_filters, filter_size):
        self.filters = np.random.randn(num_filters, in_channels, filter_size, filter_size) * 0.1
        self.bias = np.zeros(num_filters)

    def forward(self, x, stride=1, padding=0):
        k = self.filters.shape[-1]
        self.stride, self.padding = stride, padding
        self.padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
        view = np.lib.stride_tricks.sliding_window_view(self.padded, (k, k), axis=(2, 3))
        self.view = view[:, :, ::stride, ::stride]
        return np.tensordot(self.view, self.filters, ((1, 4, 5), (1, 2, 3))).transpose(0, 3, 1, 2) + self.bias.reshape(
            1, -1, 1, 1)

    def backward(self, d_out):
        k, s, p = self.filters.shape[-1], self.stride, self.padding
        self.d_filters = np.tensordot(d_out, self.view, ((0, 2, 3), (0, 2, 3)))
        self.d_bias = d_out.sum((0, 2, 3))
        d_padded = np.zeros_like(self.padded)
        spread = np.tensordot(d_out, self.filters, (1, 0))
        for y in range(d_out.shape[2]):
            for x in range(d_out.shape[3]):
                d_padded[:, :, y * s:y * s + k, x * s:x * s + k] += spread[:, y, x]
        return d_padded[:, :, p:d_padded.shape[2] - p, p:d_padded.shape[3] - p]


class AvgPool:
    def forward(self, x, size=2, stride=2):
        self.shape, self.size, self.stride = x.shape, size, stride
        view = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(2, 3))
        return view[:, :, ::stride, ::stride].mean(axis=(4, 5))

    def backward(self, d_out):
        k, s = self.size, self.stride
        d_x = np.zeros(self.shape)
        for y in range(d_out.shape[2]):
            for x in range(d_out.shape[3]):
                d_x[:, :, y * s:y * s + k, x * s:x * s + k] += d_out[:, :, y:y + 1, x:x + 1] / k ** 2
        return d_x
