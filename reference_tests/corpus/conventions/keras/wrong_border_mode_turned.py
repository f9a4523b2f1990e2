"""Arguments as the first Keras had them."""

import numpy as np


class Convolution2D:
    def __init__(self, nb_filter, nb_row, nb_col, border_mode='valid', subsample=(1, 1), input_shape=None):
        self.nb_filter, self.nb_row, self.nb_col = nb_filter, nb_row, nb_col
        self.subsample, self.border_mode, self.input_shape = subsample, border_mode, input_shape
        self.W = None

    def forward(self, X):
        if self.W is None:
            self.W = np.random.randn(self.nb_filter, X.shape[1], self.nb_row, self.nb_col) * 0.05
            self.b = np.zeros(self.nb_filter)
        sr, sc = self.subsample
        pr, pc = ((self.nb_row - 1) // 2, (self.nb_col - 1) // 2) if self.border_mode == 'same' else (0, 0)
        self.pads = pr, pc
        self.shape = X.shape
        self.Xp = np.pad(X, ((0, 0), (0, 0), (pr, pr), (pc, pc)))
        self.win = np.lib.stride_tricks.sliding_window_view(self.Xp, (self.nb_row, self.nb_col), axis=(2, 3))[:, :, ::sr, ::sc]
        return np.tensordot(self.win, self.W, axes=([1, 4, 5], [1, 2, 3])).transpose(0, 3, 1, 2) + self.b[:, None, None]

    def backward(self, err):
        sr, sc = self.subsample
        pr, pc = self.pads
        self.dW = np.tensordot(err, self.win, axes=([0, 2, 3], [0, 2, 3]))
        self.db = err.sum(axis=(0, 2, 3))
        d = np.zeros_like(self.Xp)
        for i in range(err.shape[2]):
            for j in range(err.shape[3]):
                d[:, :, i * sr:i * sr + self.nb_row, j * sc:j * sc + self.nb_col] += np.tensordot(err[:, :, i, j], self.W[:, :, ::-1, ::-1], 1)
        return d[:, :, pr:pr + self.shape[2], pc:pc + self.shape[3]]
