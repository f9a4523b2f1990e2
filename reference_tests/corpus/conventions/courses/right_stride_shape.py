import copy
import numpy as np
from scipy import signal
from Layers.Base import BaseLayer


class Conv(BaseLayer):
    def __init__(self, stride_shape, convolution_shape, num_kernels):
        super().__init__()
        self.trainable = True
        self.stride_shape = stride_shape if isinstance(stride_shape, tuple) else (stride_shape, stride_shape)
        self.convolution_shape = convolution_shape
        self.num_kernels = num_kernels
        self.weights = np.random.uniform(size=(num_kernels, *convolution_shape))
        self.bias = np.random.rand(num_kernels)
        self._optimizer = None
        self.gradient_weights = None
        self.gradient_bias = None

    def initialize(self, weights_initializer, bias_initializer):
        c = self.convolution_shape
        self.weights = weights_initializer.initialize(self.weights.shape, np.prod(c), self.num_kernels * np.prod(c[1:]))
        self.bias = bias_initializer.initialize(self.bias.shape, 1, self.num_kernels)

    @property
    def optimizer(self):
        return self._optimizer

    @optimizer.setter
    def optimizer(self, optimizer):
        self._optimizer = copy.deepcopy(optimizer)

    def forward(self, input_tensor):
        self.input_tensor = input_tensor
        b, c, y, x = input_tensor.shape
        _, m, n = self.convolution_shape
        ph, pw = m - 1, n - 1
        self.padded = np.pad(input_tensor, ((0, 0), (0, 0), (ph // 2, ph - ph // 2), (pw // 2, pw - pw // 2)))
        sy, sx = self.stride_shape
        win = np.lib.stride_tricks.sliding_window_view(self.padded, (m, n), axis=(2, 3))[:, :, ::sy, ::sx]
        self.win = win
        return np.einsum('bcyxmn,kcmn->bkyx', win, self.weights) + self.bias[None, :, None, None]

    def backward(self, error_tensor):
        sy, sx = self.stride_shape
        _, m, n = self.convolution_shape
        self.gradient_weights = np.einsum('bkyx,bcyxmn->kcmn', error_tensor, self.win)
        self.gradient_bias = error_tensor.sum(axis=(0, 2, 3))
        dp = np.zeros_like(self.padded)
        for i in range(error_tensor.shape[2]):
            for j in range(error_tensor.shape[3]):
                dp[:, :, i * sy:i * sy + m, j * sx:j * sx + n] += np.einsum('bk,kcmn->bcmn', error_tensor[:, :, i, j], self.weights)
        if self._optimizer:
            self.weights = self._optimizer.calculate_update(self.weights, self.gradient_weights)
        t, l = (m - 1) // 2, (n - 1) // 2
        return dp[:, :, t:t + self.input_tensor.shape[2], l:l + self.input_tensor.shape[3]]


class Pooling(BaseLayer):
    def __init__(self, stride_shape, pooling_shape):
        super().__init__()
        self.stride_shape = stride_shape
        self.pooling_shape = pooling_shape

    def forward(self, input_tensor):
        self.input_tensor = input_tensor
        (ph, pw), (sy, sx) = self.pooling_shape, self.stride_shape
        self.win = np.lib.stride_tricks.sliding_window_view(input_tensor, (ph, pw), axis=(2, 3))[:, :, ::sy, ::sx]
        return self.win.max(axis=(4, 5))

    def backward(self, error_tensor):
        (ph, pw), (sy, sx) = self.pooling_shape, self.stride_shape
        out = np.zeros_like(self.input_tensor)
        for b, c, i, j in np.ndindex(error_tensor.shape):
            m, n = np.unravel_index(self.win[b, c, i, j].argmax(), (ph, pw))
            out[b, c, i * sy + m, j * sx + n] += error_tensor[b, c, i, j]
        return out


class ReLU(BaseLayer):
    def forward(self, input_tensor):
        self.input_tensor = input_tensor
        return np.maximum(0, input_tensor)

    def backward(self, error_tensor):
        return np.where(self.input_tensor > 0, error_tensor, 0)


class FullyConnected(BaseLayer):
    def __init__(self, input_size, output_size):
        super().__init__()
        self.trainable = True
        self.weights = np.random.rand(input_size + 1, output_size)
        self._optimizer = None

    def forward(self, input_tensor):
        self.input_tensor = np.hstack([input_tensor, np.ones((input_tensor.shape[0], 1))])
        return self.input_tensor @ self.weights

    def backward(self, error_tensor):
        self.gradient_weights = self.input_tensor.T @ error_tensor
        error_prev = error_tensor @ self.weights[:-1].T
        if self._optimizer:
            self.weights = self._optimizer.calculate_update(self.weights, self.gradient_weights)
        return error_prev
