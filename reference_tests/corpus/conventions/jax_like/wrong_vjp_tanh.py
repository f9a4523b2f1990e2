"""Functions that return their pullback beside the output."""

import numpy as np


def linear(x, w, b):
    def back(g):
        return g @ w.T, x.T @ g, g.sum(axis=0)
    return x @ w + b, back


def sigmoid(x):
    y = 1 / (1 + np.exp(-x))
    return y, lambda g: g * y * (1 - y)


def tanh(x):
    y = np.tanh(x)
    return y, lambda g: g * (1 - x ** 2)


def conv2d(x, k, b, stride=1):
    kh, kw = k.shape[2:]
    v = np.lib.stride_tricks.sliding_window_view(x, (kh, kw), axis=(2, 3))[:, :, ::stride, ::stride]
    y = np.einsum('nchwij,ocij->nohw', v, k) + b[:, None, None]

    def back(g):
        gx = np.zeros_like(x)
        for i in range(g.shape[2]):
            for j in range(g.shape[3]):
                gx[:, :, i * stride:i * stride + kh, j * stride:j * stride + kw] += np.tensordot(g[:, :, i, j], k, 1)
        return gx, np.einsum('nchwij,nohw->ocij', v, g), g.sum((0, 2, 3))
    return y, back
