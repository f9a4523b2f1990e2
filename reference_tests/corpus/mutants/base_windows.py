"""The contract, continued: the layers with a sliding window."""

import numpy as np


def conv_output_size(input_size, filter_size, stride=1, pad=0):
    span = input_size + 2 * pad - filter_size
    if span < 0:
        raise ValueError(f"a filter of {filter_size} is larger than the padded input")
    return span // stride + 1


def im2col(input_data, filter_h, filter_w, stride=1, pad=0):
    n, c, h, w = input_data.shape
    oh = conv_output_size(h, filter_h, stride, pad)
    ow = conv_output_size(w, filter_w, stride, pad)
    img = np.pad(input_data, [(0, 0), (0, 0), (pad, pad), (pad, pad)])
    col = np.zeros((n, c, filter_h, filter_w, oh, ow))
    for y in range(filter_h):
        for x in range(filter_w):
            col[:, :, y, x] = img[:, :, y : y + stride * oh : stride, x : x + stride * ow : stride]
    return col.transpose(0, 4, 5, 1, 2, 3).reshape(n * oh * ow, c * filter_h * filter_w)


def col2im(col, input_shape, filter_h, filter_w, stride=1, pad=0):
    n, c, h, w = input_shape
    oh = conv_output_size(h, filter_h, stride, pad)
    ow = conv_output_size(w, filter_w, stride, pad)
    col = col.reshape(n, oh, ow, c, filter_h, filter_w).transpose(0, 3, 4, 5, 1, 2)
    out = np.zeros((n, c, h + 2 * pad, w + 2 * pad))
    for y in range(filter_h):
        for x in range(filter_w):
            out[:, :, y : y + stride * oh : stride, x : x + stride * ow : stride] += col[:, :, y, x]
    return out[:, :, pad : pad + h, pad : pad + w]


class Convolution:
    def __init__(self, W, b, stride=1, pad=0):
        self.W, self.b, self.stride, self.pad = W, b, stride, pad

    def forward(self, x):
        fn, _, fh, fw = self.W.shape
        n, _, h, w = x.shape
        oh = conv_output_size(h, fh, self.stride, self.pad)
        ow = conv_output_size(w, fw, self.stride, self.pad)
        self.x_shape = x.shape
        self.col = im2col(x, fh, fw, self.stride, self.pad)
        self.col_W = self.W.reshape(fn, -1).T
        out = self.col @ self.col_W + self.b
        return out.reshape(n, oh, ow, fn).transpose(0, 3, 1, 2)

    def backward(self, dout):
        fn, c, fh, fw = self.W.shape
        rows = dout.transpose(0, 2, 3, 1).reshape(-1, fn)
        self.db = rows.sum(axis=0)
        self.dW = (self.col.T @ rows).T.reshape(fn, c, fh, fw)
        dcol = rows @ self.col_W.T
        return col2im(dcol, self.x_shape, fh, fw, self.stride, self.pad)


class Pooling:
    def __init__(self, pool_h, pool_w, stride=2, pad=0):
        self.pool_h, self.pool_w, self.stride, self.pad = pool_h, pool_w, stride, pad

    def forward(self, x):
        n, c, h, w = self.x_shape = x.shape
        p, area = self.pad, self.pool_h * self.pool_w
        oh = conv_output_size(h, self.pool_h, self.stride, p)
        ow = conv_output_size(w, self.pool_w, self.stride, p)
        img = np.full((n, c, h + 2 * p, w + 2 * p), -np.inf)
        img[:, :, p : p + h, p : p + w] = x
        windows = im2col(img, self.pool_h, self.pool_w, self.stride).reshape(n * oh * ow * c, area)
        self.best = windows.argmax(axis=1)
        out = windows.max(axis=1)
        return out.reshape(n, oh, ow, c).transpose(0, 3, 1, 2)

    def backward(self, dout):
        n, c, oh, ow = dout.shape
        area = self.pool_h * self.pool_w
        dmax = np.zeros((dout.size, area))
        dmax[np.arange(dout.size), self.best] = dout.transpose(0, 2, 3, 1).ravel()
        dcol = dmax.reshape(n * oh * ow, c * area)
        return col2im(dcol, self.x_shape, self.pool_h, self.pool_w, self.stride, self.pad)


class AveragePooling:
    def __init__(self, pool_h, pool_w, stride=2, pad=0):
        self.pool_h, self.pool_w, self.stride, self.pad = pool_h, pool_w, stride, pad

    def forward(self, x):
        n, c, h, w = self.x_shape = x.shape
        taken = self.pool_h * self.pool_w
        oh = conv_output_size(h, self.pool_h, self.stride, self.pad)
        ow = conv_output_size(w, self.pool_w, self.stride, self.pad)
        windows = im2col(x, self.pool_h, self.pool_w, self.stride, self.pad).reshape(-1, taken)
        mean = windows.sum(axis=1) / taken
        return mean.reshape(n, oh, ow, c).transpose(0, 3, 1, 2)

    def backward(self, dout):
        n, c, oh, ow = dout.shape
        places = self.pool_h * self.pool_w
        share = dout.transpose(0, 2, 3, 1).reshape(-1, 1) / places
        dcol = np.repeat(share, places, axis=1).reshape(n * oh * ow, c * places)
        return col2im(dcol, self.x_shape, self.pool_h, self.pool_w, self.stride, self.pad)
