import numpy as np


class Conv2d:
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0):
        self.stride = stride
        self.padding = padding
        self.w = np.random.randn(out_channels, in_channels, kernel_size, kernel_size) * 0.1
        self.b = np.zeros(out_channels)

    def forward(self, x):
        k = self.w.shape[-1]
        p, s = self.padding, self.stride
        xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
        win = np.lib.stride_tricks.sliding_window_view(xp, (k, k), axis=(2, 3))[:, :, ::s, ::s]
        out = np.einsum('nchwij,fcij->nfhw', win, self.w) + self.b.reshape(1, -1, 1, 1)
        cache = (x, xp, win)
        return out, cache

    def backward(self, dout, cache):
        x, xp, win = cache
        k = self.w.shape[-1]
        p, s = self.padding, self.stride
        dw = np.einsum('nfhw,nchwij->fcij', dout, win)
        db = dout.sum((0, 2, 3))
        dxp = np.zeros_like(xp)
        for i in range(dout.shape[2]):
            for j in range(dout.shape[3]):
                dxp[:, :, i * s:i * s + k, j * s:j * s + k] += np.einsum('nf,fcij->ncij', dout[:, :, i, j], self.w)
        dx = dxp[:, :, p:p + x.shape[2], p:p + x.shape[3]]
        return dx, {'w': dw, 'b': db}


class Relu:
    def forward(self, x):
        return np.maximum(x, 0), x

    def backward(self, dout, cache):
        return dout * (cache > 0)


class Sigmoid:
    def forward(self, x):
        outputs = 1 / (1 + np.exp(-x))
        cache = outputs
        return outputs, cache

    def backward(self, dout, cache):
        return dout * cache * (1 - cache)


class Affine:
    def __init__(self, in_dim, out_dim):
        self.w = np.random.randn(in_dim, out_dim)
        self.b = np.zeros(out_dim)

    def forward(self, x):
        return x.reshape(len(x), -1) @ self.w + self.b, x

    def backward(self, dout, cache):
        x = cache
        return (dout @ self.w.T).reshape(x.shape), {'w': x.reshape(len(x), -1).T @ dout, 'b': dout.sum(0)}
