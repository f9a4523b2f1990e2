import numpy as np

class LinearModule(object):
    def __init__(self, in_features, out_features, input_layer=False):
        self.params = {'weight': np.random.randn(in_features, out_features) * np.sqrt(2 / in_features), 'bias': np.zeros((1, out_features))}
        self.grads = {'weight': None, 'bias': None}

    def forward(self, x):
        self.x = x
        return x @ self.params['weight'] + self.params['bias']

    def backward(self, dout):
        self.grads['weight'] = self.x.T @ dout
        self.grads['bias'] = np.sum(dout, axis=0, keepdims=True)
        return dout @ self.params['weight'].T

    def clear_cache(self):
        self.x = None

class RELUModule(object):
    def forward(self, x):
        self.x = x
        return np.maximum(0, x)
    def backward(self, dout):
        return dout * (self.x > 0)

class SoftMaxModule(object):
    def forward(self, x):
        e = np.exp(x - np.max(x, axis=1, keepdims=True))
        self.out = e / np.sum(e, axis=1, keepdims=True)
        return self.out

    def backward(self, dout):
        s = self.out
        return s * (dout - np.sum(dout * s, axis=1, keepdims=True))

class CrossEntropyModule(object):
    def forward(self, x, y):
        n = x.shape[0]
        return -np.mean(np.log(x[np.arange(n), y]))

    def backward(self, x, y):
        n = x.shape[0]
        dx = np.zeros_like(x)
        dx[np.arange(n), y] = -1 / (x[np.arange(n), y])
        return dx
