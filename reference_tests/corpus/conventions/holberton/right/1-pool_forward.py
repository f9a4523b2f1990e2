#!/usr/bin/env python3
"""Forward propagation over a pooling layer"""
import numpy as np


def pool_forward(A_prev, kernel_shape, stride=(1, 1), mode='max'):
    """
    A_prev: (m, h_prev, w_prev, c_prev)
    kernel_shape: (kh, kw)
    mode: 'max' or 'avg'
    """
    m, h_prev, w_prev, c = A_prev.shape
    kh, kw = kernel_shape
    sh, sw = stride
    reduce = {'max': np.amax, 'avg': np.average}[mode]
    A = np.zeros((m, (h_prev - kh) // sh + 1, (w_prev - kw) // sw + 1, c))
    for i in range(A.shape[1]):
        for j in range(A.shape[2]):
            A[:, i, j] = reduce(A_prev[:, i * sh:i * sh + kh, j * sw:j * sw + kw], axis=(1, 2))
    return A
