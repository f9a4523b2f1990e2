import numpy as np


class ConvolutionLayer:
    """A label for printing comes first, then width before height."""

    def __init__(self, label, kernel_width, kernel_height, channels_in, channels_out, stride=1):
        self.label = label
        self.stride = stride
        self.weights = np.random.randn(channels_out, channels_in, kernel_height, kernel_width) * 0.1
        self.biases = np.zeros(channels_out)

    def __repr__(self):
        return f"{self.label}: {self.weights.shape}"

    def _view(self, x):
        v = np.lib.stride_tricks.sliding_window_view(x, self.weights.shape[2:], axis=(2, 3))
        return v[:, :, ::self.stride, ::self.stride]

    def forward(self, x):
        self.x = x
        return np.einsum('nchwyx,fcyx->nfhw', self._view(x), self.weights) + self.biases[:, None, None]

    def backward(self, error):
        s = self.stride
        self.weights_gradient = np.einsum('nfhw,nchwyx->fcyx', error, self._view(self.x))
        self.biases_gradient = np.einsum('nfhw->f', error)
        dx = np.zeros(self.x.shape)
        kh, kw = self.weights.shape[2:]
        for i in range(error.shape[2]):
            for j in range(error.shape[3]):
                dx[:, :, i * s:i * s + kh, j * s:j * s + kw] += np.tensordot(error[:, :, i, j], self.weights, axes=1)
        return dx


class SigmoidLayer:
    def __init__(self, label):
        self.label = label

    def forward(self, x):
        self.y = 0.5 * (1 + np.tanh(x / 2))
        return self.y

    def backward(self, error):
        return error * self.y * (1 - self.y)
