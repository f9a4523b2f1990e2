"""Channels last; what depends on the input is made at the first call."""
import numpy as np


class DepthwiseConv2D:
    """kernel (kh, kw, channels, 1), 'valid'"""

    def __init__(self, kernel_size, strides=1):
        self.kernel_size, self.strides = kernel_size, strides
        self.kernel = None

    def __call__(self, x):
        k, s = self.kernel_size, self.strides
        if self.kernel is None:
            self.kernel = np.random.randn(k, k, x.shape[3], 1) * 0.1
            self.bias = np.zeros(x.shape[3])
        self.x = x
        oh, ow = (x.shape[1] - k) // s + 1, (x.shape[2] - k) // s + 1
        out = np.zeros((len(x), oh, ow, x.shape[3]))
        for i in range(oh):
            for j in range(ow):
                out[:, i, j] = (x[:, i * s:i * s + k, j * s:j * s + k] * self.kernel[..., 0]).sum(axis=(1, 2))
        return out + self.bias

    def backward(self, grad):
        k, s = self.kernel_size, self.strides
        self.dkernel = np.zeros_like(self.kernel)
        self.dbias = grad.sum(axis=(0, 1, 2))
        dx = np.zeros_like(self.x)
        for i in range(grad.shape[1]):
            for j in range(grad.shape[2]):
                here = np.s_[:, i * s:i * s + k, j * s:j * s + k]
                g = grad[:, i, j][:, None, None]
                self.dkernel[..., 0] += (self.x[here] * g).sum(axis=0)
                dx[here] += self.kernel[..., 0] * g
        return dx


class Conv2DTranspose:
    """kernel (kh, kw, filters, channels), 'valid'"""

    def __init__(self, filters, kernel_size, strides=1):
        self.filters, self.kernel_size, self.strides = filters, kernel_size, strides
        self.kernel = None

    def __call__(self, x):
        k, s = self.kernel_size, self.strides
        if self.kernel is None:
            self.kernel = np.random.randn(k, k, self.filters, x.shape[3]) * 0.1
            self.bias = np.zeros(self.filters)
        self.x = x
        n, h, w, _ = x.shape
        out = np.zeros((n, (h - 1) * s + k, (w - 1) * s + k, self.filters))
        for a in range(k):
            for b in range(k):
                out[:, a:a + s * (h - 1) + 1:s, b:b + s * (w - 1) + 1:s] += x @ self.kernel[a, b].T
        return out + self.bias

    def backward(self, grad):
        k, s = self.kernel_size, self.strides
        _, h, w, _ = self.x.shape
        self.dbias = grad.sum(axis=(0, 1, 2))
        self.dkernel = np.zeros_like(self.kernel)
        dx = np.zeros_like(self.x)
        for a in range(k):
            for b in range(k):
                g = grad[:, a:a + s * (h - 1) + 1:s, b:b + s * (w - 1) + 1:s]
                self.dkernel[a, b] = np.tensordot(g, self.x, axes=((0, 1, 2), (0, 1, 2)))
                dx += g @ self.kernel[a, b]
        return dx


class LocallyConnected2D:
    """A filter for each place: kernel (oh, ow, kh, kw, channels, filters), bias (oh, ow, filters)"""

    def __init__(self, filters, kernel_size, strides=1):
        self.filters, self.kernel_size, self.strides = filters, kernel_size, strides
        self.kernel = None

    def __call__(self, x):
        k, s = self.kernel_size, self.strides
        oh, ow = (x.shape[1] - k) // s + 1, (x.shape[2] - k) // s + 1
        if self.kernel is None:
            self.kernel = np.random.randn(oh, ow, k, k, x.shape[3], self.filters) * 0.1
            self.bias = np.zeros((oh, ow, self.filters))
        self.x = x
        out = np.empty((len(x), oh, ow, self.filters))
        for i in range(oh):
            for j in range(ow):
                window = x[:, i * s:i * s + k, j * s:j * s + k]
                out[:, i, j] = np.tensordot(window, self.kernel[i, j], axes=3) + self.bias[i, j]
        return out

    def backward(self, grad):
        k, s = self.kernel_size, self.strides
        self.dkernel = np.zeros_like(self.kernel)
        self.dbias = grad.sum(axis=0)
        dx = np.zeros_like(self.x)
        for i in range(grad.shape[1]):
            for j in range(grad.shape[2]):
                here = np.s_[:, i * s:i * s + k, j * s:j * s + k]
                g = grad[:, i, j]
                self.dkernel[i, j] = np.tensordot(self.x[here], g, axes=(0, 0))
                dx[here] += np.tensordot(g, self.kernel[i, j], axes=(1, 3))
        return dx


class GlobalMaxPooling2D:
    def __call__(self, x):
        self.x = x
        self.y = x.max(axis=(1, 2))
        return self.y

    def backward(self, grad):
        return (self.x == self.y[:, None, None]) * grad[:, None, None]


class BatchNormalization:
    """Over the last axis. momentum is the share of the old."""

    def __init__(self, momentum=0.99, epsilon=1e-3):
        self.momentum, self.epsilon = momentum, epsilon
        self.gamma = None

    def build(self, n):
        self.gamma, self.beta = np.ones(n), np.zeros(n)
        self.moving_mean, self.moving_variance = np.zeros(n), np.ones(n)

    def __call__(self, x, training=False):
        if self.gamma is None:
            self.build(x.shape[-1])
        if training:
            mean, var = x.mean(axis=0), x.var(axis=0)
            self.moving_mean = self.moving_mean * self.momentum + mean * (1 - self.momentum)
            self.moving_variance = self.moving_variance * self.momentum + var * (1 - self.momentum)
        else:
            mean, var = x.mean(axis=0), x.var(axis=0)
        self.inv = 1 / np.sqrt(var + self.epsilon)
        self.normed = (x - mean) * self.inv
        return self.gamma * self.normed + self.beta

    def backward(self, grad):
        self.dgamma = (grad * self.normed).sum(axis=0)
        self.dbeta = grad.sum(axis=0)
        n = len(grad)
        return self.gamma * self.inv / n * (n * grad - self.dbeta - self.normed * self.dgamma)
