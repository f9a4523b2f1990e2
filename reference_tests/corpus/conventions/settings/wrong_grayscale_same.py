#!/usr/bin/env python3
"""same convolution"""
import numpy as np


def convolve_grayscale_same(images, kernel):
    """images (m, h, w), kernel (kh, kw)"""
    m, h, w = images.shape
    kh, kw = kernel.shape
    ph, pw = kh // 2, kw // 2
    padded = np.pad(images, ((0, 0), (ph, ph), (pw, pw)), 'edge')
    out = np.zeros((m, h, w))
    for i in range(h):
        for j in range(w):
            out[:, i, j] = np.sum(padded[:, i:i + kh, j:j + kw] * kernel, axis=(1, 2))
    return out
