# DIVE INTO CODE Sprint 12 深層学習スクラッチ CNN2
import numpy as np
import matplotlib.pyplot as plt


class SimpleInitializer:
    def __init__(self, sigma):
        self.sigma = sigma

    def W(self, *shape):
        return self.sigma * np.random.randn(*shape)

    def B(self, *shape):
        return self.sigma * np.random.randn(*shape)


class SGD:
    """確率的勾配降下法"""
    def __init__(self, lr):
        self.lr = lr

    def update(self, layer):
        layer.W -= self.lr * layer.dW
        layer.B -= self.lr * layer.dB


class FC:
    """
    ノード数n_nodes1からn_nodes2への全結合層
    """
    def __init__(self, n_nodes1, n_nodes2, initializer, optimizer):
        self.optimizer = optimizer
        self.W = initializer.W(n_nodes1, n_nodes2)
        self.B = initializer.B(n_nodes2)

    def forward(self, X):
        self.X = X
        A = X @ self.W + self.B
        return A

    def backward(self, dA):
        self.dB = np.sum(dA, axis=0)
        self.dW = self.X.T @ dA
        dZ = dA @ self.W.T
        self.optimizer.update(self)
        return dZ


class Conv2d:
    def __init__(self, n_in_channels, n_out_channels, filter_size, initializer, optimizer, padding=0, stride=1):
        self.optimizer = optimizer
        self.padding, self.stride, self.filter_size = padding, stride, filter_size
        self.W = initializer.W(n_out_channels, n_in_channels, filter_size, filter_size)
        self.B = initializer.B(n_out_channels)

    def forward(self, X):
        """X : (n_samples, n_in_channels, H, W)"""
        self.X = X
        p, s, f = self.padding, self.stride, self.filter_size
        self.X_pad = np.pad(X, ((0, 0), (0, 0), (p, p), (p, p)))
        N, C, H, W = X.shape
        self.h_out = (H + 2 * p - f) // s + 1
        self.w_out = (W + 2 * p - f) // s + 1
        A = np.zeros((N, self.W.shape[0], self.h_out, self.w_out))
        for i in range(self.h_out):
            for j in range(self.w_out):
                A[:, :, i, j] = np.tensordot(self.X_pad[:, :, i * s:i * s + f, j * s:j * s + f], self.W, ([1, 2, 3], [1, 2, 3])) + self.B
        return A

    def backward(self, dA):
        p, s, f = self.padding, self.stride, self.filter_size
        dZ = np.zeros(self.X_pad.shape)
        self.dW = np.zeros(self.W.shape)
        self.dB = dA.sum(axis=(0, 2, 3))
        for i in range(self.h_out):
            for j in range(self.w_out):
                self.dW += np.tensordot(dA[:, :, i, j], self.X_pad[:, :, i * s:i * s + f, j * s:j * s + f], ([0], [0]))
                dZ[:, :, i * s:i * s + f, j * s:j * s + f] += np.tensordot(dA[:, :, i, j], self.W, ([1], [0]))
        if p > 0:
            dZ = dZ[:, :, p:-p, p:-p]
        self.optimizer.update(self)
        return dZ


class MaxPool2D:
    def __init__(self, stride):
        self.stride = stride

    def forward(self, X):
        self.X = X
        N, C, H, W = X.shape
        s = self.stride
        P = np.zeros((N, C, H // s, W // s))
        for i in range(H // s):
            for j in range(W // s):
                P[:, :, i, j] = np.max(X[:, :, i * s:(i + 1) * s, j * s:(j + 1) * s], axis=(2, 3))
        return P

    def backward(self, dP):
        s = self.stride
        dX = np.zeros(self.X.shape)
        for n in range(dP.shape[0]):
            for c in range(dP.shape[1]):
                for i in range(dP.shape[2]):
                    for j in range(dP.shape[3]):
                        win = self.X[n, c, i * s:(i + 1) * s, j * s:(j + 1) * s]
                        a, b = np.unravel_index(win.argmax(), win.shape)
                        dX[n, c, i * s + a, j * s + b] = dP[n, c, i, j]
        return dX


class Tanh:
    def forward(self, A):
        self.A = A
        return np.tanh(A)

    def backward(self, dZ):
        return dZ * (1 - self.A ** 2)


class ReLU:
    def forward(self, A):
        self.A = A
        return np.maximum(0, A)

    def backward(self, dZ):
        return dZ * np.where(self.A > 0, 1, 0)
