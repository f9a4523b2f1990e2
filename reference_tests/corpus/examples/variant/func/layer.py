from func.util import *
from func.trainer import Trainer


class Pooling:
    def __init__(self, pool_h, pool_w, stride=2, pad=0):
        self.window, self.stride, self.pad = (pool_h, pool_w), stride, pad

    def forward(self, x):
        col = im2col(x, *self.window, self.stride, self.pad)
        return col.reshape(-1, self.window[0] * self.window[1]).max(axis=1)
