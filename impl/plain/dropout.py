"""Dropout, the book's and today's: in training, each number is set to 0 with probability `ratio`.

The next layer must receive numbers of the same mean at inference as in training. The book's Dropout makes them smaller
at inference, and InvertedDropout makes them larger in training:

                       training                        inference
    Dropout            out = x * mask                  out = x * (1 - ratio)
    InvertedDropout    out = x * mask / (1 - ratio)    out = x

mask has the shape of x, and so have out, dout and dx. Backward does to dout what training did to x.
"""

import numpy as np


class Dropout:
    """The book's dropout."""

    def __init__(self, dropout_ratio=0.5):
        self.dropout_ratio = dropout_ratio

    def forward(self, x, train_flg=True):
        if train_flg:
            self.mask = np.random.rand(*x.shape) > self.dropout_ratio
            return x * self.mask
        return x * (1.0 - self.dropout_ratio)

    def backward(self, dout):
        return dout * self.mask


class InvertedDropout:
    """The dropout of today's frameworks."""

    def __init__(self, ratio=0.5):
        self.ratio = ratio

    def forward(self, x, train_flg=True):
        self.train_flg = train_flg
        if not train_flg:
            return x.copy()
        self.mask = np.random.rand(*x.shape) >= self.ratio
        return x * self.mask / (1 - self.ratio)

    def backward(self, dout):
        if not self.train_flg:
            return dout.copy()
        return dout * self.mask / (1 - self.ratio)
