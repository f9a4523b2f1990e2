import numpy as np


def im2col(input_data, filter_h, filter_w, stride=1, pad=0):
    x = np.pad(input_data, [(0, 0), (0, 0), (pad, pad), (pad, pad)])
    view = np.lib.stride_tricks.sliding_window_view(x, (filter_h, filter_w), (2, 3))[:, :, ::stride, ::stride]
    N, C, OH, OW, FH, FW = view.shape
    return view.transpose(0, 2, 3, 1, 4, 5).reshape(N * OH * OW, C * FH * FW)
