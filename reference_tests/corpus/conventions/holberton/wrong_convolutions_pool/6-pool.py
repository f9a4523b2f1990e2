#!/usr/bin/env python3
"""Pooling on images"""
import numpy as np


def pool(images, kernel_shape, stride, mode='max'):
    """
    images: (m, h, w, c); mode: 'max' or 'avg'
    """
    m, h, w, c = images.shape
    kh, kw = kernel_shape
    sh, sw = stride
    out = np.zeros((m, 1 + (h - kh) // sh, 1 + (w - kw) // sw, c))
    for i in range(out.shape[1]):
        for j in range(out.shape[2]):
            box = images[:, i * sh:i * sh + kh, j * sw:j * sw + kw]
            out[:, i, j] = box.max(axis=2).mean(axis=1) if mode == 'max' else box.mean(axis=(1, 2))
    return out
