"""Dropout with lists of parameters and gradients, as in the second volume: scaled in training."""
import numpy as np


class Dropout:
    def __init__(self, dropout_ratio=0.5):
        self.params, self.grads = [], []
        self.dropout_ratio = dropout_ratio
        self.mask = None

    def forward(self, x, train_flg=True):
        if not train_flg:
            return x
        keep = np.random.rand(*x.shape) > self.dropout_ratio
        self.mask = keep / (1.0 - self.dropout_ratio)
        return x * self.mask

    def backward(self, dout):
        return dout * (self.mask > 0)
