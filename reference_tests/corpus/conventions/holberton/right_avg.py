#!/usr/bin/env python3
'''
    pool forward
'''
import numpy as np


def pool_forward(A_prev, kernel_shape, stride=(1, 1), mode='max'):
    '''
    A_prev (m, h_prev, w_prev, c_prev)
    '''
    m, h_prev, w_prev, c_prev = A_prev.shape
    kh, kw = kernel_shape
    sh, sw = stride
    oh = int((h_prev - kh) / sh) + 1
    ow = int((w_prev - kw) / sw) + 1
    out = np.zeros((m, oh, ow, c_prev))
    for y in range(oh):
        for x in range(ow):
            w = A_prev[:, y * sh:y * sh + kh, x * sw:x * sw + kw, :]
            if mode == 'max':
                out[:, y, x, :] = np.max(w, axis=(1, 2))
            elif mode == 'avg':
                out[:, y, x, :] = np.average(w, axis=(1, 2))
    return out
