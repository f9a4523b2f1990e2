"""kn2row: every tap of the filter is a 1x1 convolution of the whole image; their results are shifted and added."""

import numpy as np


class Convolution:
    def __init__(self, W, b, stride=1, pad=0):
        self.W, self.b, self.stride, self.pad = W, b, stride, pad

    def forward(self, x):
        p, s, (FN, C, FH, FW) = self.pad, self.stride, self.W.shape
        self.image = np.zeros((C, len(x), x.shape[2] + 2 * p, x.shape[3] + 2 * p))
        self.image[:, :, p : p + x.shape[2], p : p + x.shape[3]] = x.transpose(1, 0, 2, 3)
        _, N, height, width = self.image.shape
        if height < FH or width < FW:
            raise ValueError("the filter is larger than the padded input")
        out = np.zeros((FN, N, height - FH + 1, width - FW + 1))
        for i in range(FH):
            for j in range(FW):
                product = self.W[:, :, i, j] @ self.image.reshape(C, N * height * width)
                moved = product.reshape(FN, N, height, width)[:, :, i : i + out.shape[2], j : j + out.shape[3]]
                out += moved
        return out[:, :, ::s, ::s].transpose(1, 0, 2, 3) + self.b.reshape(1, -1, 1, 1)

    def backward(self, dout):
        p, s, (FN, C, FH, FW) = self.pad, self.stride, self.W.shape
        d, (_, N, height, width) = dout.transpose(1, 0, 2, 3), self.image.shape
        wide = np.zeros((FN, N, height - FH + 1, width - FW + 1))
        wide[:, :, ::s, ::s] = d
        dx, self.dW = np.zeros(self.image.shape), np.zeros(self.W.shape)
        rows, columns = wide.shape[2:]
        for i in range(FH):
            for j in range(FW):
                here = self.image[:, :, i : i + rows, j : j + columns].reshape(C, N * rows * columns)
                flat = wide.reshape(FN, N * rows * columns)
                self.dW[:, :, i, j] = flat @ here.T
                dx[:, :, i : i + rows, j : j + columns] += (self.W[:, :, i, j].T @ flat).reshape(C, N, rows, columns)
        self.db = d.reshape(FN, d[0].size).sum(axis=1)
        return dx[:, :, p : height - p, p : width - p].transpose(1, 0, 2, 3)
