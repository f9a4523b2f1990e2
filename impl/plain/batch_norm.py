"""Batch normalization: each channel gets mean 0 and variance 1 over the batch, then a learned scale and shift.

    xn = (x - mean) / sqrt(var + eps)        out = gamma * xn + beta
    dbeta = sum of dout        dgamma = sum of dout * xn
    dx = gamma / sqrt(var + eps) * (dout - mean of dout - xn * mean of (dout * xn))

The sums and means run over N, H and W. Inference uses running averages of mean and var in place of the batch's, so
that its output depends on one image alone. (Ioffe and Szegedy, 2015; `momentum` is the weight of the new batch.)
"""

import numpy as np


class BatchNorm:
    """Batch normalization of x (N, C) or (N, C, H, W), with gamma and beta (C,)."""

    def __init__(self, gamma, beta, momentum=0.1, eps=1e-5, running_mean=None, running_var=None):
        self.gamma, self.beta, self.momentum, self.eps = gamma, beta, momentum, eps
        self.running_mean = np.zeros(len(gamma)) if running_mean is None else np.array(running_mean)  # (C,)
        self.running_var = np.ones(len(gamma)) if running_var is None else np.array(running_var)  # (C,)

    def forward(self, x, train_flg=True):
        """Return out in the shape of x."""
        self.axes = (0, *range(2, x.ndim))  # all axes but C
        self.as_C = (1, -1) + (1,) * (x.ndim - 2)  # the shape that (C,) needs beside x: (1, C, 1, 1)
        self.train_flg, M = train_flg, x.size // x.shape[1]  # M = N*H*W numbers in each channel
        if self.train_flg:
            mean, var = x.mean(axis=self.axes), x.var(axis=self.axes)  # (C,), (C,)
            self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mean
            unbiased = var * M / (M - 1)  # var divides by M, the running average by M - 1, as torch's does
            self.running_var = (1 - self.momentum) * self.running_var + self.momentum * unbiased
        else:
            mean, var = self.running_mean, self.running_var
        self.inv_std = 1 / np.sqrt(var + self.eps).reshape(self.as_C)  # (1, C, 1, 1)
        self.xn = (x - mean.reshape(self.as_C)) * self.inv_std  # (N, C, H, W)
        return self.gamma.reshape(self.as_C) * self.xn + self.beta.reshape(self.as_C)

    def backward(self, dout):
        """Set dgamma and dbeta (C,), and return dx in the shape of x."""
        self.dbeta = dout.sum(axis=self.axes)  # (C,)
        self.dgamma = (dout * self.xn).sum(axis=self.axes)  # (C,)
        scale = self.gamma.reshape(self.as_C) * self.inv_std  # (1, C, 1, 1)
        if not self.train_flg:
            return scale * dout  # the running averages do not depend on x
        through_mean = dout.mean(axis=self.axes, keepdims=True)  # (1, C, 1, 1)
        through_var = self.xn * (dout * self.xn).mean(axis=self.axes, keepdims=True)  # (N, C, H, W)
        return scale * (dout - through_mean - through_var)
