import numpy as np


class Convolution:
    """Batches (N, C, H, W). backward changes the weights itself."""

    def __init__(self, in_channels, num_filters, filter_size, stride=1, padding=0):
        self.stride = stride
        self.padding = padding
        self.filters = np.random.randn(num_filters, in_channels, filter_size, filter_size) * 0.1
        self.biases = np.zeros(num_filters)

    def forward(self, x):
        k, s, p = self.filters.shape[2], self.stride, self.padding
        self.x_shape = x.shape
        self.padded = np.pad(x, [(0, 0), (0, 0), (p, p), (p, p)])
        oh = (self.padded.shape[2] - k) // s + 1
        ow = (self.padded.shape[3] - k) // s + 1
        out = np.zeros((len(x), len(self.filters), oh, ow))
        for y in range(oh):
            for z in range(ow):
                patch = self.padded[:, None, :, y * s:y * s + k, z * s:z * s + k]
                out[:, :, y, z] = np.sum(patch * self.filters, axis=(2, 3, 4)) + self.biases
        return out

    def backward(self, d_out, lr):
        k, s, p = self.filters.shape[2], self.stride, self.padding
        d_filters = np.zeros_like(self.filters)
        d_padded = np.zeros_like(self.padded)
        for y in range(d_out.shape[2]):
            for z in range(d_out.shape[3]):
                d = d_out[:, :, y, z][:, :, None, None, None]
                patch = self.padded[:, None, :, y * s:y * s + k, z * s:z * s + k]
                d_filters += np.sum(d * patch, axis=0)
                d_padded[:, :, y * s:y * s + k, z * s:z * s + k] += np.sum(d * self.filters, axis=1)
        d_biases = np.sum(d_out[0], axis=(1, 2))
        self.filters -= lr * d_filters
        self.biases -= lr * d_biases
        h, w = self.x_shape[2:]
        return d_padded[:, :, p:p + h, p:p + w]


class MaxPool:
    def __init__(self, size):
        self.size = size

    def forward(self, x):
        k = self.size
        n, c, h, w = x.shape
        self.x = x
        cut = x[:, :, :h // k * k, :w // k * k].reshape(n, c, h // k, k, w // k, k)
        self.out = cut.max(axis=(3, 5))
        return self.out

    def backward(self, d_out, lr):
        k = self.size
        big = self.out.repeat(k, axis=2).repeat(k, axis=3)
        d = d_out.repeat(k, axis=2).repeat(k, axis=3)
        h, w = big.shape[2:]
        dx = np.zeros_like(self.x)
        dx[:, :, :h, :w] = d * (self.x[:, :, :h, :w] == big)
        return dx


class ReLU:
    def forward(self, x):
        self.x = x
        return np.maximum(0, x)

    def backward(self, d_out, lr):
        return d_out * (self.x > 0)


class Flatten:
    def forward(self, x):
        self.shape = x.shape
        return x.reshape(self.shape[0], -1)

    def backward(self, d_out, lr):
        return d_out.reshape(self.shape)


class Dense:
    def __init__(self, n_inputs, n_neurons):
        self.weights = np.random.randn(n_inputs, n_neurons) * 0.1
        self.biases = np.zeros((1, n_neurons))

    def forward(self, x):
        self.x = x
        return np.dot(x, self.weights) + self.biases

    def backward(self, d_out, lr):
        d_x = np.dot(d_out, self.weights.T)
        d_w = np.dot(self.x.T, d_out)
        d_b = d_out.sum(axis=0, keepdims=True)
        self.weights -= lr * d_w
        self.biases -= lr * d_b
        return d_x
