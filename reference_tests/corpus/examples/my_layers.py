"""A reader's own layers, right and plain: convolution and pooling by windows, no network."""

import numpy as np


def conv_output_size(input_size, filter_size, stride=1, pad=0):
    size, rest = divmod(input_size + 2 * pad - filter_size, stride)
    if rest:
        raise ValueError(f"{input_size} rows do not divide")
    return size + 1


def im2col(input_data, filter_h, filter_w, stride=1, pad=0):
    x = np.pad(input_data, [(0, 0), (0, 0), (pad, pad), (pad, pad)])
    windows = np.lib.stride_tricks.sliding_window_view(x, (filter_h, filter_w), (2, 3))[
        :, :, ::stride, ::stride
    ]
    return windows.transpose(0, 2, 3, 1, 4, 5).reshape(
        -1, x.shape[1] * filter_h * filter_w
    )


def col2im(col, input_shape, filter_h, filter_w, stride=1, pad=0):
    N, C, H, W = input_shape
    OH, OW = (
        conv_output_size(H, filter_h, stride, pad),
        conv_output_size(W, filter_w, stride, pad),
    )
    parts = col.reshape(N, OH, OW, C, filter_h, filter_w).transpose(0, 3, 4, 5, 1, 2)
    out = np.zeros((N, C, H + 2 * pad, W + 2 * pad), col.dtype)
    for i in range(filter_h):
        for j in range(filter_w):
            out[:, :, i : i + stride * OH : stride, j : j + stride * OW : stride] += (
                parts[:, :, i, j]
            )
    return out[:, :, pad : pad + H, pad : pad + W]


class Convolution:
    def __init__(self, W, b, stride=1, pad=0):
        self.W, self.b, self.stride, self.pad = W, b, stride, pad

    def forward(self, x):
        FN, _, FH, FW = self.W.shape
        self.shape = x.shape
        self.col = im2col(x, FH, FW, self.stride, self.pad)
        OH = conv_output_size(x.shape[2], FH, self.stride, self.pad)
        out = self.col @ self.W.reshape(FN, -1).T + self.b
        return out.reshape(len(x), OH, -1, FN).transpose(0, 3, 1, 2)

    def backward(self, dout):
        FN, _, FH, FW = self.W.shape
        flat = dout.transpose(0, 2, 3, 1).reshape(-1, FN)
        self.dW, self.db = (flat.T @ self.col).reshape(self.W.shape), flat.sum(axis=0)
        return col2im(
            flat @ self.W.reshape(FN, -1), self.shape, FH, FW, self.stride, self.pad
        )


class Pooling:
    def __init__(self, pool_h, pool_w, stride=2, pad=0):
        self.size, self.stride, self.pad = (pool_h, pool_w), stride, pad

    def forward(self, x):
        h, w = self.size
        p = self.pad
        padded = np.pad(x, [(0, 0), (0, 0), (p, p), (p, p)], constant_values=-np.inf)
        col = im2col(padded, h, w, self.stride).reshape(-1, h * w)
        self.shape, self.best, self.count = padded.shape, col.argmax(axis=1), col.shape
        OH = conv_output_size(x.shape[2], h, self.stride, p)
        return col.max(axis=1).reshape(len(x), OH, -1, x.shape[1]).transpose(0, 3, 1, 2)

    def backward(self, dout):
        col = np.zeros(self.count, dout.dtype)
        col[np.arange(len(col)), self.best] = dout.transpose(0, 2, 3, 1).ravel()
        col = col.reshape(-1, self.shape[1] * self.size[0] * self.size[1])
        dx = col2im(col, self.shape, *self.size, self.stride)
        p = self.pad
        return dx[:, :, p : dx.shape[2] - p, p : dx.shape[3] - p]


class Relu:
    def forward(self, x):
        self.open = x > 0
        return x * self.open

    def backward(self, dout):
        return dout * self.open
