"""A convolution is one large matrix with the filter in every row, average pooling too; backward is the transpose."""

import numpy as np

from .loops import conv_output_size


def matrix(W, shape, stride, pad):
    """(FN*OH*OW, C*H*W) of filters (FN, C, FH, FW) on images of shape (C, H, W)."""
    (FN, _, FH, FW), (C, H, _) = W.shape, shape
    OH, OW = (conv_output_size(s, f, stride, pad) for s, f in zip(shape[1:], (FH, FW)))
    whole = np.zeros((FN, OH, OW, C, H + 2 * pad, shape[2] + 2 * pad))
    for i, j in np.ndindex(OH, OW):
        whole[:, i, j, :, i * stride : i * stride + FH, j * stride : j * stride + FW] = W
    inside = whole[..., pad : pad + H, pad : pad + shape[2]]
    return inside.reshape(FN * OH * OW, C * H * shape[2]), (OH, OW)


class Convolution:
    def __init__(self, W, b, stride=1, pad=0):
        self.W, self.b, self.stride, self.pad = W, b, stride, pad

    def forward(self, x):
        self.x, (self.M, self.size) = x, matrix(self.W, x.shape[1:], self.stride, self.pad)
        out = x.reshape(len(x), x[:1].size or self.M.shape[1]) @ self.M.T
        return out.reshape(len(x), len(self.W), *self.size) + self.b[:, None, None]

    def backward(self, dout):
        flat = dout.reshape(len(dout), len(self.M))
        self.db, self.dW = dout.sum((0, 2, 3)), np.zeros(self.W.shape)
        p, s = self.pad, self.stride
        whole = flat.T @ self.x.reshape(len(dout), self.M.shape[1])
        whole = whole.reshape(len(self.W), *self.size, *self.x.shape[1:])
        whole = np.pad(whole, [(0, 0)] * 4 + [(p, p), (p, p)])
        for i, j in np.ndindex(*self.size):
            y, x = i * s, j * s
            self.dW += whole[:, i, j, :, y : y + self.W.shape[2], x : x + self.W.shape[3]]
        return (flat @ self.M).reshape(self.x.shape)


class AveragePooling:
    def __init__(self, pool_h, pool_w, stride=2, pad=0):
        self.window, self.how = np.full((1, 1, pool_h, pool_w), 1 / (pool_h * pool_w)), (stride, pad)

    def forward(self, x):
        n, c, h, w = self.shape = x.shape
        self.M, size = matrix(self.window, (1, h, w), *self.how)
        return (x.reshape(n * c, h * w) @ self.M.T).reshape(n, c, *size)

    def backward(self, dout):
        n, c = self.shape[:2]
        return (dout.reshape(n * c, len(self.M)) @ self.M).reshape(self.shape)
