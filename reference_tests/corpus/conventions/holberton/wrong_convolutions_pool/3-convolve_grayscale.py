#!/usr/bin/env python3
"""Convolution on grayscale images"""
import numpy as np


def convolve_grayscale(images, kernel, padding='same', stride=(1, 1)):
    """
    images: (m, h, w); kernel: (kh, kw)
    padding: (ph, pw), 'same' or 'valid'
    """
    m, h, w = images.shape
    kh, kw = kernel.shape
    sh, sw = stride
    if padding == 'valid':
        ph = pw = 0
    elif padding == 'same':
        ph = -(-((h - 1) * sh + kh - h) // 2)
        pw = -(-((w - 1) * sw + kw - w) // 2)
    else:
        ph, pw = padding
    padded = np.pad(images, ((0, 0), (ph, ph), (pw, pw)))
    out = np.zeros((m, (h + 2 * ph - kh) // sh + 1, (w + 2 * pw - kw) // sw + 1))
    for i in range(out.shape[1]):
        for j in range(out.shape[2]):
            out[:, i, j] = np.sum(padded[:, i * sh:i * sh + kh, j * sw:j * sw + kw] * kernel, axis=(1, 2))
    return out
