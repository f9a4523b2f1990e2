import numpy as np


class Convolution2D:
    def __init__(self, in_channels, out_channels, filter_size, stride=1, padding=0):
        self.F = np.random.randn(out_channels, in_channels, filter_size, filter_size) / filter_size
        self.B = np.zeros((out_channels, 1))
        self.stride, self.padding = stride, padding

    def feed_forward(self, X):
        f, s, p = self.F.shape[2], self.stride, self.padding
        self.X = np.pad(X, ((0, 0), (0, 0), (p, p), (p, p)))
        m, _, h, w = self.X.shape
        oh, ow = (h - f) // s + 1, (w - f) // s + 1
        Y = np.zeros((m, len(self.F), oh, ow))
        for k in range(m):
            for i in range(oh):
                for j in range(ow):
                    window = self.X[k, :, i * s:i * s + f, j * s:j * s + f].reshape(-1, 1)
                    Y[k, :, i, j] = (self.F.reshape(len(self.F), -1) @ window + self.B)[:, 0]
        return Y

    def back_propagation(self, dY):
        f, s, p = self.F.shape[2], self.stride, self.padding
        self.dF, self.dB = np.zeros_like(self.F), np.zeros_like(self.B)
        dX = np.zeros_like(self.X)
        for k, i, j in np.ndindex(dY.shape[0], dY.shape[2], dY.shape[3]):
            d = dY[k, :, i, j]
            self.dF += d[:, None, None, None] * self.X[k, :, i * s:i * s + f, j * s:j * s + f]
            self.dB += d[:, None]
            dX[k, :, i * s:i * s + f, j * s:j * s + f] += (d[:, None, None, None] * self.F).sum(axis=0)
        return dX[:, :, p:dX.shape[2] - p, p:dX.shape[3] - p]


class MaxPooling:
    def __init__(self, pool_size, stride):
        self.pool_size, self.stride = pool_size, stride

    def feed_forward(self, X):
        f, s = self.pool_size, self.stride
        m, c, h, w = X.shape
        self.X_shape = X.shape
        Y = np.zeros((m, c, (h - f) // s + 1, (w - f) // s + 1))
        self.best = {}
        for place in np.ndindex(*Y.shape):
            k, ch, i, j = place
            window = X[k, ch, i * s:i * s + f, j * s:j * s + f]
            a, b = np.unravel_index(window.argmax(), window.shape)
            self.best[place] = k, ch, i * s + a, j * s + b
            Y[place] = window[a, b]
        return Y

    def back_propagation(self, dY):
        dX = np.zeros(self.X_shape)
        for place, source in self.best.items():
            dX[source] += dY[place]
        return dX


class Relu:
    def feed_forward(self, X):
        self.X = X
        return np.maximum(0, X)

    def back_propagation(self, dY):
        return np.heaviside(self.X, 0)


class FullyConnected:
    def __init__(self, n_in, n_out):
        self.W = np.random.randn(n_in, n_out) / np.sqrt(n_in)
        self.b = np.zeros((1, n_out))

    def feed_forward(self, X):
        self.X = X
        return X @ self.W + self.b

    def back_propagation(self, dY):
        self.dW = self.X.T @ dY
        self.db = dY.sum(axis=0, keepdims=True)
        return dY @ self.W.T
