#!/usr/bin/env python3
"""Convolution on images with channels, using several kernels"""
import numpy as np


def convolve(images, kernels, padding='same', stride=(1, 1)):
    """
    images: (m, h, w, c); kernels: (kh, kw, c, nc)
    """
    m, h, w, c = images.shape
    kh, kw, _, nc = kernels.shape
    sh, sw = stride
    if padding == 'valid':
        ph = pw = 0
    elif padding == 'same':
        ph = -(-((h - 1) * sh + kh - h) // 2)
        pw = -(-((w - 1) * sw + kw - w) // 2)
    else:
        ph, pw = padding
    padded = np.pad(images, ((0, 0), (ph, ph), (pw, pw), (0, 0)))
    out = np.zeros((m, (h + 2 * ph - kh) // sh + 1, (w + 2 * pw - kw) // sw + 1, nc))
    for i in range(out.shape[1]):
        for j in range(out.shape[2]):
            box = padded[:, i * sh:i * sh + kh, j * sw:j * sw + kw]
            out[:, i, j] = np.tensordot(box, kernels, axes=3)
    return out
