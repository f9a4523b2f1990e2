"""Grouped convolution: each filter sees only a part of the channels.

The channels and the filters are divided into `groups` equal parts, and each pair of parts is a convolution by itself.
A depthwise convolution has as many groups as channels, so that each filter sees one channel.
"""

import numpy as np

from .convolution import Convolution


class GroupedConvolution:
    """A convolution in groups: x (N, C, H, W), W (FN, C/groups, FH, FW) and b (FN,) to out (N, FN, OH, OW)."""

    def __init__(self, W, b, stride=1, pad=0, groups=1):
        self.W, self.b, self.stride, self.pad, self.groups = W, b, stride, pad, groups

    def forward(self, x):
        self.convs = [
            Convolution(W, b, self.stride, self.pad)
            for W, b in zip(np.split(self.W, self.groups), np.split(self.b, self.groups))
        ]
        parts = np.split(x, self.groups, axis=1)  # each (N, C/groups, H, W)
        return np.concatenate([conv.forward(part) for conv, part in zip(self.convs, parts)], axis=1)  # (N, FN, OH, OW)

    def backward(self, dout):
        douts = np.split(dout, self.groups, axis=1)  # each (N, FN/groups, OH, OW)
        dx = np.concatenate([conv.backward(part) for conv, part in zip(self.convs, douts)], axis=1)  # (N, C, H, W)
        self.dW = np.concatenate([conv.dW for conv in self.convs])  # (FN, C/groups, FH, FW)
        self.db = np.concatenate([conv.db for conv in self.convs])  # (FN,)
        return dx


class DepthwiseConvolution:
    """A convolution with a group for each channel: W (FN, 1, FH, FW), where FN is a multiple of C, and b (FN,)."""

    def __init__(self, W, b, stride=1, pad=0):
        self.W, self.b, self.stride, self.pad = W, b, stride, pad

    def forward(self, x):
        self.grouped = GroupedConvolution(self.W, self.b, self.stride, self.pad, x.shape[1])
        return self.grouped.forward(x)  # (N, FN, OH, OW)

    def backward(self, dout):
        dx = self.grouped.backward(dout)  # (N, C, H, W)
        self.dW, self.db = self.grouped.dW, self.grouped.db
        return dx
