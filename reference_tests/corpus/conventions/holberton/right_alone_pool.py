#!/usr/bin/env python3
""" Module """
import numpy as np


def pool_backward(dA, A_prev, kernel_shape, stride=(1, 1), mode='max'):
    """ back propagation over a pooling layer """
    m, h_new, w_new, c = dA.shape
    kh, kw = kernel_shape
    sh, sw = stride
    dA_prev = np.zeros_like(A_prev)
    for i in range(m):
        for h in range(h_new):
            for w in range(w_new):
                for f in range(c):
                    hs, ws = h * sh, w * sw
                    if mode == 'max':
                        window = A_prev[i, hs:hs + kh, ws:ws + kw, f]
                        mask = np.where(window == np.max(window), 1, 0)
                        dA_prev[i, hs:hs + kh, ws:ws + kw, f] += mask * dA[i, h, w, f]
                    else:
                        avg = dA[i, h, w, f] / kh / kw
                        dA_prev[i, hs:hs + kh, ws:ws + kw, f] += np.ones((kh, kw)) * avg
    return dA_prev
