import numpy as np
from src.fast.utils import im2col, col2im


class Conv():

    def __init__(self, nb_filters, filter_size, nb_channels, stride=1, padding=0):
        self.n_F = nb_filters
        self.f = filter_size
        self.n_C = nb_channels
        self.s = stride
        self.p = padding
        bound = 1 / np.sqrt(self.f * self.f)
        self.W = {'val': np.random.uniform(-bound, bound, size=(self.n_F, self.n_C, self.f, self.f)),
                  'grad': np.zeros((self.n_F, self.n_C, self.f, self.f))}
        self.b = {'val': np.random.uniform(-bound, bound, size=(self.n_F)), 'grad': np.zeros((self.n_F))}
        self.cache = None

    def forward(self, X):
        m, n_C_prev, n_H_prev, n_W_prev = X.shape
        n_C = self.n_F
        n_H = int((n_H_prev + 2 * self.p - self.f) / self.s) + 1
        n_W = int((n_W_prev + 2 * self.p - self.f) / self.s) + 1
        Xp = np.pad(X, ((0, 0), (0, 0), (self.p, self.p), (self.p, self.p)))
        out = np.zeros((m, n_C, n_H, n_W))
        for i in range(n_H):
            for j in range(n_W):
                out[:, :, i, j] = Xp[:, :, i * self.s:i * self.s + self.f, j * self.s:j * self.s + self.f].reshape(m, -1) @ self.W['val'].reshape(n_C, -1).T + self.b['val']
        self.cache = X, Xp
        return out

    def backward(self, dout):
        X, Xp = self.cache
        m = X.shape[0]
        self.b['grad'] = np.sum(dout, axis=(0, 2, 3))
        dW = np.zeros_like(self.W['val'])
        dXp = np.zeros_like(Xp)
        for i in range(dout.shape[2]):
            for j in range(dout.shape[3]):
                sl = np.s_[:, :, i * self.s:i * self.s + self.f, j * self.s:j * self.s + self.f]
                dW += (dout[:, :, i, j].T @ Xp[sl].reshape(m, -1)).reshape(dW.shape)
                dXp[sl] += (dout[:, :, i, j] @ self.W['val'].reshape(self.n_F, -1)).reshape(Xp[sl].shape)
        self.W['grad'] = dW
        dX = dXp[:, :, self.p:self.p + X.shape[2], self.p:self.p + X.shape[3]]
        return dX, self.W['grad'], self.b['grad']


class AvgPool():

    def __init__(self, filter_size, stride=1, padding=0):
        self.f = filter_size
        self.s = stride
        self.p = padding

    def forward(self, X):
        self.cache = X
        m, n_C, n_H_prev, n_W_prev = X.shape
        n_H, n_W = (n_H_prev - self.f) // self.s + 1, (n_W_prev - self.f) // self.s + 1
        A = np.zeros((m, n_C, n_H, n_W))
        for i in range(n_H):
            for j in range(n_W):
                A[:, :, i, j] = X[:, :, i * self.s:i * self.s + self.f, j * self.s:j * self.s + self.f].mean(axis=(2, 3))
        return A

    def backward(self, dout):
        X = self.cache
        dX = np.zeros(X.shape)
        for i in range(dout.shape[2]):
            for j in range(dout.shape[3]):
                dX[:, :, i * self.s:i * self.s + self.f, j * self.s:j * self.s + self.f] += dout[:, :, i, j][:, :, None, None] / self.f
        return dX


class Fc():

    def __init__(self, row, column):
        self.row = row
        self.col = column
        bound = 1 / np.sqrt(self.row)
        self.W = {'val': np.random.uniform(low=-bound, high=bound, size=(self.row, self.col)), 'grad': 0}
        self.b = {'val': np.random.uniform(low=-bound, high=bound, size=(1, self.row)), 'grad': 0}
        self.cache = None

    def forward(self, fc):
        self.cache = fc
        A_fc = np.dot(fc, self.W['val'].T) + self.b['val']
        return A_fc

    def backward(self, deltaL):
        fc = self.cache
        self.W['grad'] = np.dot(deltaL.T, fc)
        self.b['grad'] = np.sum(deltaL, axis=0)
        new_deltaL = np.dot(deltaL, self.W['val'])
        return new_deltaL, self.W['grad'], self.b['grad']


class TanH():

    def __init__(self, alpha=1.7159):
        self.alpha = alpha
        self.cache = None

    def forward(self, X):
        self.cache = X
        return self.alpha * np.tanh(X)

    def backward(self, new_deltaL):
        X = self.cache
        return new_deltaL * (1 - np.tanh(X) ** 2)


class CrossEntropyLoss():

    def get(self, y_pred, y):
        batch_size = y_pred.shape[1]
        deltaL = y_pred - y
        loss = -np.sum(y * np.log(y_pred)) / batch_size
        return loss, deltaL
