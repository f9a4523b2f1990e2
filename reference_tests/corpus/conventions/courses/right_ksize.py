import numpy as np


def conv2d(input, filter, strides=[1, 1, 1, 1], padding='SAME'):
    """input: [batch, in_height, in_width, in_channels]; filter: [filter_height, filter_width, in_channels, out_channels]"""
    batch, in_h, in_w, in_c = input.shape
    k_h, k_w, _, out_c = filter.shape
    s_h, s_w = strides[1], strides[2]
    if padding == 'SAME':
        out_h, out_w = -(-in_h // s_h), -(-in_w // s_w)
        p_h = max((out_h - 1) * s_h + k_h - in_h, 0)
        p_w = max((out_w - 1) * s_w + k_w - in_w, 0)
        input = np.pad(input, ((0, 0), (p_h // 2, p_h - p_h // 2), (p_w // 2, p_w - p_w // 2), (0, 0)))
    else:
        out_h, out_w = (in_h - k_h) // s_h + 1, (in_w - k_w) // s_w + 1
    out = np.zeros((batch, out_h, out_w, out_c))
    for i in range(out_h):
        for j in range(out_w):
            out[:, i, j, :] = np.tensordot(input[:, i * s_h:i * s_h + k_h, j * s_w:j * s_w + k_w, :], filter, axes=3)
    return out


def max_pool(value, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding='VALID'):
    n, h, w, c = value.shape
    out_h, out_w = (h - ksize[1]) // strides[1] + 1, (w - ksize[2]) // strides[2] + 1
    out = np.zeros((n, out_h, out_w, c))
    for i in range(out_h):
        for j in range(out_w):
            out[:, i, j] = value[:, i * strides[1]:i * strides[1] + ksize[1], j * strides[2]:j * strides[2] + ksize[2]].max(axis=(1, 2))
    return out


def relu(x):
    return np.maximum(x, 0)
