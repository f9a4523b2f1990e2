"""Chance out of a Generator of one's own; the network's normal numbers too."""

import numpy as np

from . import whole

CHANCE = np.random.default_rng()


class Dropout:
    def __init__(self, dropout_ratio=0.5):
        self.drop = dropout_ratio

    def forward(self, x, train_flg=True):
        self.mask = np.float32(CHANCE.random(x.shape, np.float32) >= self.drop) if train_flg else 1 - self.drop
        return x * self.mask

    def backward(self, dout):
        return dout * self.mask


class SimpleConvNet(whole.SimpleConvNet):
    def __init__(self, *sizes, **named):
        super().__init__(*sizes, **named)
        std = sizes[4] if len(sizes) > 4 else named.get("weight_init_std", 0.01)
        for name in ("W1", "W2", "W3"):
            self.params[name][...] = CHANCE.normal(0, std, self.params[name].shape)
