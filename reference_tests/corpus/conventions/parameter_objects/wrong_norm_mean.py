import numpy as np


class Parameter:
    def __init__(self, data: np.ndarray):
        self.data = np.asarray(data)
        self.grad: object = None

    @property
    def shape(self):
        return self.data.shape


def _acc(p: Parameter, g: np.ndarray):
    p.grad = g if p.grad is None else p.grad + g


class BatchNorm2d:
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.training = True
        self.eps, self.momentum = eps, momentum
        self.weight = Parameter(np.ones(num_features))
        self.bias = Parameter(np.zeros(num_features))
        self.running_mean = np.zeros(num_features)
        self.running_var = np.ones(num_features)

    def forward(self, x):
        if self.training:
            m, v = x.mean((0, 2, 3)), x.var((0, 2, 3))
            cnt = x.size / x.shape[1]
            self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * m
            self.running_var = (1 - self.momentum) * self.running_var + self.momentum * v * cnt / (cnt - 1)
        else:
            m, v = self.running_mean, self.running_var
        sh = (1, -1, 1, 1)
        self._inv = 1 / np.sqrt(v + self.eps)
        self._xh = (x - m.reshape(sh)) * self._inv.reshape(sh)
        return self._xh * self.weight.data.reshape(sh) + self.bias.data.reshape(sh)

    def backward(self, grad_output):
        ax, sh = (0, 2, 3), (1, -1, 1, 1)
        _acc(self.weight, (grad_output * self._xh).sum(ax))
        _acc(self.bias, grad_output.sum(ax))
        d = grad_output * self.weight.data.reshape(sh)
        if not self.training:
            return d * self._inv.reshape(sh)
        return self._inv.reshape(sh) * (d - self._xh * (d * self._xh).mean(ax, keepdims=True))
