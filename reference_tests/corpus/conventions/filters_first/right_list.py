"""A convolution whose filters are arrays of their own, in a list, and whose biases are a list of numbers."""

import numpy as np


class ConvLayer:
    def __init__(self, in_channels, num_filters, size):
        self.size = size
        self.filters = [np.random.randn(in_channels, size, size) * 0.1 for _ in range(num_filters)]
        self.biases = [float(np.random.randn()) for _ in range(num_filters)]

    def forward(self, x):
        self.x = x
        n, c, h, w = x.shape
        k = self.size
        out = np.zeros((n, len(self.filters), h - k + 1, w - k + 1))
        for f, (kernel, bias) in enumerate(zip(self.filters, self.biases)):
            for i in range(out.shape[2]):
                for j in range(out.shape[3]):
                    out[:, f, i, j] = np.sum(x[:, :, i:i + k, j:j + k] * kernel, axis=(1, 2, 3)) + bias
        return out

    def backward(self, grad):
        k = self.size
        dx = np.zeros(self.x.shape)
        self.d_filters = [np.zeros(kernel.shape) for kernel in self.filters]
        self.d_biases = [0.0 for _ in self.filters]
        for f, kernel in enumerate(self.filters):
            for i in range(grad.shape[2]):
                for j in range(grad.shape[3]):
                    g = grad[:, f, i, j][:, None, None, None]
                    self.d_filters[f] += np.sum(g * self.x[:, :, i:i + k, j:j + k], axis=0)
                    dx[:, :, i:i + k, j:j + k] += g * kernel
            self.d_biases[f] = float(grad[:, f].sum())
        return dx
