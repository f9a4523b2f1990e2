#!/usr/bin/env python3
"""Back propagation over a pooling layer"""
import numpy as np


def pool_backward(dA, A_prev, kernel_shape, stride=(1, 1), mode='max'):
    """Returns: dA_prev"""
    m, h_new, w_new, c = dA.shape
    kh, kw = kernel_shape
    sh, sw = stride
    dA_prev = np.zeros(A_prev.shape)
    for n in range(m):
        for i in range(h_new):
            for j in range(w_new):
                for k in range(c):
                    here = np.s_[n, i * sh:i * sh + kh, j * sw:j * sw + kw, k]
                    if mode == 'max':
                        box = A_prev[here]
                        dA_prev[here] += np.where(box == box.max(), dA[n, i, j, k], 0)
                    else:
                        dA_prev[here] += dA[n, i, j, k] / kh / kw
    return dA_prev
