"""A small neural network library in plain NumPy, with the interface of torch.nn."""
import numpy as np


class Conv2d:
    """2-D convolution on (N, C_in, H, W).

    Args:
        in_channels (int): channels of the input
        out_channels (int): channels of the output
        kernel_size (int): side of the square window
        stride (int): default 1
        padding (int): zeros added on each side, default 0
    """

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0):
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.kernel_size = kernel_size
        self.stride = stride
        self.padding = padding
        bound = 1 / np.sqrt(in_channels * kernel_size ** 2)
        self.weight = np.random.uniform(-bound, bound, (out_channels, in_channels, kernel_size, kernel_size))
        self.bias = np.random.uniform(-bound, bound, out_channels)
        self.grad_weight = np.zeros_like(self.weight)
        self.grad_bias = np.zeros_like(self.bias)

    def __call__(self, x):
        return self.forward(x)

    def forward(self, x):
        p, s, k = self.padding, self.stride, self.kernel_size
        self.input_shape = x.shape
        padded = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
        self.windows = np.lib.stride_tricks.sliding_window_view(padded, (k, k), axis=(2, 3))[:, :, ::s, ::s]
        out = np.einsum('nchwkl,fckl->nfhw', self.windows, self.weight)
        return out + self.bias[None, :, None, None]

    def backward(self, grad_output):
        n, c, h, w = self.input_shape
        p, s, k = self.padding, self.stride, self.kernel_size
        self.grad_weight = np.einsum('nfhw,nchwkl->fckl', grad_output, self.windows)
        self.grad_bias = grad_output.sum(axis=(0, 2, 3))
        grad_padded = np.zeros((n, c, h + 2 * p, w + 2 * p))
        for i in range(grad_output.shape[2]):
            for j in range(grad_output.shape[3]):
                part = np.einsum('nf,fckl->nckl', grad_output[:, :, i, j], self.weight)
                grad_padded[:, :, i * s:i * s + k, j * s:j * s + k] += part
        return grad_padded[:, :, p:p + h, p:p + w]


class MaxPool2d:
    def __init__(self, kernel_size, stride=None):
        self.kernel_size = kernel_size
        self.stride = stride if stride is not None else kernel_size

    def __call__(self, x):
        return self.forward(x)

    def forward(self, x):
        self.x = x
        k, s = self.kernel_size, self.stride
        n, c, h, w = x.shape
        out = np.zeros((n, c, (h - k) // s + 1, (w - k) // s + 1))
        self.argmax = np.zeros(out.shape, dtype=int)
        for i in range(out.shape[2]):
            for j in range(out.shape[3]):
                window = x[:, :, i * s:i * s + k, j * s:j * s + k].reshape(n, c, -1)
                self.argmax[:, :, i, j] = window.argmax(axis=2)
                out[:, :, i, j] = window.max(axis=2)
        return out

    def backward(self, grad_output):
        k, s = self.kernel_size, self.stride
        grad_input = np.zeros(self.x.shape)
        for (n, c, i, j), where in np.ndenumerate(self.argmax):
            row, col = divmod(where, k)
            grad_input[n, c, i * s + row, j * s + col] += grad_output[n, c, i, j]
        return grad_input


class ReLU:
    def __call__(self, x):
        return self.forward(x)

    def forward(self, x):
        self.mask = x > 0
        return x * self.mask

    def backward(self, grad_output):
        return grad_output * self.mask


class Flatten:
    def forward(self, x):
        self.shape = x.shape
        return x.reshape(x.shape[0], -1)

    def backward(self, grad_output):
        return grad_output.reshape(self.shape)


class Linear:
    """y = x W^T + b, weight of shape (out_features, in_features)"""

    def __init__(self, in_features, out_features):
        self.weight = np.random.randn(out_features, in_features) * np.sqrt(2 / in_features)
        self.bias = np.zeros(out_features)

    def __call__(self, x):
        return self.forward(x)

    def forward(self, x):
        self.x = x
        return x @ self.weight.T + self.bias

    def backward(self, grad_output):
        self.grad_weight = grad_output.T @ self.x
        self.grad_bias = grad_output.sum(axis=0)
        return grad_output @ self.weight


class CrossEntropyLoss:
    """Mean cross-entropy of logits (N, K) and labels (N,)."""

    def forward(self, logits, target):
        shifted = logits - logits.max(axis=1, keepdims=True)
        self.probs = np.exp(shifted)
        self.probs /= self.probs.sum(axis=1, keepdims=True)
        self.target = target
        return -np.log(self.probs[np.arange(len(target)), target]).mean()

    def backward(self):
        grad = self.probs.copy()
        grad[np.arange(len(self.target)), self.target] -= 1
        return grad / len(self.target)
