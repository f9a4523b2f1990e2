import numpy as np


class ConvReLU:
    """Convolution and ReLU for one image (channels, height, width)."""

    def __init__(self, in_channels, num_filters, kernel_size):
        self.k = kernel_size
        self.filters = np.random.randn(num_filters, in_channels, kernel_size, kernel_size) * 0.1
        self.biases = np.zeros(num_filters)

    def forward(self, x):
        self.x = x
        c, h, w = x.shape
        k = self.k
        z = np.zeros((self.filters.shape[0], h - k + 1, w - k + 1))
        for i in range(h - k + 1):
            for j in range(w - k + 1):
                z[:, i, j] = np.tensordot(self.filters, x[:, i:i + k, j:j + k], 3) + self.biases
        self.z = z
        return np.maximum(z, 0)

    def backward(self, grad, lr):
        grad = grad * (self.z > 0)
        k = self.k
        dx = np.zeros_like(self.x)
        dw = np.zeros_like(self.filters)
        for i in range(grad.shape[1]):
            for j in range(grad.shape[2]):
                g = grad[:, i, j]
                dw += g[:, None, None, None] * self.x[None, :, i:i + k, j:j + k]
                dx[:, i:i + k, j:j + k] += np.tensordot(g, self.filters, 1)
        self.filters -= lr * dw
        self.biases -= lr * grad.mean(axis=(1, 2))
        return dx
