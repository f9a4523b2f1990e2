"""Max pooling and average pooling: each window of each channel becomes its largest number, or its mean.

Max pooling remembers the place of the largest number, and backward gives all of dout to that place. Average pooling
gives an equal share to each of the PH*PW places. (PH and PW are pool_h and pool_w.)
"""

import numpy as np

from .patches import col2im, im2col
from .shapes import conv_output_size


class Pooling:
    """Max pooling of x (N, C, H, W) to (N, C, OH, OW). The padding is -inf, so that it is never the largest."""

    def __init__(self, pool_h, pool_w, stride=2, pad=0):
        self.pool_h, self.pool_w, self.stride, self.pad = pool_h, pool_w, stride, pad

    def forward(self, x):
        N, C, H, W = self.x_shape = x.shape
        pad, area = self.pad, self.pool_h * self.pool_w
        OH = conv_output_size(H, self.pool_h, self.stride, pad)
        OW = conv_output_size(W, self.pool_w, self.stride, pad)
        img = np.full((N, C, H + 2 * pad, W + 2 * pad), -np.inf)
        img[:, :, pad : pad + H, pad : pad + W] = x
        col = im2col(img, self.pool_h, self.pool_w, self.stride).reshape(N * OH * OW * C, area)  # (N*OH*OW*C, PH*PW)
        self.arg_max = col.argmax(axis=1)  # (N*OH*OW*C,)
        out = col.max(axis=1)  # (N*OH*OW*C,)
        return out.reshape(N, OH, OW, C).transpose(0, 3, 1, 2)  # (N, OH, OW, C) -> (N, C, OH, OW)

    def backward(self, dout):
        N, C, OH, OW = dout.shape
        area = self.pool_h * self.pool_w
        dmax = np.zeros((dout.size, area))  # (N*OH*OW*C, PH*PW)
        dmax[np.arange(dout.size), self.arg_max] = dout.transpose(0, 2, 3, 1).ravel()  # (N*OH*OW*C,)
        dcol = dmax.reshape(N * OH * OW, C * area)  # (N*OH*OW, C*PH*PW)
        return col2im(dcol, self.x_shape, self.pool_h, self.pool_w, self.stride, self.pad)  # (N, C, H, W)


class AveragePooling:
    """Average pooling of x (N, C, H, W) to (N, C, OH, OW). The padding is 0 and counts as part of the window."""

    def __init__(self, pool_h, pool_w, stride=2, pad=0):
        self.pool_h, self.pool_w, self.stride, self.pad = pool_h, pool_w, stride, pad

    def forward(self, x):
        N, C, H, W = self.x_shape = x.shape
        area = self.pool_h * self.pool_w
        OH = conv_output_size(H, self.pool_h, self.stride, self.pad)
        OW = conv_output_size(W, self.pool_w, self.stride, self.pad)
        col = im2col(x, self.pool_h, self.pool_w, self.stride, self.pad).reshape(-1, area)  # (N*OH*OW*C, PH*PW)
        mean = col.sum(axis=1) / area  # (N*OH*OW*C,)
        return mean.reshape(N, OH, OW, C).transpose(0, 3, 1, 2)  # (N, OH, OW, C) -> (N, C, OH, OW)

    def backward(self, dout):
        N, C, OH, OW = dout.shape
        area = self.pool_h * self.pool_w
        share = dout.transpose(0, 2, 3, 1).reshape(-1, 1) / area  # (N*OH*OW*C, 1)
        dcol = np.repeat(share, area, axis=1).reshape(N * OH * OW, C * area)  # (N*OH*OW, C*PH*PW)
        return col2im(dcol, self.x_shape, self.pool_h, self.pool_w, self.stride, self.pad)  # (N, C, H, W)
