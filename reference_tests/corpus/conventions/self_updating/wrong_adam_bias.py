"""Layers with an Adam of their own."""

import numpy as np


class Adam:
    def __init__(self, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
        self.lr, self.b1, self.b2, self.eps = lr, beta1, beta2, eps
        self.m, self.v, self.t = {}, {}, 0

    def step(self, params, grads):
        self.t += 1
        for k in params:
            if k not in self.m:
                self.m[k] = np.zeros_like(params[k])
                self.v[k] = np.zeros_like(params[k])
            self.m[k] = self.b1 * self.m[k] + (1 - self.b1) * grads[k]
            self.v[k] = self.b2 * self.v[k] + (1 - self.b2) * grads[k] ** 2
            mh = self.m[k] / (1 - self.b1 ** self.t)
            vh = self.v[k] / (1 - self.b2 ** self.t)
            params[k] -= self.lr * mh / (np.sqrt(vh) + self.eps)


class FullyConnectedLayer:
    def __init__(self, in_size, out_size, lr=0.001):
        self.params = {"w": np.random.randn(in_size, out_size) * np.sqrt(2. / in_size), "b": np.zeros((1, out_size))}
        self.opt = Adam(lr)

    def feed_forward(self, x):
        self.x = x
        return x.dot(self.params["w"]) + self.params["b"]

    def back_prop(self, err):
        dx = err.dot(self.params["w"].T)
        self.grads = {"w": self.x.T.dot(err), "b": err.mean(axis=0, keepdims=True)}
        self.opt.step(self.params, self.grads)
        return dx


class ConvLayer:
    def __init__(self, in_depth, n_kernels, size=3, lr=0.001):
        self.size = size
        self.n_kernels = n_kernels
        self.params = {"w": np.random.randn(n_kernels, in_depth, size, size) * 0.1, "b": np.zeros(n_kernels)}
        self.opt = Adam(lr)

    def feed_forward(self, x):
        self.x = x
        k = self.size
        n, c, h, w = x.shape
        out = np.zeros((n, self.n_kernels, h - k + 1, w - k + 1))
        for r in range(h - k + 1):
            for q in range(w - k + 1):
                out[:, :, r, q] = x[:, :, r:r + k, q:q + k].reshape(n, -1).dot(self.params["w"].reshape(self.n_kernels, -1).T) + self.params["b"]
        return out

    def back_prop(self, err):
        k = self.size
        n = err.shape[0]
        dx = np.zeros_like(self.x)
        dw = np.zeros_like(self.params["w"])
        for r in range(err.shape[2]):
            for q in range(err.shape[3]):
                e = err[:, :, r, q]
                win = self.x[:, :, r:r + k, q:q + k]
                dw += e.T.dot(win.reshape(n, -1)).reshape(dw.shape)
                dx[:, :, r:r + k, q:q + k] += e.dot(self.params["w"].reshape(self.n_kernels, -1)).reshape(win.shape)
        self.grads = {"w": dw, "b": err.sum(axis=(0, 2, 3))}
        self.opt.step(self.params, self.grads)
        return dx
