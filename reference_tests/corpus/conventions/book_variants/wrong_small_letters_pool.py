from common.np import *
import numpy as np
from common.functions import softmax, cross_entropy_error
from common.util import im2col, col2im


class convolution:
    def __init__(self, weight, bias, stride=1, padding=0):
        self.weight = weight
        self.bias = bias
        self.stride = stride
        self.padding = padding

    def forward(self, x):
        FN, C, FH, FW = self.weight.shape
        N, C, H, W = x.shape
        out_h = (H + 2 * self.padding - FH) // self.stride + 1
        out_w = (W + 2 * self.padding - FW) // self.stride + 1
        self.x = x
        self.col = im2col(x, FH, FW, self.stride, self.padding)
        self.col_W = self.weight.reshape(FN, -1).T
        out = np.dot(self.col, self.col_W) + self.bias
        return out.reshape(N, out_h, out_w, -1).transpose(0, 3, 1, 2)

    def backward(self, dout):
        FN, C, FH, FW = self.weight.shape
        dout = dout.transpose(0, 2, 3, 1).reshape(-1, FN)
        self.dbias = np.sum(dout, axis=0)
        self.dweight = np.dot(self.col.T, dout).transpose(1, 0).reshape(FN, C, FH, FW)
        return col2im(np.dot(dout, self.col_W.T), self.x.shape, FH, FW, self.stride, self.padding)


class avg_pooling:
    def __init__(self, pool_h, pool_w, padding=0, stride=1):
        self.pool_h, self.pool_w = pool_h, pool_w
        self.padding, self.stride = padding, stride

    def forward(self, x):
        N, C, H, W = x.shape
        out_h = (H + 2 * self.padding - self.pool_h) // self.stride + 1
        out_w = (W + 2 * self.padding - self.pool_w) // self.stride + 1
        col = im2col(x, self.pool_h, self.pool_w, self.stride, self.padding)
        self.x = x
        return col.reshape(-1, self.pool_h * self.pool_w).mean(axis=1).reshape(N, out_h, out_w, C).transpose(0, 3, 1, 2)

    def backward(self, dout):
        size = self.pool_h * self.pool_w
        d = dout.transpose(0, 2, 3, 1).reshape(-1, 1)
        dcol = np.repeat(d, size, axis=1).reshape(dout.shape[0] * dout.shape[2] * dout.shape[3], -1)
        return col2im(dcol, self.x.shape, self.pool_h, self.pool_w, self.stride, self.padding)


class batch_normalization:
    """x (N, D); train_flg is given by position"""

    def __init__(self, gamma, beta, momentum=0.9, running_mean=None, running_var=None):
        self.gamma, self.beta, self.momentum = gamma, beta, momentum
        self.running_mean, self.running_var = running_mean, running_var

    def forward(self, x, training=True):
        if self.running_mean is None:
            self.running_mean = np.zeros(x.shape[1])
            self.running_var = np.zeros(x.shape[1])
        if training:
            mu = x.mean(axis=0)
            self.xc = x - mu
            var = np.mean(self.xc ** 2, axis=0)
            self.std = np.sqrt(var + 10e-7)
            self.xn = self.xc / self.std
            self.running_mean = self.momentum * self.running_mean + (1 - self.momentum) * mu
            self.running_var = self.momentum * self.running_var + (1 - self.momentum) * var
            return self.gamma * self.xn + self.beta
        return self.gamma * (x - self.running_mean) / np.sqrt(self.running_var + 10e-7) + self.beta

    def backward(self, dout):
        self.dbeta = dout.sum(axis=0)
        self.dgamma = np.sum(self.xn * dout, axis=0)
        dxn = self.gamma * dout
        dxc = dxn / self.std
        dstd = -np.sum(dxn * self.xc / self.std ** 2, axis=0)
        dxc += self.xc * dstd / self.std / dout.shape[0]
        return dxc - dxc.mean(axis=0)
