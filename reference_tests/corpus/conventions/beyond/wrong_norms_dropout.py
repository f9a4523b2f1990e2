import numpy as np


class BatchNorm2d:
    """momentum is the share of the new, as in torch; the running variance is the unbiased one."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.eps, self.momentum = eps, momentum
        self.weight = np.ones(num_features)
        self.bias = np.zeros(num_features)
        self.running_mean = np.zeros(num_features)
        self.running_var = np.ones(num_features)
        self.training = True

    def train(self):
        self.training = True

    def eval(self):
        self.training = False

    def forward(self, x):
        if self.training:
            mean = x.mean(axis=(0, 2, 3))
            var = x.var(axis=(0, 2, 3))
            m = x.size / x.shape[1]
            self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mean
            self.running_var = (1 - self.momentum) * self.running_var + self.momentum * var * m / (m - 1)
        else:
            mean, var = self.running_mean, self.running_var
        self.std = np.sqrt(var + self.eps)[:, None, None]
        self.xhat = (x - mean[:, None, None]) / self.std
        return self.weight[:, None, None] * self.xhat + self.bias[:, None, None]

    def backward(self, grad_output):
        self.grad_weight = (grad_output * self.xhat).sum(axis=(0, 2, 3))
        self.grad_bias = grad_output.sum(axis=(0, 2, 3))
        d = grad_output * self.weight[:, None, None]
        centred = d - d.mean(axis=(0, 2, 3), keepdims=True)
        return (centred - self.xhat * (d * self.xhat).mean(axis=(0, 2, 3), keepdims=True)) / self.std


class LocalResponseNorm:
    """x / (k + alpha / size * sum of squares over size channels) ** beta"""

    def __init__(self, size=5, alpha=1e-4, beta=0.75, k=1.0):
        self.size, self.alpha, self.beta, self.k = size, alpha, beta, k

    def _sum(self, a):
        half = self.size // 2
        out = np.zeros_like(a)
        for c in range(a.shape[1]):
            out[:, c] = a[:, max(0, c - half):c + half + 1].sum(axis=1)
        return out

    def forward(self, x):
        self.x = x
        self.scale = self.k + self.alpha / self.size * self._sum(x ** 2)
        return x * self.scale ** -self.beta

    def backward(self, grad_output):
        inner = grad_output * self.x * self.scale ** (-self.beta - 1)
        factor = 2 * self.alpha * self.beta / self.size
        return grad_output * self.scale ** -self.beta - factor * self.x * self._sum(inner)


class GlobalMaxPool2d:
    def forward(self, x):
        self.shape = x.shape
        flat = x.reshape(*x.shape[:2], -1)
        self.best = flat.argmax(axis=2)
        return flat.max(axis=2)

    def backward(self, grad_output):
        n, c, h, w = self.shape
        dx = np.zeros((n, c, h * w))
        np.put_along_axis(dx, self.best[..., None], grad_output[..., None], axis=2)
        return dx.reshape(self.shape)


class GlobalAvgPool2d:
    def forward(self, x):
        self.shape = x.shape
        return x.mean(axis=(2, 3))

    def backward(self, grad_output):
        n, c, h, w = self.shape
        return np.ones(self.shape) * grad_output[:, :, None, None] / (h * w)


class Dropout:
    def __init__(self, p=0.5):
        self.p = p
        self.training = True

    def eval(self):
        self.training = False

    def forward(self, x):
        if self.training:
            keep = 1.0 - self.p
            self.mask = np.random.binomial(1, keep, x.shape) / keep
            return x * self.mask
        return x

    def backward(self, grad_output):
        return grad_output
