import numpy as np


class Module:
    def __init__(self):
        self.params = {}
        self.grads = {}

    def __call__(self, *args):
        return self.forward(*args)

    def forward(self, x):
        raise NotImplementedError

    def backward(self, dout):
        raise NotImplementedError


class Conv2D(Module):
    """in_channels, out_channels; kernel_size may be an int or a pair."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0):
        super().__init__()
        if isinstance(kernel_size, int):
            kernel_size = (kernel_size, kernel_size)
        self.kh, self.kw = kernel_size
        self.stride, self.padding = stride, padding
        self.params['W'] = 0.01 * np.random.randn(out_channels, in_channels, self.kh, self.kw)
        self.params['b'] = np.zeros((out_channels, 1))

    def forward(self, x):
        N, C, H, W = x.shape
        s, p = self.stride, self.padding
        xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
        oh = (H + 2 * p - self.kh) // s + 1
        ow = (W + 2 * p - self.kw) // s + 1
        w = self.params['W'].reshape(self.params['W'].shape[0], -1)
        out = np.zeros((N, w.shape[0], oh, ow))
        self.cols = []
        for n in range(N):
            col = np.array([
                xp[n, :, i * s:i * s + self.kh, j * s:j * s + self.kw].ravel()
                for i in range(oh) for j in range(ow)
            ]).T
            self.cols.append(col)
            out[n] = (w @ col + self.params['b']).reshape(-1, oh, ow)
        self.x_shape = x.shape
        return out

    def backward(self, dout):
        N, C, H, W = self.x_shape
        s, p = self.stride, self.padding
        F, oh, ow = dout.shape[1:]
        w = self.params['W'].reshape(F, -1)
        dW = np.zeros_like(w)
        dxp = np.zeros((N, C, H + 2 * p, W + 2 * p))
        for n in range(N):
            d = dout[n].reshape(F, -1)
            dW = d @ self.cols[n].T
            back = (w.T @ d).reshape(C, self.kh, self.kw, oh, ow)
            for i in range(oh):
                for j in range(ow):
                    dxp[n, :, i * s:i * s + self.kh, j * s:j * s + self.kw] += back[..., i, j]
        self.grads['W'] = dW.reshape(self.params['W'].shape)
        self.grads['b'] = dout.sum(axis=(0, 2, 3)).reshape(-1, 1)
        return dxp[:, :, p:H + p, p:W + p]


class AvgPool2D(Module):
    def __init__(self, kernel_size, stride=1):
        super().__init__()
        self.k, self.stride = kernel_size, stride

    def forward(self, x):
        k, s = self.k, self.stride
        self.x_shape = x.shape
        oh, ow = [(size - k) // s + 1 for size in x.shape[2:]]
        out = sum(x[:, :, a:a + s * oh:s, b:b + s * ow:s] for a in range(k) for b in range(k))
        return out / (k * k)

    def backward(self, dout):
        k, s = self.k, self.stride
        dx = np.zeros(self.x_shape)
        oh, ow = dout.shape[2:]
        for a in range(k):
            for b in range(k):
                dx[:, :, a:a + s * oh:s, b:b + s * ow:s] += dout / (k * k)
        return dx


class Sigmoid(Module):
    def forward(self, x):
        self.out = 1 / (1 + np.exp(-x))
        return self.out

    def backward(self, dout):
        return dout * self.out * (1 - self.out)


class Tanh(Module):
    def forward(self, x):
        self.out = np.tanh(x)
        return self.out

    def backward(self, dout):
        return dout * (1 - self.out ** 2)


class Linear(Module):
    """weights (in_features, out_features)"""

    def __init__(self, in_features, out_features):
        super().__init__()
        self.params['W'] = 0.01 * np.random.randn(in_features, out_features)
        self.params['b'] = np.zeros((1, out_features))

    def forward(self, x):
        self.x = x
        return np.dot(x, self.params['W']) + self.params['b']

    def backward(self, dout):
        self.grads['W'] = np.dot(self.x.T, dout)
        self.grads['b'] = np.sum(dout, axis=0, keepdims=True)
        return np.dot(dout, self.params['W'].T)
