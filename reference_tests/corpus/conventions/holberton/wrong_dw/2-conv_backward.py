#!/usr/bin/env python3
"""Back propagation over a convolutional layer"""
import numpy as np


def conv_backward(dZ, A_prev, W, b, padding="same", stride=(1, 1)):
    """
    dZ: (m, h_new, w_new, c_new), gradient by the unactivated output
    Returns: dA_prev, dW, db
    """
    m, h_new, w_new, c_new = dZ.shape
    _, h_prev, w_prev, _ = A_prev.shape
    kh, kw, _, _ = W.shape
    sh, sw = stride
    ph, pw = 0, 0
    if padding == "same":
        ph = int(np.ceil(((h_prev - 1) * sh + kh - h_prev) / 2))
        pw = int(np.ceil(((w_prev - 1) * sw + kw - w_prev) / 2))
    padded = np.pad(A_prev, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
    dA = np.zeros(padded.shape)
    dW = np.zeros(W.shape)
    for n in range(m):
        for i in range(h_new):
            for j in range(w_new):
                for k in range(c_new):
                    d = dZ[n, i, j, k]
                    dW[..., k] = d * padded[n, i * sh:i * sh + kh, j * sw:j * sw + kw]
                    dA[n, i * sh:i * sh + kh, j * sw:j * sw + kw] += d * W[..., k]
    db = np.sum(dZ, axis=(0, 1, 2), keepdims=True)
    return dA[:, ph:ph + h_prev, pw:pw + w_prev, :], dW, db
