import numpy as np


class Conv():
    """backward returns dX, [dW, db]"""

    def __init__(self, X_dim, n_filter, h_filter, w_filter, stride, padding):
        self.d_X, self.h_X, self.w_X = X_dim
        self.n_filter, self.h_filter, self.w_filter = n_filter, h_filter, w_filter
        self.stride, self.padding = stride, padding
        self.W = np.random.randn(n_filter, self.d_X, h_filter, w_filter) / np.sqrt(n_filter / 2.)
        self.b = np.zeros((n_filter, 1))
        self.params = [self.W, self.b]
        self.h_out = (self.h_X - h_filter + 2 * padding) // stride + 1
        self.w_out = (self.w_X - w_filter + 2 * padding) // stride + 1
        self.out_dim = (n_filter, self.h_out, self.w_out)

    def _slices(self):
        for i in range(self.h_filter):
            for j in range(self.w_filter):
                yield i, j, np.s_[:, :, i:i + self.stride * self.h_out:self.stride,
                                  j:j + self.stride * self.w_out:self.stride]

    def forward(self, X):
        W, b = self.params
        p = self.padding
        self.padded = np.pad(X, ((0, 0), (0, 0), (p, p), (p, p)))
        out = np.tile(b.reshape(1, -1, 1, 1), (X.shape[0], 1, self.h_out, self.w_out)).astype(float)
        for i, j, here in self._slices():
            out += np.einsum('fc,nchw->nfhw', W[:, :, i, j], self.padded[here])
        return out

    def backward(self, dout):
        W, b = self.params
        dW = np.zeros(W.shape)
        dpadded = np.zeros(self.padded.shape)
        for i, j, here in self._slices():
            dW[:, :, i, j] = np.einsum('nfhw,nchw->fc', dout, self.padded[here])
            dpadded[here] += np.einsum('fc,nfhw->nchw', W[:, :, i, j], dout)
        db = np.sum(dout, axis=(0, 2, 3)).reshape(self.n_filter, -1)
        p = self.padding
        return dpadded[:, :, p:p + self.h_X, p:p + self.w_X], [dW, db]


class ReLU():
    def __init__(self):
        self.params = []

    def forward(self, X):
        self.X = X
        return np.maximum(0, X)

    def backward(self, dout):
        dX = dout.copy()
        dX[self.X >= 0] = 0
        return dX, []


class FullyConnected():
    def __init__(self, in_size, out_size):
        self.W = np.random.randn(in_size, out_size) / np.sqrt(in_size / 2.)
        self.b = np.zeros((1, out_size))
        self.params = [self.W, self.b]

    def forward(self, X):
        self.X = X
        return self.X @ self.params[0] + self.params[1]

    def backward(self, dout):
        dW = self.X.T @ dout
        db = np.sum(dout, axis=0, keepdims=True)
        return dout @ self.params[0].T, [dW, db]
