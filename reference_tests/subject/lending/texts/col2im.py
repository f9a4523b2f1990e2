import numpy as np


def col2im(col, input_shape, filter_h, filter_w, stride=1, pad=0):
    N, C, H, W = input_shape
    OH = (H + 2 * pad - filter_h) // stride + 1
    OW = (W + 2 * pad - filter_w) // stride + 1
    col = col.reshape(N, OH, OW, C, filter_h, filter_w)
    x = np.zeros((N, C, H + 2 * pad, W + 2 * pad), col.dtype)
    for i in range(OH):
        for j in range(OW):
            x[:, :, i * stride : i * stride + filter_h, j * stride : j * stride + filter_w] += col[:, i, j]
    return x[:, :, pad : pad + H, pad : pad + W]
