#!/usr/bin/env python3
"""channels"""
import numpy as np


def convolve_channels(images, kernel, padding='same', stride=(1, 1)):
    m, h, w, c = images.shape
    kh, kw, _ = kernel.shape
    sh, sw = stride
    if isinstance(padding, tuple):
        ph, pw = padding
    elif padding == 'same':
        ph = ((h - 1) * sh + kh - h) // 2 + 1
        pw = ((w - 1) * sw + kw - w) // 2 + 1
    else:
        ph, pw = 0, 0
    padded = np.pad(images, ((0, 0), (ph, ph), (pw, pw), (0, 0)), 'constant')
    oh, ow = (h + 2 * ph - kh) // sh + 1, (w + 2 * pw - kw) // sw + 1
    out = np.zeros((m, oh, ow))
    for i in range(oh):
        for j in range(ow):
            out[:, i, j] = np.sum(padded[:, i * sh:i * sh + kh, j * sw:j * sw + kw] * kernel, axis=(1, 2, 3))
    return out
