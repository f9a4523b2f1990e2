import numpy as np


def get_im2col_indices(x_shape, field_height, field_width, padding=1, stride=1):
    N, C, H, W = x_shape
    out_h = (H + 2 * padding - field_height) // stride + 1
    out_w = (W + 2 * padding - field_width) // stride + 1
    rows = np.repeat(np.arange(field_height), field_width)
    cols = np.tile(np.arange(field_width), field_height)
    i = np.tile(rows, C)[:, None] + stride * np.repeat(np.arange(out_h), out_w)[None, :]
    j = np.tile(cols, C)[:, None] + stride * np.tile(np.arange(out_w), out_h)[None, :]
    k = np.repeat(np.arange(C), field_height * field_width)[:, None]
    return k, i, j


def im2col_indices(x, field_height, field_width, padding=1, stride=1):
    """ im2col by fancy indexing: (C * field_height * field_width, out_h * out_w * N) """
    x_padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)), mode='constant')
    k, i, j = get_im2col_indices(x.shape, field_height, field_width, padding, stride)
    picked = x_padded[:, k, i, j]
    return np.moveaxis(picked, 0, 2).reshape(x.shape[1] * field_height * field_width, -1)


def col2im_indices(cols, x_shape, field_height=3, field_width=3, padding=1, stride=1):
    """ adds the columns back where im2col_indices took them """
    N, C, H, W = x_shape
    x_padded = np.zeros((N, C, H + 2 * padding, W + 2 * padding), dtype=cols.dtype)
    k, i, j = get_im2col_indices(x_shape, field_height, field_width, padding, stride)
    picked = np.moveaxis(cols.reshape(k.shape[0], -1, N), 2, 0)
    for n in range(N):
        np.add.at(x_padded[n], (k, i, j), picked[n])
    if padding == 0:
        return x_padded
    return x_padded[:, :, padding:-padding, padding:-padding]


def conv_forward(X, W, b, stride=1, padding=1):
    n_filters, d_filter, h_filter, w_filter = W.shape
    n_x, d_x, h_x, w_x = X.shape
    h_out = (h_x - h_filter + 2 * padding) / stride + 1
    w_out = (w_x - w_filter + 2 * padding) / stride + 1
    if not h_out.is_integer() or not w_out.is_integer():
        raise Exception('Invalid output dimension!')
    X_col = im2col_indices(X, h_filter, w_filter, padding=padding, stride=stride)
    out = W.reshape(n_filters, -1) @ X_col + b
    out = out.reshape(n_filters, int(h_out), int(w_out), n_x).transpose(3, 0, 1, 2)
    return out, (X, W, b, stride, padding, X_col)


def conv_backward(dout, cache):
    X, W, b, stride, padding, X_col = cache
    n_filter, d_filter, h_filter, w_filter = W.shape
    db = np.sum(dout, axis=(0, 2, 3)).reshape(n_filter, -1)
    flat = dout.transpose(1, 2, 3, 0).reshape(n_filter, -1)
    dW = (flat @ X_col.T).reshape(W.shape)
    dX_col = W.reshape(n_filter, -1).T @ flat
    dX = col2im_indices(dX_col, X.shape, h_filter, w_filter, padding=padding, stride=stride)
    return dX, dW, db


def maxpool_forward(X, size=2, stride=2):
    n, d, h, w = X.shape
    h_out, w_out = (h - size) // stride + 1, (w - size) // stride + 1
    X_col = im2col_indices(X.reshape(n * d, 1, h, w), size, size, padding=0, stride=stride)
    max_idx = np.argmax(X_col, axis=0)
    out = X_col[max_idx, range(max_idx.size)]
    return out.reshape(h_out, w_out, n, d).transpose(2, 3, 0, 1), (X, size, stride, X_col, max_idx)


def maxpool_backward(dout, cache):
    X, size, stride, X_col, max_idx = cache
    n, d, h, w = X.shape
    dX_col = np.zeros_like(X_col)
    dX_col[max_idx, range(max_idx.size)] = dout.transpose(2, 3, 0, 1).ravel()
    return col2im_indices(dX_col, (n * d, 1, h, w), size, size, padding=0, stride=stride).reshape(X.shape)


def fc_forward(X, W, b):
    return X @ W + b, (W, X)


def fc_backward(dout, cache):
    W, X = cache
    return dout @ W.T, X.T @ dout, np.sum(dout, axis=0)


def relu_forward(X):
    return np.maximum(X, 0), X


def relu_backward(dout, cache):
    dX = dout.copy()
    dX[cache <= 0] = 0
    return dX


def dropout_forward(X, p_dropout):
    """ p_dropout: the probability of keeping a unit; scaled in training """
    u = np.random.binomial(1, p_dropout, size=X.shape) * p_dropout
    return X * u, u


def dropout_backward(dout, cache):
    return dout * cache
