"""Stride tricks: the windows are a view of the image; what backward sums, it sums through the same view."""

import numpy as np
from numpy.lib.stride_tricks import as_strided


def conv_output_size(input_size, filter_size, stride=1, pad=0):
    size, _ = divmod(input_size + 2 * pad - filter_size, stride)
    if size < 0:
        raise ValueError("nothing comes out")
    return size + 1


def view(image, height, width, stride):
    """(N, OH, OW, C, height, width) of an image that is in one piece."""
    n, c, h, w = image.shape
    oh, ow = conv_output_size(h, height, stride), conv_output_size(w, width, stride)
    a, b, y, x = image.strides
    return as_strided(image, (n, oh, ow, c, height, width), (a, y * stride, x * stride, b, y, x))


def padded(x, pad, value=0.0):
    image = np.full((*x.shape[:2], x.shape[2] + 2 * pad, x.shape[3] + 2 * pad), value)
    image[:, :, pad : pad + x.shape[2], pad : pad + x.shape[3]] = x
    return image


def im2col(input_data, filter_h, filter_w, stride=1, pad=0):
    windows = view(padded(input_data, pad), filter_h, filter_w, stride)
    n, oh, ow, c, _, _ = windows.shape
    return windows.reshape(n * oh * ow, c * filter_h * filter_w)


def col2im(col, input_shape, filter_h, filter_w, stride=1, pad=0):
    image = padded(np.zeros(input_shape), pad)
    windows = view(image, filter_h, filter_w, stride)
    parts = col.reshape(windows.shape)
    for i, j in np.ndindex(filter_h, filter_w):  # of one tap, no two places are the same
        windows[..., i, j] += parts[..., i, j]
    return image[:, :, pad : pad + input_shape[2], pad : pad + input_shape[3]]


class Pooling:
    def __init__(self, pool_h, pool_w, stride=2, pad=0):
        self.pool_h, self.pool_w, self.stride, self.pad = pool_h, pool_w, stride, pad

    def forward(self, x):
        self.x = x
        return (
            view(padded(x, self.pad, -np.inf), self.pool_h, self.pool_w, self.stride).max((4, 5)).transpose(0, 3, 1, 2)
        )

    def backward(self, dout):
        windows = view(padded(self.x, self.pad, -np.inf), self.pool_h, self.pool_w, self.stride)
        n, oh, ow, c, h, w = windows.shape
        first = windows.reshape(n, oh, ow, c, h * w).argmax(axis=-1)[..., None] == np.arange(h * w)
        parts = first * dout.transpose(0, 2, 3, 1)[..., None]
        return col2im(parts, self.x.shape, h, w, self.stride, self.pad)


class AveragePooling(Pooling):
    def forward(self, x):
        self.x = x
        return np.moveaxis(view(padded(x, self.pad), self.pool_h, self.pool_w, self.stride).mean(axis=(4, 5)), 3, 1)

    def backward(self, dout):
        ones = np.ones(self.pool_h * self.pool_w) / (self.pool_h * self.pool_w)
        parts = dout.transpose(0, 2, 3, 1)[..., None] * ones
        return col2im(parts, self.x.shape, self.pool_h, self.pool_w, self.stride, self.pad)
