# coding: utf-8
import numpy as np


def im2col(input_data, filter_h, filter_w, stride=1, pad=0):
    n, c, h, w = input_data.shape
    oh, ow = (h + 2 * pad - filter_h) // stride + 1, (w + 2 * pad - filter_w) // stride + 1
    img = np.pad(input_data, [(0, 0), (0, 0), (pad, pad), (pad, pad)], "constant")
    col = np.zeros((n, oh, ow, c, filter_h, filter_w))
    for i in range(filter_h):
        for j in range(filter_w):
            part = img[:, :, i : i + stride * oh : stride, j : j + stride * ow : stride]
            col[:, :, :, :, i, j] = part.transpose(0, 2, 3, 1)
    return col.reshape(n * oh * ow, -1)


def col2im(col, input_shape, filter_h, filter_w, stride=1, pad=0):
    n, c, h, w = input_shape
    oh, ow = (h + 2 * pad - filter_h) // stride + 1, (w + 2 * pad - filter_w) // stride + 1
    col = col.reshape(n, oh, ow, c, filter_h, filter_w)
    img = np.zeros((n, c, h + 2 * pad + stride - 1, w + 2 * pad + stride - 1))
    for i in range(filter_h):
        for j in range(filter_w):
            part = col[:, :, :, :, i, j].transpose(0, 3, 1, 2)
            img[:, :, i : i + stride * oh : stride, j : j + stride * ow : stride] += part
    return img[:, :, pad : h + pad, pad : w + pad]
