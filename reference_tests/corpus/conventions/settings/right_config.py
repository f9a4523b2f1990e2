import numpy as np


class ConvLayer:
    def __init__(self, config):
        self.filters = config['filters']
        self.channels = config['channels']
        self.k = config['kernel_size']
        self.stride = config.get('stride', 1)
        self.pad = config.get('padding', 0)
        self.weights = np.random.randn(self.filters, self.channels, self.k, self.k) * .1
        self.bias = np.zeros(self.filters)

    def forward(self, x):
        p, s, k = self.pad, self.stride, self.k
        self.xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
        self.win = np.lib.stride_tricks.sliding_window_view(self.xp, (k, k), axis=(2, 3))[:, :, ::s, ::s]
        return np.einsum('nchwij,fcij->nfhw', self.win, self.weights) + self.bias[:, None, None]

    def backward(self, grad):
        p, s, k = self.pad, self.stride, self.k
        self.grad_weights = np.einsum('nfhw,nchwij->fcij', grad, self.win)
        self.grad_bias = grad.sum((0, 2, 3))
        dxp = np.zeros_like(self.xp)
        for i in range(grad.shape[2]):
            for j in range(grad.shape[3]):
                dxp[:, :, i * s:i * s + k, j * s:j * s + k] += np.einsum('nf,fcij->ncij', grad[:, :, i, j], self.weights)
        return dxp[:, :, p:dxp.shape[2] - p, p:dxp.shape[3] - p]


class PoolLayer:
    def __init__(self, config):
        self.size = config['pool_size']
        self.stride = config['stride']

    def forward(self, x):
        self.x = x
        self.win = np.lib.stride_tricks.sliding_window_view(x, (self.size, self.size), axis=(2, 3))[:, :, ::self.stride, ::self.stride]
        return self.win.max((4, 5))

    def backward(self, grad):
        dx = np.zeros_like(self.x)
        for n, c, i, j in np.ndindex(grad.shape):
            a, b = np.unravel_index(self.win[n, c, i, j].argmax(), (self.size, self.size))
            dx[n, c, i * self.stride + a, j * self.stride + b] += grad[n, c, i, j]
        return dx
