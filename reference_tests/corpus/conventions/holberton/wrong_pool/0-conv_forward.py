#!/usr/bin/env python3
"""Forward propagation over a convolutional layer"""
import numpy as np


def conv_forward(A_prev, W, b, activation, padding="same", stride=(1, 1)):
    """
    Performs forward propagation over a convolutional layer

    A_prev: (m, h_prev, w_prev, c_prev)
    W: (kh, kw, c_prev, c_new)
    b: (1, 1, 1, c_new)
    activation: function applied to the convolution
    padding: 'same' or 'valid'
    stride: (sh, sw)
    Returns: the output of the layer
    """
    m, h_prev, w_prev, c_prev = A_prev.shape
    kh, kw, _, c_new = W.shape
    sh, sw = stride
    ph, pw = 0, 0
    if padding == "same":
        ph = int(np.ceil(((h_prev - 1) * sh + kh - h_prev) / 2))
        pw = int(np.ceil(((w_prev - 1) * sw + kw - w_prev) / 2))
    images = np.pad(A_prev, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
    h_new = (h_prev + 2 * ph - kh) // sh + 1
    w_new = (w_prev + 2 * pw - kw) // sw + 1
    Z = np.zeros((m, h_new, w_new, c_new))
    for i in range(h_new):
        for j in range(w_new):
            box = images[:, i * sh:i * sh + kh, j * sw:j * sw + kw, :]
            for k in range(c_new):
                Z[:, i, j, k] = np.sum(box * W[:, :, :, k], axis=(1, 2, 3))
    return activation(Z + b)
