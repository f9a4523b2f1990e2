"""Layers as pairs of closures: their weights stand beside the functions."""

import numpy as np


def make_dense(n_in, n_out, rng=np.random.default_rng(0)):
    theta = {'W': rng.normal(0, 0.1, (n_in, n_out)), 'b': np.zeros(n_out)}
    dtheta = {}
    mem = {}

    def forward(x):
        mem['x'] = x
        return x @ theta['W'] + theta['b']

    def backward(dy):
        dtheta['W'] = mem['x'].T @ dy
        dtheta['b'] = dy.sum(0)
        return dy @ theta['W'].T

    forward.theta, backward.dtheta = theta, dtheta
    return forward, backward


def make_sigmoid():
    out = None

    def forward(x):
        nonlocal out
        out = 1.0 / (1.0 + np.exp(-x))
        return out

    def backward(dy):
        return dy * out * (1.0 - out)

    return forward, backward


def make_conv(c_in, c_out, k, stride=1, pad=0, rng=np.random.default_rng(1)):
    theta = {'W': rng.normal(0, 0.1, (c_out, c_in, k, k)), 'b': np.zeros(c_out)}
    dtheta, mem = {}, {}

    def forward(x):
        xp = np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)])
        n, _, h, w = xp.shape
        oh, ow = (h - k) // stride + 1, (w - k) // stride + 1
        mem['xp'], mem['in'] = xp, x.shape
        y = np.zeros((n, c_out, oh, ow))
        for i in range(k):
            for j in range(k):
                y += np.einsum('nchw,oc->nohw', xp[:, :, i:i + stride * oh:stride, j:j + stride * ow:stride][:, :, :oh, :ow], theta['W'][:, :, i, j])
        return y + theta['b'][:, None, None]

    def backward(dy):
        xp = mem['xp']
        dxp, dW = np.zeros_like(xp), np.zeros_like(theta['W'])
        oh, ow = dy.shape[2:]
        for i in range(k):
            for j in range(k):
                sl = np.s_[:, :, i:i + stride * (oh - 1) + 1:stride, j:j + stride * (ow - 1) + 1:stride]
                dW[:, :, i, j] = np.einsum('nohw,nchw->oc', dy, xp[sl])
                dxp[sl] += np.einsum('nohw,oc->nchw', dy, theta['W'][:, :, i, j])
        dtheta['W'], dtheta['b'] = dW, dy.sum((0, 2, 3))
        _, _, h, w = mem['in']
        return dxp[:, :, pad:pad + h, pad:pad + w]

    forward.theta, backward.dtheta = theta, dtheta
    return forward, backward
