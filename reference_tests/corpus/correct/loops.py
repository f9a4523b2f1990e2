"""A window at a time, in Python's own loops."""

import numpy as np


def conv_output_size(input_size, filter_size, stride=1, pad=0):
    starts = range(-pad, input_size + pad - filter_size + 1, stride)
    if not starts:
        raise ValueError(f"no window of {filter_size} fits into {input_size} with a padding of {pad}")
    return len(starts)


def im2col(input_data, filter_h, filter_w, stride=1, pad=0):
    n, c, h, w = input_data.shape
    oh, ow = conv_output_size(h, filter_h, stride, pad), conv_output_size(w, filter_w, stride, pad)
    table = np.zeros((n * oh * ow, c * filter_h * filter_w))
    for row, (image, i, j) in enumerate(np.ndindex(n, oh, ow)):
        for column, (channel, a, b) in enumerate(np.ndindex(c, filter_h, filter_w)):
            y, x = i * stride + a - pad, j * stride + b - pad
            if 0 <= y < h and 0 <= x < w:
                table[row, column] = input_data[image, channel, y, x]
    return table


def col2im(col, input_shape, filter_h, filter_w, stride=1, pad=0):
    n, c, h, w = input_shape
    oh, ow = conv_output_size(h, filter_h, stride, pad), conv_output_size(w, filter_w, stride, pad)
    images = np.zeros(input_shape)
    for row, (image, i, j) in enumerate(np.ndindex(n, oh, ow)):
        for column, (channel, a, b) in enumerate(np.ndindex(c, filter_h, filter_w)):
            y, x = i * stride + a - pad, j * stride + b - pad
            if 0 <= y < h and 0 <= x < w:
                images[image, channel, y, x] += col[row, column]
    return images


class Windowed:
    """Goes over the windows of an image, clipped where they reach into the padding."""

    def windows(self, x, height, width):
        n, _, h, w = x.shape
        s, p = self.stride, self.pad
        for i in range(conv_output_size(h, height, s, p)):
            for j in range(conv_output_size(w, width, s, p)):
                top, left = i * s - p, j * s - p
                rows = slice(max(top, 0), max(min(top + height, h), 0))
                columns = slice(max(left, 0), max(min(left + width, w), 0))
                inside = slice(rows.start - top, rows.stop - top), slice(columns.start - left, columns.stop - left)
                for image in range(n):
                    yield (image, i, j), (slice(None), rows, columns), (slice(None), *inside)

    def shape(self, x, channels, height, width):
        h, w = (conv_output_size(s, f, self.stride, self.pad) for s, f in zip(x.shape[2:], (height, width)))
        return len(x), channels, h, w


class Convolution(Windowed):
    def __init__(self, W, b, stride=1, pad=0):
        self.W, self.b, self.stride, self.pad = W, b, stride, pad

    def forward(self, x):
        self.x = x
        out = np.empty(self.shape(x, len(self.W), *self.W.shape[2:]))
        for (n, i, j), there, inside in self.windows(x, *self.W.shape[2:]):
            for f in range(len(self.W)):
                out[n, f, i, j] = np.sum(x[n][there] * self.W[f][inside]) + self.b[f]
        return out

    def backward(self, dout):
        dx, self.dW, self.db = np.zeros(self.x.shape), np.zeros(self.W.shape), np.zeros(len(self.b))
        for (n, i, j), there, inside in self.windows(self.x, *self.W.shape[2:]):
            for f in range(len(self.W)):
                self.db[f] += dout[n, f, i, j]
                self.dW[f][inside] += dout[n, f, i, j] * self.x[n][there]
                dx[n][there] += dout[n, f, i, j] * self.W[f][inside]
        return dx


class Pooling(Windowed):
    def __init__(self, pool_h, pool_w, stride=2, pad=0):
        self.pool_h, self.pool_w, self.stride, self.pad = pool_h, pool_w, stride, pad

    def forward(self, x):
        self.x = x
        out = np.empty(self.shape(x, x.shape[1], self.pool_h, self.pool_w))
        for (n, i, j), there, _ in self.windows(x, self.pool_h, self.pool_w):
            out[n, :, i, j] = np.max(x[n][there].astype(float), axis=(1, 2), initial=-np.inf)
        return out

    def backward(self, dout):
        dx = np.zeros(self.x.shape)
        for (n, i, j), there, _ in self.windows(self.x, self.pool_h, self.pool_w):
            for c, window in enumerate(self.x[n][there]):
                if window.size:
                    dx[n][there][c][np.unravel_index(window.argmax(), window.shape)] += dout[n, c, i, j]
        return dx


class AveragePooling(Pooling):
    def forward(self, x):
        self.x = x
        out = np.empty(self.shape(x, x.shape[1], self.pool_h, self.pool_w))
        for (n, i, j), there, _ in self.windows(x, self.pool_h, self.pool_w):
            out[n, :, i, j] = x[n][there].sum(axis=(1, 2)) / (self.pool_h * self.pool_w)
        return out

    def backward(self, dout):
        dx = np.zeros(self.x.shape)
        for (n, i, j), there, _ in self.windows(self.x, self.pool_h, self.pool_w):
            dx[n][there] += dout[n, :, i, j, None, None] / (self.pool_h * self.pool_w)
        return dx
