import numpy as np


def pad2D(X, pad):
    """Zero-pad X (n_ex, in_rows, in_cols, in_ch) by pad = (above, below, left, right)."""
    above, below, left, right = pad
    return np.pad(X, ((0, 0), (above, below), (left, right), (0, 0)))


def calc_pad(pad, kernel_shape):
    """int, pair, 4-tuple or 'same' (stride 1) -> 4-tuple"""
    if pad == "same":
        fr, fc = kernel_shape
        return (fr - 1) // 2, fr // 2, (fc - 1) // 2, fc // 2
    if isinstance(pad, int):
        return (pad,) * 4
    if len(pad) == 2:
        return pad[0], pad[0], pad[1], pad[1]
    return tuple(pad)


def windows(X, kernel_shape, stride):
    """(n_ex, rows, cols, ch) -> (n_ex, out_rows, out_cols, fr, fc, ch)"""
    v = np.lib.stride_tricks.sliding_window_view(X, kernel_shape, axis=(1, 2))
    return v[:, ::stride, ::stride].transpose(0, 1, 2, 4, 5, 3)


def add_windows(W, X_shape, stride):
    """The way back: add each window where it was taken."""
    X = np.zeros(X_shape)
    _, rows, cols, fr, fc, _ = W.shape
    for i in range(rows):
        for j in range(cols):
            X[:, i * stride:i * stride + fr, j * stride:j * stride + fc] = W[:, i, j]
    return X
