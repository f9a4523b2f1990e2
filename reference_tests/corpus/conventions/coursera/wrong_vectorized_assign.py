"""Convolution and pooling for the exercise, without the innermost loops. Channels last."""
import numpy as np


def zero_padding(x, pad):
    if pad == 0:
        return x
    return np.pad(x, ((0, 0), (pad,) * 2, (pad,) * 2, (0, 0)))


def conv_forward(aprev, weights, bias, hparams):
    """aprev (m, h, w, c_prev), weights (f, f, c_prev, c), bias (1, 1, 1, c) -> z (m, h_new, w_new, c), cache"""
    s, p = hparams['stride'], hparams['pad']
    f = weights.shape[0]
    padded = zero_padding(aprev, p)
    h_new = (padded.shape[1] - f) // s + 1
    w_new = (padded.shape[2] - f) // s + 1
    z = np.zeros((aprev.shape[0], h_new, w_new, weights.shape[3]))
    for r in range(h_new):
        for c in range(w_new):
            area = padded[:, r * s:r * s + f, c * s:c * s + f, :]
            z[:, r, c, :] = np.tensordot(area, weights, axes=([1, 2, 3], [0, 1, 2]))
    return z + bias, (aprev, weights, bias, hparams)


def conv_backward(dz, cache):
    aprev, weights, bias, hparams = cache
    s, p = hparams['stride'], hparams['pad']
    f = weights.shape[0]
    _, h, w, _ = aprev.shape
    padded = zero_padding(aprev, p)
    dpadded = np.zeros_like(padded)
    dweights = np.zeros_like(weights)
    for r in range(dz.shape[1]):
        for c in range(dz.shape[2]):
            here = slice(r * s, r * s + f), slice(c * s, c * s + f)
            d = dz[:, r, c, :]
            dweights += np.tensordot(padded[:, here[0], here[1], :], d, axes=(0, 0))
            dpadded[:, here[0], here[1], :] = np.tensordot(d, weights, axes=(1, 3))
    dbias = dz.sum(axis=(0, 1, 2), keepdims=True)
    return dpadded[:, p:p + h, p:p + w, :], dweights, dbias


def pool_forward(aprev, hparams, mode='max'):
    f, s = hparams['f'], hparams['stride']
    windows = np.lib.stride_tricks.sliding_window_view(aprev, (f, f), axis=(1, 2))[:, ::s, ::s]
    if mode == 'max':
        a = windows.max(axis=(4, 5))
    else:
        a = windows.sum(axis=(4, 5)) / f ** 2
    return a, (aprev, hparams)


def pool_backward(da, cache, mode='max'):
    aprev, hparams = cache
    f, s = hparams['f'], hparams['stride']
    daprev = np.zeros_like(aprev)
    for r in range(da.shape[1]):
        for c in range(da.shape[2]):
            here = np.s_[:, r * s:r * s + f, c * s:c * s + f, :]
            d = da[:, r:r + 1, c:c + 1, :]
            if mode == 'max':
                area = aprev[here]
                daprev[here] += d * (area == area.max(axis=(1, 2), keepdims=True))
            else:
                daprev[here] += d / f ** 2 * np.ones((1, f, f, 1))
    return daprev
