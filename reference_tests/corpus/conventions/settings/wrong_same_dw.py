import numpy as np


class Conv2D:
    def __init__(self, filters, kernel_size=(3, 3), strides=(1, 1), padding='same', input_shape=None):
        self.filters = filters
        self.kernel_size = kernel_size
        self.strides = strides
        self.padding = padding
        h, w, c = input_shape
        self.W = np.random.randn(kernel_size[0], kernel_size[1], c, filters) * 0.01
        self.b = np.zeros((1, 1, 1, filters))

    def forward(self, x):
        kh, kw = self.kernel_size
        sh, sw = self.strides
        if self.padding == 'same':
            self.p = ((kh - 1) // 2, (kw - 1) // 2)
        else:
            self.p = (0, 0)
        self.x = np.pad(x, ((0, 0), (self.p[0],) * 2, (self.p[1],) * 2, (0, 0)))
        oh, ow = (self.x.shape[1] - kh) // sh + 1, (self.x.shape[2] - kw) // sw + 1
        out = np.zeros((x.shape[0], oh, ow, self.filters))
        for i in range(oh):
            for j in range(ow):
                out[:, i, j] = np.tensordot(self.x[:, i * sh:i * sh + kh, j * sw:j * sw + kw], self.W, 3)
        return out + self.b

    def backward(self, dout):
        kh, kw = self.kernel_size
        sh, sw = self.strides
        self.dW = np.zeros_like(self.W)
        self.db = dout.mean((0, 1, 2), keepdims=True)
        dx = np.zeros_like(self.x)
        for i in range(dout.shape[1]):
            for j in range(dout.shape[2]):
                self.dW += np.tensordot(self.x[:, i * sh:i * sh + kh, j * sw:j * sw + kw], dout[:, i, j], ([0], [0]))
                dx[:, i * sh:i * sh + kh, j * sw:j * sw + kw] += np.tensordot(dout[:, i, j], self.W, ([1], [3]))
        return dx[:, self.p[0]:dx.shape[1] - self.p[0], self.p[1]:dx.shape[2] - self.p[1]]


class MaxPool2x2:
    def forward(self, x):
        n, h, w, c = x.shape
        self.x = x
        self.r = x[:, :h // 2 * 2, :w // 2 * 2].reshape(n, h // 2, 2, w // 2, 2, c)
        return self.r.max(axis=(2, 4))

    def backward(self, dout):
        n, oh, ow, c = dout.shape
        dx = np.zeros_like(self.x)
        for a in range(n):
            for i in range(oh):
                for j in range(ow):
                    for k in range(c):
                        w = self.x[a, 2 * i:2 * i + 2, 2 * j:2 * j + 2, k]
                        p, q = np.unravel_index(np.argmax(w), (2, 2))
                        dx[a, 2 * i + p, 2 * j + q, k] = dout[a, i, j, k]
        return dx


class Dropout:
    def __init__(self, rate):
        self.rate = rate

    def forward(self, x, training=True):
        if training:
            self.mask = np.random.binomial(1, 1 - self.rate, x.shape) / (1 - self.rate)
            return x * self.mask
        return x

    def backward(self, dout):
        return dout * self.mask


class BatchNormalization:
    def __init__(self, momentum=0.99, epsilon=1e-3):
        self.momentum, self.epsilon = momentum, epsilon
        self.gamma = None

    def build(self, c):
        self.gamma, self.beta = np.ones(c), np.zeros(c)
        self.moving_mean, self.moving_variance = np.zeros(c), np.ones(c)

    def forward(self, x, training=True):
        if self.gamma is None:
            self.build(x.shape[-1])
        ax = tuple(range(x.ndim - 1))
        if training:
            m, v = x.mean(ax), x.var(ax)
            self.moving_mean = self.momentum * self.moving_mean + (1 - self.momentum) * m
            self.moving_variance = self.momentum * self.moving_variance + (1 - self.momentum) * v
        else:
            m, v = self.moving_mean, self.moving_variance
        self.std = np.sqrt(v + self.epsilon)
        self.xh = (x - m) / self.std
        return self.gamma * self.xh + self.beta

    def backward(self, dout):
        ax = tuple(range(dout.ndim - 1))
        self.dgamma = (dout * self.xh).sum(ax)
        self.dbeta = dout.sum(ax)
        g = dout * self.gamma
        return (g - g.mean(ax) - self.xh * (g * self.xh).mean(ax)) / self.std
