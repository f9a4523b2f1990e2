import numpy as np


class Conv:
    def __init__(self, in_channels, out_channels, kernel_size):
        self.w = np.random.randn(out_channels, in_channels, kernel_size, kernel_size) * 0.1
        self.b = np.zeros(out_channels)

    def forward(self, x):
        k = self.w.shape[-1]
        self.shape = x.shape
        self.win = np.lib.stride_tricks.sliding_window_view(x, (k, k), axis=(2, 3))
        return np.einsum('ncxyij,fcij->nfxy', self.win, self.w) + self.b[:, None, None]

    def backward(self, d):
        k = self.w.shape[-1]
        self.dw = np.einsum('nfxy,ncxyij->fcij', d, self.win)
        self.db = d.sum(axis=(0, 2, 3))
        dx = np.zeros(self.shape)
        for i in range(k):
            for j in range(k):
                dx[:, :, i:i + d.shape[2], j:j + d.shape[3]] += np.einsum('nfxy,fc->ncxy', d, self.w[:, :, i, j])
        return dx


class Relu:
    def forward(self, x):
        self.on = x > 0
        return x * self.on

    def backward(self, d):
        return d * self.on


class MaxPool:
    def __init__(self, size=2):
        self.size = size

    def forward(self, x):
        s = self.size
        n, c, h, w = x.shape
        self.x = x.reshape(n, c, h // s, s, w // s, s)
        self.y = self.x.max(axis=(3, 5), keepdims=True)
        return self.y[:, :, :, 0, :, 0]

    def backward(self, d):
        n, c, oh, s, ow, _ = self.x.shape
        return ((self.x == self.y) * d[:, :, :, None, :, None]).reshape(n, c, oh * s, ow * s)


class Dense:
    def __init__(self, n_in, n_out):
        self.w = np.random.randn(n_in, n_out) * 0.1
        self.b = np.zeros(n_out)

    def forward(self, x):
        self.shape = x.shape
        self.x = x.reshape(x.shape[0], -1)
        return self.x @ self.w + self.b

    def backward(self, d):
        self.dw = self.x.T @ d
        self.db = d.sum(axis=0)
        return (d @ self.w.T).reshape(self.shape)


class CNN:
    """A small network for square images. train_step changes the weights and returns the loss before the step."""

    def __init__(self, channels, size, n_filters, kernel_size, n_hidden, n_classes, lr=0.1):
        self.lr = lr
        side = (size - kernel_size + 1) // 2
        self.conv = Conv(channels, n_filters, kernel_size)
        self.relu = Relu()
        self.pool = MaxPool(2)
        self.fc1 = Dense(n_filters * side * side, n_hidden)
        self.relu2 = Relu()
        self.fc2 = Dense(n_hidden, n_classes)
        self.layers = [self.conv, self.relu, self.pool, self.fc1, self.relu2, self.fc2]

    def predict(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def train_step(self, x, y):
        scores = self.predict(x)
        p = np.exp(scores - scores.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        n = len(y)
        loss = -np.log(p[range(n), y]).mean()
        d = p
        d[range(n), y] -= 1
        d /= n
        for layer in reversed(self.layers):
            d = layer.backward(d)
        for layer in (self.conv, self.fc1, self.fc2):
            layer.w -= self.lr * layer.dw
            layer.b -= self.lr * layer.db
        return loss
