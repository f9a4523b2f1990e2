import numpy as np


class Layer:
    """Base class. A layer keeps its parameters in self.params and the gradients in self.gradients, by the same names."""

    def __init__(self):
        self.params = {}
        self.gradients = {}

    def forward(self, x):
        return x

    def backward(self, grad):
        return grad


class Conv2D(Layer):
    """W (kh, kw, in, out), images channels last"""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding='VALID'):
        super().__init__()
        self.kernel_size, self.stride, self.padding = kernel_size, stride, padding
        self.params['kernels'] = np.random.randn(kernel_size, kernel_size, in_channels, out_channels) * 0.1
        self.params['bias'] = np.zeros(out_channels)

    def forward(self, x):
        k, s = self.kernel_size, self.stride
        self.p = k // 2 if self.padding == 'SAME' else 0
        self.xp = np.pad(x, ((0, 0), (self.p, self.p), (self.p, self.p), (0, 0)))
        oh, ow = (self.xp.shape[1] - k) // s + 1, (self.xp.shape[2] - k) // s + 1
        w = self.params['kernels'].reshape(-1, self.params['kernels'].shape[3])
        out = np.zeros((x.shape[0], oh, ow, w.shape[1]))
        for i in range(oh):
            for j in range(ow):
                out[:, i, j] = self.xp[:, i * s:i * s + k, j * s:j * s + k].reshape(len(x), -1) @ w
        return out + self.params['bias']

    def backward(self, grad):
        k, s = self.kernel_size, self.stride
        kernels = self.params['kernels']
        w = kernels.reshape(-1, kernels.shape[3])
        dw = np.zeros_like(w)
        dxp = np.zeros_like(self.xp)
        for i in range(grad.shape[1]):
            for j in range(grad.shape[2]):
                here = np.s_[:, i * s:i * s + k, j * s:j * s + k]
                g = grad[:, i, j]
                dw += self.xp[here].reshape(len(g), -1).T @ g
                dxp[here] += (g @ w.T).reshape(len(g), k, k, -1)
        self.gradients['kernels'] = dw.reshape(kernels.shape)
        self.gradients['bias'] = grad.sum(axis=(0, 1, 2))
        return dxp[:, self.p:dxp.shape[1] - self.p, self.p:dxp.shape[2] - self.p]


class MaxPool2D(Layer):
    def __init__(self, pool_size):
        super().__init__()
        self.pool_size = pool_size

    def forward(self, x):
        k = self.pool_size
        n, h, w, c = x.shape
        self.x = x[:, :h // k * k, :w // k * k].reshape(n, h // k, k, w // k, k, c)
        self.shape = x.shape
        self.out = self.x.max(axis=(2, 4), keepdims=True)
        return self.out[:, :, 0, :, 0]

    def backward(self, grad):
        k = self.pool_size
        n, h, w, c = self.shape
        d = (self.x == self.out) * grad[:, :, None, :, None]
        dx = np.zeros(self.shape)
        dx[:, :h // k * k, :w // k * k] = d.reshape(n, h // k * k, w // k * k, c)
        return dx


class ReLU(Layer):
    def forward(self, x):
        self.x = x
        return np.maximum(x, 0)

    def backward(self, grad):
        return grad * (self.x > 0)


class Flatten(Layer):
    def forward(self, x):
        self.shape = x.shape
        return x.reshape(len(x), -1)

    def backward(self, grad):
        return grad.reshape(self.shape)


class Dense(Layer):
    def __init__(self, input_size, output_size):
        super().__init__()
        self.params['w'] = np.random.randn(input_size, output_size) * 0.1
        self.params['b'] = np.zeros(output_size)

    def forward(self, x):
        self.x = x
        return x @ self.params['w'] + self.params['b']

    def backward(self, grad):
        self.gradients['w'] = self.x.T @ grad
        self.gradients['b'] = grad.sum(axis=0)
        return grad @ self.params['w'].T


class Sequential:
    def __init__(self, *layers):
        self.layers = layers

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, grad):
        for layer in reversed(self.layers):
            grad = layer.backward(grad)
        return grad


if __name__ == '__main__':
    net = Sequential(Conv2D(1, 4, 3), ReLU(), MaxPool2D(2), Flatten(), Dense(4 * 3 * 3, 10))
    print(net.forward(np.random.randn(2, 8, 8, 1)).shape)
