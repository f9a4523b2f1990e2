"""Layers as closures."""
import numpy as np


def conv_layer(weights, bias, stride=1, padding=0):
    saved = None

    def forward(x):
        nonlocal saved
        xp = np.pad(x, [(0, 0), (0, 0), (padding, padding), (padding, padding)])
        f, _, kh, kw = weights.shape
        oh, ow = (xp.shape[2] - kh) // stride + 1, (xp.shape[3] - kw) // stride + 1
        cols = np.stack([xp[:, :, i * stride:i * stride + kh, j * stride:j * stride + kw].reshape(len(x), -1)
                         for i in range(oh) for j in range(ow)], axis=1)
        saved = xp.shape, cols, oh, ow
        out = cols @ weights.reshape(f, -1).T + bias
        return out.reshape(len(x), oh, ow, f).transpose(0, 3, 1, 2)

    def backward(dout):
        shape, cols, oh, ow = saved
        f, c, kh, kw = weights.shape
        g = dout.transpose(0, 2, 3, 1).reshape(len(dout), oh * ow, f)
        gw = np.einsum('npf,npk->fk', g, cols).reshape(weights.shape)
        gb = dout.sum((0, 2, 3))
        gcols = g @ weights.reshape(f, -1)
        gx = np.zeros(shape)
        for p in range(oh * ow):
            i, j = divmod(p, ow)
            gx[:, :, i * stride:i * stride + kh, j * stride:j * stride + kw] += gcols[:, p].reshape(-1, c, kh, kw)
        if padding:
            gx = gx[:, :, padding:-padding, padding:-padding]
        return gx, gw, gb

    return forward, backward


def relu_layer():
    saved = None

    def forward(x):
        nonlocal saved
        saved = x
        return np.clip(x, 0, None)

    def backward(dout):
        return dout * (saved > 0)

    return forward, backward


def dense_layer(weights, bias):
    saved = None

    def forward(x):
        nonlocal saved
        saved = x
        return x @ weights + bias

    def backward(dout):
        return dout @ weights.T, saved.T @ dout, dout.sum(0)

    return forward, backward
