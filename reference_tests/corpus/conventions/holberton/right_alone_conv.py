#!/usr/bin/env python3
"""Back prop over a conv layer"""
import numpy as np


def conv_backward(dZ, A_prev, W, b, padding="same", stride=(1, 1)):
    """performs back propagation over a convolutional layer"""
    m, h_new, w_new, c_new = dZ.shape
    _, h_prev, w_prev, c_prev = A_prev.shape
    kh, kw, _, _ = W.shape
    sh, sw = stride
    ph, pw = 0, 0
    if padding == "same":
        ph = int(np.ceil(((h_prev - 1) * sh + kh - h_prev) / 2))
        pw = int(np.ceil(((w_prev - 1) * sw + kw - w_prev) / 2))
    Ap = np.pad(A_prev, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
    dA = np.zeros(Ap.shape)
    dW = np.zeros(W.shape)
    db = np.sum(dZ, axis=(0, 1, 2), keepdims=True)
    for n in range(m):
        for i in range(h_new):
            for j in range(w_new):
                for c in range(c_new):
                    y, x = i * sh, j * sw
                    dA[n, y:y + kh, x:x + kw, :] += W[..., c] * dZ[n, i, j, c]
                    dW[..., c] += Ap[n, y:y + kh, x:x + kw, :] * dZ[n, i, j, c]
    dA = dA[:, ph:ph + h_prev, pw:pw + w_prev, :]
    return dA, dW, db
