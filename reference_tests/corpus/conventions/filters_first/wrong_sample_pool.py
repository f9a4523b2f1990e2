import numpy as np


class Conv2D:
    """One sample at a time: (height, width, depth). Filters (num_filters, k, k, depth)."""

    def __init__(self, num_filters, filter_size, input_depth, stride=1):
        self.stride = stride
        self.w = np.random.randn(num_filters, filter_size, filter_size, input_depth) / filter_size ** 2
        self.b = np.zeros(num_filters)

    def forward(self, x):
        self.x = x
        n, k, _, _ = self.w.shape
        s = self.stride
        out = np.zeros(((x.shape[0] - k) // s + 1, (x.shape[1] - k) // s + 1, n))
        for i in range(out.shape[0]):
            for j in range(out.shape[1]):
                out[i, j] = np.tensordot(self.w, x[i * s:i * s + k, j * s:j * s + k], axes=3)
        return out + self.b

    def backward(self, d_out):
        k, s = self.w.shape[1], self.stride
        self.d_w = np.zeros(self.w.shape)
        self.d_b = d_out.sum(axis=(0, 1))
        d_x = np.zeros(self.x.shape)
        for i in range(d_out.shape[0]):
            for j in range(d_out.shape[1]):
                here = slice(i * s, i * s + k), slice(j * s, j * s + k)
                self.d_w += d_out[i, j][:, None, None, None] * self.x[here]
                d_x[here] += np.tensordot(d_out[i, j], self.w, axes=1)
        return d_x


class MaxPool2D:
    def __init__(self, pool_size, stride):
        self.pool_size, self.stride = pool_size, stride

    def forward(self, x):
        self.x = x
        k, s = self.pool_size, self.stride
        out = np.zeros(((x.shape[0] - k) // s + 1, (x.shape[1] - k) // s + 1, x.shape[2]))
        for i in range(out.shape[0]):
            for j in range(out.shape[1]):
                out[i, j] = x[i * s:i * s + k, j * s:j * s + k].max(axis=(0, 1))
        self.out = out
        return out

    def backward(self, d_out):
        k, s = self.pool_size, self.stride
        d_x = np.zeros(self.x.shape)
        for i in range(d_out.shape[0]):
            for j in range(d_out.shape[1]):
                here = slice(i * s, i * s + k), slice(j * s, j * s + k)
                d_x[here] = (self.x[here] == self.out[i, j]) * d_out[i, j]
        return d_x
