import numpy as np


class Conv2D:
    def __init__(self, filters, kernel_size, padding='same', name=None):
        self.filters, self.k, self.padding, self.name = filters, kernel_size, padding, name
        self.weights = None

    def __call__(self, x):
        if self.weights is None:
            self.weights = np.random.normal(0, .1, (self.k, self.k, x.shape[-1], self.filters))
            self.biases = np.zeros(self.filters)
        self.p = (self.k - 1) // 2 if self.padding == 'same' else 0
        p = self.p
        self.x = np.pad(x, ((0, 0), (p, p), (p, p), (0, 0)))
        H, W = self.x.shape[1] - self.k + 1, self.x.shape[2] - self.k + 1
        y = np.zeros((len(x), H, W, self.filters))
        for a in range(self.k):
            for b in range(self.k):
                y += self.x[:, a:a + H, b:b + W, :] @ self.weights[a, b]
        return y + self.biases

    def gradients(self, upstream):
        H, W = upstream.shape[1:3]
        dx = np.zeros_like(self.x)
        dw = np.zeros_like(self.weights)
        for a in range(self.k):
            for b in range(self.k):
                dx[:, a:a + H, b:b + W, :] += upstream @ self.weights[a, b].T
                dw[a, b] = np.tensordot(self.x[:, a:a + H, b:b + W, :], upstream, ([0, 1, 2], [0, 1, 2]))
        p = self.p
        return dx[:, p:dx.shape[1] - p, p:dx.shape[2] - p], {'weights': dw, 'biases': upstream.sum(axis=(0, 1, 2))}


class Dense:
    def __init__(self, units, name=None):
        self.units, self.name = units, name
        self.weights = None

    def __call__(self, x):
        if self.weights is None:
            self.weights = np.random.normal(0, .1, (x.shape[-1], self.units))
            self.biases = np.zeros(self.units)
        self.x = x
        return x @ self.weights + self.biases

    def gradients(self, upstream):
        return upstream @ self.weights.T, {'weights': self.x.T @ upstream, 'biases': upstream.sum(0)}


class Softmax:
    """softmax + cross entropy against class labels"""

    def forward(self, logits, labels):
        e = np.exp(logits - logits.max(1)[:, None])
        self.p = e / e.sum(0)[None, :]
        self.labels = labels
        return float(np.mean(-np.log(self.p[np.arange(len(labels)), labels])))

    def backward(self):
        d = self.p.copy()
        d[np.arange(len(self.labels)), self.labels] -= 1
        return d / len(self.labels)


class BatchNorm:
    def __init__(self, channels, rho=0.9, eps=1e-5):
        self.scale, self.shift = np.ones((1, channels, 1, 1)), np.zeros((1, channels, 1, 1))
        self.mu, self.sigma2 = np.zeros((1, channels, 1, 1)), np.ones((1, channels, 1, 1))
        self.rho, self.eps = rho, eps
        self.train = True

    def forward(self, x):
        if self.train:
            mu = x.mean((0, 2, 3), keepdims=True)
            s2 = x.var((0, 2, 3), keepdims=True)
            self.mu = self.rho * self.mu + (1 - self.rho) * mu
            self.sigma2 = self.rho * self.sigma2 + (1 - self.rho) * s2
        else:
            mu, s2 = self.mu, self.sigma2
        self.rstd = (s2 + self.eps) ** -0.5
        self.z = (x - mu) * self.rstd
        return self.scale * self.z + self.shift

    def backward(self, dy):
        ax = (0, 2, 3)
        self.d_scale = (dy * self.z).sum(ax, keepdims=True)
        self.d_shift = dy.sum(ax, keepdims=True)
        g = dy * self.scale
        return self.rstd * (g - g.mean(ax, keepdims=True) - self.z * (g * self.z).mean(ax, keepdims=True))
