import numpy as np


class LinearModule(object):
    """Linear module. Applies a linear transformation to the input data."""

    def __init__(self, in_features, out_features):
        self.params = {'weight': np.random.normal(0, 0.0001, (out_features, in_features)), 'bias': np.zeros(out_features)}
        self.grads = {'weight': np.zeros((out_features, in_features)), 'bias': np.zeros(out_features)}

    def forward(self, x):
        self.x = x
        return x @ self.params['weight'].T + self.params['bias']

    def backward(self, dout):
        self.grads['weight'] = dout.T @ self.x
        self.grads['bias'] = dout.sum(axis=0)
        return dout @ self.params['weight']


class ReLUModule(object):
    def forward(self, x):
        self.mask = x > 0
        return x * self.mask

    def backward(self, dout):
        return dout * self.mask


class SigmoidModule(object):
    def forward(self, x):
        self.y = 1 / (1 + np.exp(-x))
        return self.y

    def backward(self, dout):
        return dout * (1 - self.y)


class CrossEntropyModule(object):
    def forward(self, x, y):
        return -np.log(x[np.arange(len(y)), y]).mean()
