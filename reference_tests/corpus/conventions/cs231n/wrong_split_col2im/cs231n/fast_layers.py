import numpy as np

from cs231n.im2col import im2col_indices, col2im_indices


def conv_forward_fast(x, w, b, conv_param):
    stride, pad = conv_param['stride'], conv_param['pad']
    N, C, H, W = x.shape
    F, C, HH, WW = w.shape
    OH, OW = (H + 2 * pad - HH) // stride + 1, (W + 2 * pad - WW) // stride + 1
    cols = im2col_indices(x, HH, WW, pad, stride)
    out = w.reshape(F, -1) @ cols + b[:, None]
    out = out.reshape(F, OH, OW, N).transpose(3, 0, 1, 2)
    return out, (x.shape, w, conv_param, cols)


def conv_backward_fast(dout, cache):
    x_shape, w, conv_param, cols = cache
    F, C, HH, WW = w.shape
    rows = dout.transpose(1, 2, 3, 0).reshape(F, -1)
    db = rows.sum(axis=1)
    dw = (rows @ cols.T).reshape(w.shape)
    dcols = w.reshape(F, -1).T @ rows
    dx = col2im_indices(dcols, x_shape, HH, WW, conv_param['pad'], conv_param['stride'])
    return dx, dw, db


def max_pool_forward_fast(x, pool_param):
    size, stride = pool_param['pool_height'], pool_param['stride']
    N, C, H, W = x.shape
    OH, OW = (H - size) // stride + 1, (W - pool_param['pool_width']) // stride + 1
    cols = im2col_indices(x.reshape(N * C, 1, H, W), size, pool_param['pool_width'], 0, stride)
    best = cols.argmax(axis=0)
    out = cols[best, np.arange(best.size)].reshape(OH, OW, N, C).transpose(2, 3, 0, 1)
    return out, (x.shape, pool_param, best, cols.shape)


def max_pool_backward_fast(dout, cache):
    (N, C, H, W), pool_param, best, shape = cache
    dcols = np.zeros(shape)
    dcols[best, np.arange(best.size)] = dout.transpose(2, 3, 0, 1).ravel()
    dx = col2im_indices(dcols, (N * C, 1, H, W), pool_param['pool_height'], pool_param['pool_width'],
                        0, pool_param['stride'])
    return dx.reshape(N, C, H, W)
