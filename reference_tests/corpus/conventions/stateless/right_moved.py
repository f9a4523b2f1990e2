"""Functions whose backward pass takes a learning rate and moves the weights that it was given, in place."""

import numpy as np


def conv_forward(x, w, b, stride=1, pad=0):
    h, wd = x.shape[2:]
    kh, kw = w.shape[2:]
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    oh, ow = (h + 2 * pad - kh) // stride + 1, (wd + 2 * pad - kw) // stride + 1
    out = np.zeros((len(x), len(w), oh, ow))
    for i in range(oh):
        for j in range(ow):
            patch = xp[:, :, i * stride : i * stride + kh, j * stride : j * stride + kw]
            out[:, :, i, j] = np.tensordot(patch, w, axes=([1, 2, 3], [1, 2, 3])) + b
    return out, (x, w, b, stride, pad)


def conv_backward(dout, cache, lr):
    x, w, b, stride, pad = cache
    h, wd = x.shape[2:]
    kh, kw = w.shape[2:]
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    dxp, dw = np.zeros(xp.shape), np.zeros(w.shape)
    oh, ow = dout.shape[2:]
    for i in range(oh):
        for j in range(ow):
            rows, cols = slice(i * stride, i * stride + kh), slice(j * stride, j * stride + kw)
            dw += np.tensordot(dout[:, :, i, j], xp[:, :, rows, cols], axes=([0], [0]))
            dxp[:, :, rows, cols] += np.tensordot(dout[:, :, i, j], w, axes=([1], [0]))
    db = dout.sum(axis=(0, 2, 3))
    w -= lr * dw
    b -= lr * db
    return dxp[:, :, pad : pad + h, pad : pad + wd]


def fc_forward(x, w, b):
    return x @ w + b, (x, w, b)


def fc_backward(dout, cache, lr=0.01):
    x, w, b = cache
    dx = dout @ w.T
    w -= lr * (x.T @ dout)
    b -= lr * dout.sum(axis=0)
    return dx
