"""Stateless layers: init(rng, ...) makes a dict of parameters, apply and grad take it first."""
import numpy as np


def conv_init(rng, in_channels, out_channels, kernel_size):
    kh, kw = kernel_size
    scale = np.sqrt(2.0 / (in_channels * kh * kw))
    return {
        "w": scale * rng.standard_normal((out_channels, in_channels, kh, kw)),
        "b": np.zeros(out_channels),
    }


def _patches(x, kh, kw, stride, padding):
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    return np.lib.stride_tricks.sliding_window_view(x, (kh, kw), axis=(2, 3))[:, :, ::stride, ::stride]


def conv_apply(params, x, stride=1, padding=0):
    """(N, C, H, W) -> (N, F, OH, OW)"""
    _, _, kh, kw = params["w"].shape
    y = np.einsum("nchwij,fcij->nfhw", _patches(x, kh, kw, stride, padding), params["w"], optimize=True)
    return y + params["b"][:, None, None]


def conv_grad(params, x, dy, stride=1, padding=0):
    """Return dx and the gradients in a dict like params."""
    w = params["w"]
    kh, kw = w.shape[2:]
    grads = {
        "w": np.einsum("nchwij,nfhw->fcij", _patches(x, kh, kw, stride, padding), dy, optimize=True),
        "b": dy[0].sum((1, 2)),
    }
    n, c, height, width = x.shape
    dx = np.zeros((n, c, height + 2 * padding, width + 2 * padding))
    oh, ow = dy.shape[2:]
    for i in range(kh):
        for j in range(kw):
            rows, cols = slice(i, i + stride * oh, stride), slice(j, j + stride * ow, stride)
            dx[:, :, rows, cols] += np.einsum("nfhw,fc->nchw", dy, w[:, :, i, j])
    return dx[:, :, padding:padding + height, padding:padding + width], grads


def dense_init(rng, n_in, n_out):
    return {"w": rng.standard_normal((n_in, n_out)) / np.sqrt(n_in), "b": np.zeros(n_out)}


def dense_apply(params, x):
    return x @ params["w"] + params["b"]


def dense_grad(params, x, dy):
    return dy @ params["w"].T, {"w": x.T @ dy, "b": dy.sum(0)}


def relu_apply(x):
    return np.maximum(x, 0.0)


def relu_grad(x, dy):
    return dy * (x > 0)


def tanh_apply(x):
    return np.tanh(x)


def tanh_grad(x, dy):
    return dy / np.cosh(x) ** 2


def max_pool_apply(x, window, stride):
    return _patches(x, window, window, stride, 0).max((-2, -1))


def max_pool_grad(x, dy, window, stride):
    p = _patches(x, window, window, stride, 0)
    best = p.reshape(*p.shape[:4], -1).argmax(-1)
    n, c, i, j = np.ogrid[tuple(slice(k) for k in dy.shape)]
    dx = np.zeros_like(x)
    np.add.at(dx, (n, c, stride * i + best // window, stride * j + best % window), dy)
    return dx
