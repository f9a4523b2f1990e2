import numpy as np


class Pooling:
    def __init__(self, pool_h, pool_w, stride=2, pad=0):
        self.pool_h, self.pool_w, self.stride, self.pad = pool_h, pool_w, stride, pad

    def forward(self, x):
        self.shape, p, s = x.shape, self.pad, self.stride
        lowest = np.finfo(x.dtype).min if x.dtype.kind == "f" else np.iinfo(x.dtype).min
        x = np.pad(x, [(0, 0), (0, 0), (p, p), (p, p)], constant_values=lowest)
        view = np.lib.stride_tricks.sliding_window_view(x, (self.pool_h, self.pool_w), (2, 3))[:, :, ::s, ::s]
        flat = view.reshape(*view.shape[:4], -1)
        self.best = flat.argmax(-1)
        return flat.max(-1)

    def backward(self, dout):
        N, C, H, W = self.shape
        p, s = self.pad, self.stride
        dx = np.zeros((N, C, H + 2 * p, W + 2 * p), dout.dtype)
        n, c, i, j = np.indices(dout.shape)
        np.add.at(dx, (n, c, i * s + self.best // self.pool_w, j * s + self.best % self.pool_w), dout)
        return dx[:, :, p : p + H, p : p + W]
