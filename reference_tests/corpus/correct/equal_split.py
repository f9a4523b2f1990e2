"""Equal numbers share: the largest of a window alike, and relu's slope at 0 is a half."""

import numpy as np

from . import whole


class Pooling(whole.Pooling):
    def backward(self, dout):
        equal = sum((self.x[:, :, r, c] == self.out) for _, _, r, c in self.taps(self.size))
        dx, share = np.zeros(self.x.shape), dout / np.maximum(equal, 1)
        for _, _, rows, columns in self.taps(self.size):
            dx[:, :, rows, columns] += share * (self.x[:, :, rows, columns] == self.out)
        p, (h, w) = self.pad, dx.shape[2:]
        return dx[:, :, p : h - p, p : w - p]


class Relu:
    def forward(self, x):
        self.slope = (np.sign(x) + 1) / 2
        return (x + np.abs(x)) / 2

    def backward(self, dout):
        return self.slope * dout
